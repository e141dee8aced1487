//! Each AWS call of recording fails in each way: never a 201 without a row, never a row twice, and a repeated request
//! succeeds.

use crate::evidence::{audited_writes, expire_leases};
use crate::transactions::{distinct, payment, post, sms};
use crate::world::{Answer, World};
use futures_util::StreamExt;
use palisade_local::{Fault, Injected, Service, When};
use serde_json::json;

const FAULTS: [Fault; 5] = [Fault::Throttle, Fault::InternalError, Fault::Timeout, Fault::Reset, Fault::ResetAfter];
/// More than one piece.
const MANY: usize = 60;
/// How many worlds there are at once: most of the time they wait.
const ABREAST: usize = 6;

/// Which of the two ways to record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    One,
    Bulk,
}

impl Way {
    fn rows(self) -> usize {
        if self == Self::One { 1 } else { MANY }
    }

    async fn send(self, world: &World, user: &str) -> Answer {
        let call = match self {
            Self::One => post(world, &world.keys.all, &sms(user, &payment(1))),
            Self::Bulk => {
                let messages: Vec<String> = (1..=MANY).map(payment).collect();
                let body = json!({"user_id": user, "channel": "sms", "messages": messages});
                world.post("/v1/transactions/bulk").key(&world.keys.all).json(&body)
            }
        };
        call.header("idempotency-key", &format!("for-{user}")).send().await
    }

    /// Whether the answer says that all is stored by this request.
    fn is_told(self, answer: &Answer) -> bool {
        let body = answer.json();
        match self {
            Self::One => answer.status == 201 && body["duplicate"] == false,
            Self::Bulk => answer.status == 200 && body["stored"] == MANY && body["complete"] == true,
        }
    }
}

/// A call that fails.
#[derive(Clone, Copy)]
struct Call {
    way: Way,
    service: Service,
    operation: &'static str,
    /// A part of what it says.
    containing: &'static str,
    /// How many times it goes well before.
    skip: usize,
}

impl Call {
    fn fails(&self, world: &World, times: usize, fault: Fault) -> Injected {
        let when = When::call(self.service, self.operation).containing(self.containing).skip(self.skip).times(times);
        world.cloud.faults().inject(when, fault)
    }
}

/// Every call of a way to record, to what.
const fn call(way: Way, service: Service, operation: &'static str, containing: &'static str) -> Call {
    Call { way, service, operation, containing, skip: 0 }
}

/// Makes the call fail once and for ever, and repeats the request until it succeeds.
async fn never_told_without_a_row(call: Call, fault: Fault) {
    let world = World::start().await;
    for (user, times) in [("u1", 1), ("u2", usize::MAX)] {
        if call.operation == "Decrypt" {
            // The key is there, and the process does not know it.
            post(&world, &world.keys.all, &sms(user, &payment(1000))).send().await.expect(201);
            for name in ["record-transaction", "record-in-bulk"] {
                world.function(name).restart();
            }
        }
        let before = distinct(&world, user).await;
        let written = audited_writes(&world, "demo").await;
        let injected = call.fails(&world, times, fault);
        let first = call.way.send(&world, user).await;
        let case = format!(
            "{:?} {} {} {fault:?} x{times}: {} {}",
            call.way, call.operation, call.containing, first.status, first.body
        );
        assert!(injected.fired() > 0, "{case}: never met");
        injected.stop();
        let found = distinct(&world, user).await - before;
        if first.status < 300 {
            assert!(call.way.is_told(&first), "{case}");
            assert_eq!(found, call.way.rows(), "{case}");
        } else {
            assert_ne!(first.header("retry-after"), "", "{case}");
            assert!(found == 0 || found == call.way.rows() || call.way == Way::Bulk, "{case}: {found}");
            first.refused(503, "unavailable");
            // The key of a person is put at most once, so that what was erased stays erased.
            assert!(times > 1 || call.containing == "subject-keys", "{case}: a single fault is retried");
        }
        expire_leases(&world).await;
        let again = call.way.send(&world, user).await;
        assert!(call.way.is_told(&again), "{case}: then {} {}", again.status, again.body);
        assert_eq!(distinct(&world, user).await - before, call.way.rows(), "{case}");
        if call.way == Way::One {
            assert_eq!(audited_writes(&world, "demo").await - written, 1, "{case}");
        }
    }
}

