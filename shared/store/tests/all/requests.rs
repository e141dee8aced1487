//! Idempotency keys, and the windows of the exact limit.

use aws_sdk_dynamodb::types::AttributeValue;
use palisade_local::{Fault, Service, When};
use store::{Attempt, Begun, Claim, CommitError, StoredAnswer, UnitOfWork, Window};
use ulid::Ulid;

use crate::tables::{NOON, Tables, after, entry, now, tenant};

const BODY: [u8; 32] = [7; 32];

impl Tables {
    async fn begin(&self, fence: &str, seconds: i64) -> Begun {
        self.requests.begin(&tenant("acme"), "route", "key", &BODY, fence, after(seconds)).await.unwrap()
    }

    async fn claim(&self) -> Claim {
        let Begun::Claimed(claim) = self.begin("one", 0).await else { panic!() };
        claim
    }

    async fn answer(&self, claim: &Claim) -> Result<(), CommitError> {
        let answer = answer();
        let attempt = Attempt { requests: &self.requests, claim, answer: &answer };
        let token = Ulid::generate().to_string();
        UnitOfWork::default().commit(&self.dynamo, &self.audit, entry(), Some(attempt), &token, now()).await
    }

    async fn rows(&self) -> Vec<std::collections::HashMap<String, AttributeValue>> {
        self.dynamo.scan().table_name("palisade-dev-requests").send().await.unwrap().items.unwrap_or_default()
    }

    async fn count(&self, limit: u32, seconds: i64) -> Window {
        self.requests.admit(&tenant("acme"), ("who", "what"), limit, 60, after(seconds)).await.unwrap()
    }
}

fn answer() -> StoredAnswer {
    StoredAnswer { status: 201, etag: Some("\"1\"".to_owned()), body: "{}".to_owned() }
}

fn number(row: &std::collections::HashMap<String, AttributeValue>, name: &str) -> i64 {
    row[name].as_n().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_key_that_is_claimed_is_in_flight_until_its_lease_ends() {
    let tables = Tables::new().await;
    tables.claim().await;
    assert!(matches!(tables.begin("two", 0).await, Begun::InFlight(30)));
    assert!(matches!(tables.begin("two", 29).await, Begun::InFlight(1)));
    // An attempt whose own answer was lost is told that it has the claim.
    assert!(matches!(tables.begin("one", 29).await, Begun::Claimed(_)));
    assert!(matches!(tables.begin("two", 30).await, Begun::Claimed(_)));
}

#[tokio::test]
async fn an_answer_is_replayed_for_a_day_and_for_the_same_body_only() {
    let tables = Tables::new().await;
    let claim = tables.claim().await;
    tables.answer(&claim).await.unwrap();
    for seconds in [1, 60, 24 * 60 * 60 - 1] {
        let Begun::Answered(found) = tables.begin("two", seconds).await else { panic!("after {seconds} s") };
        assert_eq!(found, answer());
    }
    let reused = tables.requests.begin(&tenant("acme"), "route", "key", &[8; 32], "two", after(1)).await.unwrap();
    assert!(matches!(reused, Begun::Reused));
    assert!(matches!(tables.begin("two", 24 * 60 * 60).await, Begun::Claimed(_)));
}

#[tokio::test]
async fn a_key_is_that_of_its_tenant_and_route_and_is_not_stored_in_clear() {
    let tables = Tables::new().await;
    tables.claim().await;
    for (owner, route, key) in [("other", "route", "key"), ("acme", "other", "key"), ("acme", "route", "other")] {
        let begun = tables.requests.begin(&tenant(owner), route, key, &BODY, "two", NOON).await.unwrap();
        assert!(matches!(begun, Begun::Claimed(_)), "{owner} {route} {key}");
    }
    let keys: Vec<String> = tables.rows().await.iter().map(|row| row["pk"].as_s().unwrap().clone()).collect();
    assert!(keys.iter().all(|key| key.rsplit('#').next().unwrap().len() == 64), "{keys:?}");
}

#[tokio::test]
async fn a_claim_that_is_given_up_is_free_and_one_that_was_answered_stays() {
    let tables = Tables::new().await;
    let claim = tables.claim().await;
    assert!(!tables.requests.release(&claim).await.unwrap());
    assert!(tables.rows().await.is_empty());
    // It is nobody's now, and says so again.
    assert!(!tables.requests.release(&claim).await.unwrap());
    let claim = tables.claim().await;
    tables.answer(&claim).await.unwrap();
    assert!(tables.requests.release(&claim).await.unwrap());
    assert!(matches!(tables.begin("two", 1).await, Begun::Answered(_)));
}

#[tokio::test]
async fn a_claim_that_another_attempt_took_over_is_neither_given_up_nor_answered() {
    let tables = Tables::new().await;
    let claim = tables.claim().await;
    let Begun::Claimed(taken) = tables.begin("two", 30).await else { panic!() };
    assert!(!tables.requests.release(&claim).await.unwrap());
    assert!(matches!(tables.answer(&claim).await, Err(CommitError::Superseded)));
    tables.answer(&taken).await.unwrap();
    // It was answered, but not by this attempt.
    assert!(!tables.requests.release(&claim).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_told_is_an_error() {
    let tables = Tables::new().await;
    let claim = tables.claim().await;
    let _fault = tables.cloud.faults().inject(When::any(Service::DynamoDb), Fault::InternalError);
    assert!(tables.requests.release(&claim).await.is_err());
    assert!(tables.requests.begin(&tenant("acme"), "route", "key", &BODY, "two", NOON).await.is_err());
    assert!(tables.requests.admit(&tenant("acme"), ("who", "what"), 1, 60, NOON).await.is_err());
}

#[tokio::test]
async fn a_window_admits_as_many_as_its_limit_and_then_the_next_one_does() {
    let tables = Tables::new().await;
    let (left, none) = (
        |rest, resets_in| Window { remaining: Some(rest), resets_in },
        |resets_in| Window { remaining: None, resets_in },
    );
    assert_eq!(tables.count(2, 0).await, left(1, 60));
    assert_eq!(tables.count(2, 25).await, left(0, 35));
    assert_eq!(tables.count(2, 59).await, none(1));
    assert_eq!(tables.count(2, 60).await, left(1, 60));
    let mut windows: Vec<(i64, i64)> =
        tables.rows().await.iter().map(|row| (number(row, "expires"), number(row, "hits"))).collect();
    windows.sort_unstable();
    // DynamoDB removes a window once the next one has passed too.
    assert_eq!(windows, [(after(120).as_second(), 2), (after(180).as_second(), 1)]);
}

#[tokio::test]
async fn each_key_and_route_is_counted_by_itself() {
    let tables = Tables::new().await;
    let count = async |owner: &str, kid: &str, route: &str| {
        let kid = kernel::KeyId::parse(kid).unwrap();
        tables.requests.count(&tenant(owner), &kid, route, 1, NOON).await.unwrap().remaining
    };
    assert_eq!(count("acme", "0abcdefghijk", "one").await, Some(0));
    assert_eq!(count("acme", "0abcdefghijk", "one").await, None);
    assert_eq!(count("acme", "0abcdefghijl", "one").await, Some(0));
    assert_eq!(count("acme", "0abcdefghijk", "two").await, Some(0));
    assert_eq!(count("other", "0abcdefghijk", "one").await, Some(0));
}
