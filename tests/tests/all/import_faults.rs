//! A file is worked off to its end, each row once, although its worker dies, has no time, or meets a fault.

use crate::imports::{announce, begin, counts, done, event, file, look, told, upload, worker};
use crate::transactions::{payment, post, sms};
use crate::world::World;
use futures_util::future::join_all;
use palisade_local::{Fault, Service, When};
use serde_json::json;
use std::time::{Duration, Instant};

const FAULTS: [Fault; 5] = [Fault::Throttle, Fault::InternalError, Fault::Timeout, Fault::Reset, Fault::ResetAfter];
/// More than one piece.
const ROWS: usize = 46;

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_is_followed_by_another() {
    for (operation, applied) in [("TransactWriteItems", false), ("TransactWriteItems", true), ("BatchGetItem", false)] {
        let mut world = World::start().await;
        let id = begin(&world, file("u1", 1, 200)).await;
        let message = event(&told(&world));
        // Held at its second piece; or, where the commit is applied, at what it asks for after it.
        let when = When::call(Service::DynamoDb, if applied { "GetItem" } else { operation });
        let gate = world.cloud.faults().hold(when.skip(if applied { 6 } else { 1 }).times(1));
        let killed = async {
            gate.arrived(1).await;
            worker(&world).kill();
        };
        let (answer, ()) = tokio::join!(worker(&world).invoke(message), killed);
        assert!(answer.is_err(), "{answer:?}");
        drop(gate);
        let half = look(&world, &id).await;
        assert_eq!(half["status"], "processing", "{half}");
        world.flow().await;
        done(&world, "u1", &id, [200, 200, 0, 0], 200).await;
    }
}

#[tokio::test]
async fn a_worker_that_dies_before_it_deletes_the_file_is_followed_by_one_that_does() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 20)).await;
    let message = event(&told(&world));
    let gate = world.cloud.faults().hold(When::call(Service::S3, "DeleteObject").times(1));
    let killed = async {
        gate.arrived(1).await;
        worker(&world).kill();
    };
    let (answer, ()) = tokio::join!(worker(&world).invoke(message), killed);
    assert!(answer.is_err());
    drop(gate);
    assert_eq!(world.cloud.objects("ImportsBucket").unwrap().len(), 1);
    world.flow().await;
    done(&world, "u1", &id, [20, 20, 0, 0], 20).await;
}

/// A worker of which the `held`th commit takes until the time is nearly up.
async fn cut_short(world: &World, held: usize) -> String {
    worker(world).set_timeout(Duration::from_secs(4));
    // The SDK asks again after a second and a half, and the worker stops two seconds before its end.
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").skip(held).times(2));
    let slow = async {
        gate.arrived(1).await;
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(worker(world).invoke(event(&told(world))), slow);
    worker(world).set_timeout(Duration::from_secs(60));
    String::from_utf8(answer.unwrap().body.to_vec()).unwrap()
}

#[tokio::test]
async fn when_time_runs_short_the_rest_is_left_to_a_message() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 200)).await;
    assert_eq!(cut_short(&world, 0).await, r#"{"batchItemFailures":[]}"#);
    let half = look(&world, &id).await;
    assert_eq!((&half["status"], counts(&half)), (&json!("processing"), [45, 45, 0, 0]), "{half}");
    let messages = world.cloud.messages("ImportsQueue").unwrap();
    let more: Vec<&String> =
        messages.iter().map(|message| &message.body).filter(|body| !body.contains("Records")).collect();
    assert_eq!(more.len(), 1, "{messages:?}");
    worker(&world).invoke(event(more[0])).await.unwrap();
    assert_eq!(counts(&look(&world, &id).await), [200, 200, 0, 0]);
    world.flow().await;
    done(&world, "u1", &id, [200, 200, 0, 0], 200).await;
}