async fn each_fails(calls: &[Call]) {
    let cases = calls.iter().flat_map(|call| FAULTS.map(|fault| never_told_without_a_row(*call, fault)));
    futures_util::stream::iter(cases).buffer_unordered(ABREAST).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_failing_read_of_one_stores_nothing_or_everything() {
    let read = |operation, table| call(Way::One, Service::DynamoDb, operation, table);
    each_fails(&[read("GetItem", "subject-keys"), read("BatchGetItem", "ledger"), read("Query", "ledger")]).await;
}

#[tokio::test]
async fn a_failing_write_of_one_stores_nothing_or_everything() {
    let write = |operation, table| call(Way::One, Service::DynamoDb, operation, table);
    each_fails(&[
        write("PutItem", "requests"),
        write("PutItem", "subject-keys"),
        write("TransactWriteItems", "ledger"),
    ])
    .await;
}

#[tokio::test]
async fn a_failing_read_of_many_stores_nothing_twice() {
    let read = |operation, table| call(Way::Bulk, Service::DynamoDb, operation, table);
    each_fails(&[
        read("GetItem", "subject-keys"),
        Call { skip: 1, ..read("GetItem", "subject-keys") },
        Call { skip: 1, ..read("BatchGetItem", "ledger") },
    ])
    .await;
}

#[tokio::test]
async fn a_failing_write_of_many_stores_nothing_twice() {
    let write = |operation, table| call(Way::Bulk, Service::DynamoDb, operation, table);
    each_fails(&[
        write("PutItem", "requests"),
        write("PutItem", "subject-keys"),
        Call { skip: 1, ..write("TransactWriteItems", "ledger") },
        write("TransactWriteItems", "requests"),
    ])
    .await;
}

#[tokio::test]
async fn a_key_that_cannot_be_had_stores_nothing() {
    let kms = |way, operation| call(way, Service::Kms, operation, "");
    each_fails(&[
        kms(Way::One, "GenerateDataKey"),
        kms(Way::One, "Decrypt"),
        kms(Way::Bulk, "GenerateDataKey"),
        kms(Way::Bulk, "Decrypt"),
    ])
    .await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_stores_nothing() {
    // The audit's: the others are the front door's.
    let audit = |way| call(way, Service::SecretsManager, "GetSecretValue", "audit");
    let cases = [audit(Way::One), audit(Way::Bulk)];
    let cases = cases.iter().flat_map(|call| FAULTS.map(|fault| (call, fault)));
    let cases = cases.map(|(call, fault)| async move {
        let world = World::start().await;
        let injected = call.fails(&world, usize::MAX, fault);
        let first = call.way.send(&world, "u1").await;
        assert!(injected.fired() > 0, "{:?} {fault:?}", call.way);
        first.refused(503, "unavailable");
        injected.stop();
        assert_eq!(distinct(&world, "u1").await, 0);
        // A process that was refused a secret asks again some seconds later; the next one does at once.
        for name in ["record-transaction", "record-in-bulk"] {
            world.function(name).restart();
        }
        let again = call.way.send(&world, "u1").await;
        assert!(call.way.is_told(&again), "{:?} {fault:?}: {} {}", call.way, again.status, again.body);
    });
    futures_util::stream::iter(cases).buffer_unordered(ABREAST).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_claim_that_cannot_be_given_up_lapses() {
    let cases = [Way::One, Way::Bulk].into_iter().flat_map(|way| FAULTS.map(|fault| (way, fault)));
    let cases = cases.map(|(way, fault)| async move {
        let world = World::start().await;
        let failing = call(way, Service::DynamoDb, "TransactWriteItems", "ledger").fails(
            &world,
            usize::MAX,
            Fault::InternalError,
        );
        let stuck = call(way, Service::DynamoDb, "DeleteItem", "requests").fails(&world, usize::MAX, fault);
        way.send(&world, "u1").await.refused(503, "unavailable");
        assert!(stuck.fired() > 0);
        failing.stop();
        stuck.stop();
        if fault != Fault::ResetAfter {
            let waiting = way.send(&world, "u1").await;
            assert_ne!(waiting.header("retry-after"), "");
            waiting.refused(409, "request_in_flight");
        }
        expire_leases(&world).await;
        let again = way.send(&world, "u1").await;
        assert!(way.is_told(&again), "{way:?} {fault:?}: {} {}", again.status, again.body);
        assert_eq!(distinct(&world, "u1").await, way.rows());
    });
    futures_util::stream::iter(cases).buffer_unordered(ABREAST).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn without_an_idempotency_key_a_repeated_message_is_still_stored_once() {
    let world = World::start().await;
    for (fault, user) in FAULTS.into_iter().zip(["u1", "u2", "u3", "u4", "u5"]) {
        let failing =
            call(Way::One, Service::DynamoDb, "TransactWriteItems", "ledger").fails(&world, usize::MAX, fault);
        let send = || post(&world, &world.keys.all, &sms(user, &payment(1))).send();
        send().await.refused(503, "unavailable");
        failing.stop();
        // What was stored without an answer is found.
        let again = send().await;
        assert_eq!(again.status, if fault == Fault::ResetAfter { 200 } else { 201 }, "{fault:?}: {}", again.body);
        assert_eq!(distinct(&world, user).await, 1);
    }
}

#[tokio::test]
async fn a_problem_about_a_fault_says_nothing_of_the_message() {
    let world = World::start().await;
    for (service, operation, users) in
        [(Service::DynamoDb, "TransactWriteItems", ["u1", "u2"]), (Service::Kms, "GenerateDataKey", ["u3", "u4"])]
    {
        let failing = world.cloud.faults().inject(When::call(service, operation), Fault::InternalError);
        for (way, user) in [Way::One, Way::Bulk].into_iter().zip(users) {
            let answer = way.send(&world, user).await;
            for inside in ["SHOP", "4321", "debited", "Exception", "palisade-", "arn:", "ynamo", "Kms", "Sdk", "panic"]
            {
                assert!(!answer.body.contains(inside), "{inside}: {}", answer.body);
            }
            answer.refused(503, "unavailable");
        }
        failing.stop();
    }
    for function in ["record-transaction", "record-in-bulk"] {
        for line in world.function(function).logs() {
            assert!(!line.contains("SHOP") && !line.contains("debited"), "{line}");
        }
    }
}
