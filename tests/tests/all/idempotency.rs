//! `Idempotency-Key`: a request is carried out once, whoever repeats it and whenever.

use crate::evidence::{audited_writes, expire_leases, ingest, readings, timed};
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

const WHEN: &str = "2026-01-01T00:00:00Z";

fn body() -> Value {
    timed("pump", 1.5, WHEN)
}

fn commits(world: &World) -> u64 {
    world.cloud.calls_of(Service::DynamoDb, "TransactWriteItems")
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before_with_its_own_request_id() {
    let world = World::start().await;
    let first = ingest(&world, "one", &body()).send().await;
    let again = ingest(&world, "one", &body()).send().await;
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let (request, replay) = (first.header("x-request-id").to_owned(), again.header("x-request-id").to_owned());
    let (mut first, mut again) = (first.expect(200), again.expect(200));
    assert_eq!((first["request_id"].take(), again["request_id"].take()), (json!(request), json!(replay)));
    assert_ne!(request, replay);
    assert_eq!(first, again);
    assert_eq!(commits(&world), 1);
}

#[tokio::test]
async fn a_body_with_its_members_in_another_order_is_the_same_body() {
    let world = World::start().await;
    let one = r#"{"sensor_id":"a","sensor_type":"flow","unit":"l","value":1,"timestamp":"2026-01-01T00:00:00Z","metadata":{"x":"1","y":"2"}}"#;
    let other = r#"{ "metadata":{"y":"2","x":"1"},"value":1, "timestamp":"2026-01-01T00:00:00Z","unit":"l","sensor_type":"flow","sensor_id":"\u0061"}"#;
    let request = |body: &'static str| {
        world.post("/v1/ingest").key(&world.keys.all).header("idempotency-key", "k").body(body).send()
    };
    request(one).await.expect(200);
    let again = request(other).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"), "{}", again.body);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let world = World::start().await;
    ingest(&world, "one", &body()).send().await.expect(200);
    let other = ingest(&world, "one", &timed("pump", 1.6, WHEN)).send().await;
    other.refused(422, "idempotency_key_reused");
    assert_eq!(readings(&world, "pump").await[0]["value"], 1.5);
}

#[tokio::test]
async fn the_keys_of_two_tenants_do_not_meet() {
    let world = World::start().await;
    ingest(&world, "one", &body()).send().await.expect(200);
    let request = world.post("/v1/ingest").key(&world.keys.other_tenant).header("idempotency-key", "one");
    let other = request.json(&timed("pump", 9.0, WHEN)).send().await;
    assert_eq!((other.status, other.header("idempotency-replayed")), (200, ""));
}

#[tokio::test]
async fn of_concurrent_equal_requests_one_is_carried_out_and_the_other_is_told_to_wait() {
    let world = World::start().await;
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems"));
    let body = body();
    let meanwhile = async {
        gate.arrived(1).await;
        let second = ingest(&world, "one", &body).send().await;
        gate.release();
        second
    };
    let (first, second) = tokio::join!(ingest(&world, "one", &body).send(), meanwhile);
    first.expect(200);
    assert_ne!(second.header("retry-after"), "");
    second.refused(409, "request_in_flight");
    assert_eq!(ingest(&world, "one", &body).send().await.header("idempotency-replayed"), "true");
    assert_eq!(commits(&world), 1);
}

#[tokio::test]
async fn a_failed_request_is_carried_out_when_it_is_repeated() {
    let world = World::start().await;
    let failing =
        world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::InternalError);
    ingest(&world, "one", &body()).send().await.refused(503, "unavailable");
    failing.stop();
    let again = ingest(&world, "one", &body()).send().await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, ""), "{}", again.body);
    assert_eq!(readings(&world, "pump").await.len(), 1);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_every_time_is_found_and_reported_as_done() {
    let world = World::start().await;
    let lost = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::ResetAfter);
    ingest(&world, "one", &body()).send().await.expect(200);
    assert!(lost.fired() > 1, "the SDK tries again");
    lost.stop();
    assert_eq!(ingest(&world, "one", &body()).send().await.header("idempotency-replayed"), "true");
    assert_eq!((readings(&world, "pump").await.len(), audited_writes(&world, "demo").await), (1, 1));
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_still_ours() {
    let world = World::start().await;
    let claim = When::call(Service::DynamoDb, "PutItem").times(1);
    let lost = world.cloud.faults().inject(claim, Fault::ResetAfter);
    let first = ingest(&world, "one", &body()).send().await;
    assert_eq!((first.status, first.header("idempotency-replayed"), lost.fired()), (200, "", 1), "{}", first.body);
}

#[tokio::test]
async fn a_process_that_dies_before_its_commit_stores_nothing_twice() {
    let world = World::start().await;
    let body = body();
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").times(1));
    let killed = async {
        gate.arrived(1).await;
        world.function("ingest").kill();
    };
    let (answer, ()) = tokio::join!(ingest(&world, "one", &body).send(), killed);
    assert!(answer.status >= 500, "{answer:?}");
    drop(gate);
    expire_leases(&world).await;
    ingest(&world, "one", &body).send().await.expect(200);
    assert_eq!((readings(&world, "pump").await.len(), audited_writes(&world, "demo").await), (1, 1));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_commits_nothing() {
    let world = World::start().await;
    let body = body();
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").times(1));
    let takeover = async {
        gate.arrived(1).await;
        expire_leases(&world).await;
        let second = ingest(&world, "one", &body).send().await;
        gate.release();
        second
    };
    let (late, second) = tokio::join!(ingest(&world, "one", &body).send(), takeover);
    second.expect(200);
    // The late worker finds its fence gone; sent again by the SDK or not, it commits nothing.
    late.refused(409, "request_in_flight");
    assert_eq!((readings(&world, "pump").await.len(), audited_writes(&world, "demo").await), (1, 1));
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    let world = World::start().await;
    for bad in ["", "with space", &"x".repeat(256)] {
        ingest(&world, bad, &body()).send().await.refused(400, "invalid_request");
    }
    ingest(&world, &"x".repeat(255), &body()).send().await.expect(200);
}
