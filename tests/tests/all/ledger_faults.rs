//! Each AWS call of recording fails in each way: never a 201 without a row, never a row twice, and a repeated request
//! succeeds.

use crate::evidence::{audited_writes, expire_leases};
use crate::transactions::{distinct, payment, post, sms};
use crate::world::{Answer, World};
use futures_util::future::join_all;
use palisade_local::{Fault, Injected, Service, When};
use serde_json::json;

const FAULTS: [Fault; 5] = [Fault::Throttle, Fault::InternalError, Fault::Timeout, Fault::Reset, Fault::ResetAfter];
/// More than one piece.
const MANY: usize = 46;

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
#[derive(Clone, Copy, Debug)]
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

/// Makes the call fail in each way, for ever and, if it writes, once, and repeats the request until it succeeds.
async fn never_told_without_a_row(call: Call) {
    let world = World::start().await;
    // What a process keeps, it does not ask for again.
    let forget = || {
        if matches!(call.operation, "Decrypt" | "GetSecretValue") {
            for name in ["record-transaction", "record-in-bulk"] {
                world.function(name).restart();
            }
        }
    };
    // A single failure of a read is the SDK's to try again; of a write it may have been applied.
    let is_write = matches!(call.operation, "PutItem" | "TransactWriteItems");
    let often: &[usize] = if is_write { &[1, usize::MAX] } else { &[usize::MAX] };
    let cases = FAULTS.into_iter().flat_map(|fault| often.iter().map(move |times| (fault, *times)));
    for (number, (fault, times)) in cases.enumerate() {
        let user = &format!("u{number}");
        let before = usize::from(call.operation == "Decrypt");
        if before == 1 {
            post(&world, &world.keys.all, &sms(user, &payment(1000))).send().await.expect(201);
        }
        forget();
        let written = audited_writes(&world, "demo").await;
        let injected = call.fails(&world, times, fault);
        let first = call.way.send(&world, user).await;
        let case = format!("{call:?} {fault:?} x{times}: {} {}", first.status, first.body);
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
        forget();
        expire_leases(&world).await;
        let again = call.way.send(&world, user).await;
        assert!(call.way.is_told(&again), "{case}: then {} {}", again.status, again.body);
        assert_eq!(distinct(&world, user).await - before, call.way.rows(), "{case}");
        if call.way == Way::One {
            assert_eq!(audited_writes(&world, "demo").await - written, 1, "{case}");
        }
    }
}

#[tokio::test]
async fn whatever_call_fails_one_message_is_told_when_it_is_stored_and_stored_once() {
    let dynamo = |operation, table| call(Way::One, Service::DynamoDb, operation, table);
    let calls = [
        dynamo("PutItem", "requests"),
        dynamo("GetItem", "subject-keys"),
        dynamo("PutItem", "subject-keys"),
        dynamo("BatchGetItem", "ledger"),
        dynamo("Query", "ledger"),
        dynamo("TransactWriteItems", "ledger"),
        call(Way::One, Service::Kms, "GenerateDataKey", ""),
        call(Way::One, Service::Kms, "Decrypt", ""),
        call(Way::One, Service::SecretsManager, "GetSecretValue", "audit"),
    ];
    join_all(calls.map(never_told_without_a_row)).await;
}

#[tokio::test]
async fn whatever_call_fails_many_messages_are_told_when_they_are_stored_and_stored_once() {
    let dynamo = |operation, table| call(Way::Bulk, Service::DynamoDb, operation, table);
    let calls = [
        dynamo("PutItem", "requests"),
        dynamo("GetItem", "subject-keys"),
        // Of the second piece.
        Call { skip: 1, ..dynamo("GetItem", "subject-keys") },
        dynamo("PutItem", "subject-keys"),
        Call { skip: 1, ..dynamo("BatchGetItem", "ledger") },
        Call { skip: 1, ..dynamo("TransactWriteItems", "ledger") },
        // Of the answer.
        dynamo("TransactWriteItems", "requests"),
        call(Way::Bulk, Service::Kms, "GenerateDataKey", ""),
        call(Way::Bulk, Service::Kms, "Decrypt", ""),
        call(Way::Bulk, Service::SecretsManager, "GetSecretValue", "audit"),
    ];
    join_all(calls.map(never_told_without_a_row)).await;
}

#[tokio::test]
async fn a_claim_that_cannot_be_given_up_lapses() {
    join_all([Way::One, Way::Bulk].map(|way| async move {
        let world = World::start().await;
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let user = &format!("u{number}");
            let failing =
                call(way, Service::DynamoDb, "BatchGetItem", "ledger").fails(&world, usize::MAX, Fault::Reset);
            let stuck = call(way, Service::DynamoDb, "DeleteItem", "requests").fails(&world, usize::MAX, fault);
            way.send(&world, user).await.refused(503, "unavailable");
            assert!(stuck.fired() > 0);
            failing.stop();
            stuck.stop();
            if fault != Fault::ResetAfter {
                let waiting = way.send(&world, user).await;
                assert_ne!(waiting.header("retry-after"), "");
                waiting.refused(409, "request_in_flight");
            }
            expire_leases(&world).await;
            let again = way.send(&world, user).await;
            assert!(way.is_told(&again), "{way:?} {fault:?}: {} {}", again.status, again.body);
            assert_eq!(distinct(&world, user).await, way.rows());
        }
    }))
    .await;
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
            let said = answer.said();
            for inside in ["SHOP", "4321", "debited", "Exception", "palisade-", "arn:", "ynamo", "Kms", "Sdk", "panic"]
            {
                assert!(!said.contains(inside), "{inside}: {said}");
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