/// Injects each fault into `operation`, for as long as a worker tries it, and lets the queue bring the file back.
async fn completed_in_the_end((service, operation): (Service, &str)) {
    let mut world = World::start().await;
    for (number, fault) in FAULTS.into_iter().enumerate() {
        let user = &format!("u{number}");
        if operation == "Decrypt" {
            post(&world, &world.keys.all, &sms(user, &payment(1))).send().await.expect(201);
        }
        // What a process keeps, it does not ask for again.
        worker(&world).restart();
        let started = announce(&world, user, file(user, 1, ROWS).len()).await;
        let injected = world.cloud.faults().inject(When::call(service, operation).times(4), fault);
        assert_eq!(upload(&started, file(user, 1, ROWS)).await, 200);
        world.flow().await;
        assert!(injected.fired() > 0, "{operation} {fault:?}");
        injected.stop();
        let known = u64::from(operation == "Decrypt");
        let rows = u64::try_from(ROWS).unwrap();
        done(&world, user, &started["import_id"], [rows, rows - known, known, 0], ROWS).await;
    }
}

#[tokio::test]
async fn a_file_is_completed_whatever_call_fails_at_first() {
    let calls = [
        (Service::S3, "GetObject"),
        (Service::S3, "DeleteObject"),
        (Service::DynamoDb, "GetItem"),
        (Service::DynamoDb, "BatchGetItem"),
        (Service::DynamoDb, "PutItem"),
        (Service::DynamoDb, "TransactWriteItems"),
        (Service::Kms, "GenerateDataKey"),
        (Service::Kms, "Decrypt"),
    ];
    join_all(calls.map(completed_in_the_end)).await;
}

/// What a worker answers when others are in the way of its first `lost` commits, and how long it takes.
async fn in_the_way(lost: usize) -> (String, Duration) {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 20)).await;
    let others = When::call(Service::DynamoDb, "TransactWriteItems").times(lost);
    let injected = world.cloud.faults().inject(others, Fault::Conflict);
    let began = Instant::now();
    let answer = worker(&world).invoke(event(&told(&world))).await.unwrap();
    let took = began.elapsed();
    assert_eq!(injected.fired(), lost);
    world.flow().await;
    done(&world, "u1", &id, [20, 20, 0, 0], 20).await;
    (String::from_utf8(answer.body.to_vec()).unwrap(), took)
}

#[tokio::test]
async fn a_piece_that_others_are_in_the_way_of_is_begun_anew_ten_times_after_ever_longer_pauses() {
    let ((tenth, took), (eleventh, _)) = tokio::join!(in_the_way(10), in_the_way(11));
    assert_eq!(tenth, r#"{"batchItemFailures":[]}"#);
    // 10 ms, and each time twice as long.
    assert!(took >= Duration::from_millis(10 * 1_023), "{took:?}");
    assert_eq!(eleventh, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);
}

#[tokio::test]
async fn a_file_is_completed_although_the_rest_cannot_be_left_to_a_message() {
    for fault in [Fault::InternalError, Fault::ResetAfter] {
        let mut world = World::start().await;
        let id = begin(&world, file("u1", 1, 100)).await;
        let injected = world.cloud.faults().inject(When::call(Service::Sqs, "SendMessage"), fault);
        let answer = cut_short(&world, 0).await;
        assert_eq!(answer, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#, "the message comes back instead");
        assert!(injected.fired() > 0);
        injected.stop();
        assert_eq!(counts(&look(&world, &id).await), [45, 45, 0, 0]);
        world.flow().await;
        done(&world, "u1", &id, [100, 100, 0, 0], 100).await;
    }
}

#[tokio::test]
async fn a_file_is_completed_although_the_audit_cannot_be_signed_at_first() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 100)).await;
    let failing = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::InternalError);
    let answer = worker(&world).invoke(event(&told(&world))).await.unwrap();
    assert_eq!(answer.body, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);
    assert!(failing.fired() > 0);
    failing.stop();
    assert_eq!(counts(&look(&world, &id).await), [0; 4], "what is not audited is not stored");
    // A process that was refused a secret asks again some seconds later; the next one does at once.
    worker(&world).restart();
    world.flow().await;
    done(&world, "u1", &id, [100, 100, 0, 0], 100).await;
}
