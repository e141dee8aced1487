//! Each AWS call of ingest fails in each way: never a 200 without a durable write, never twice.

use crate::evidence::{audited_writes, expire_leases, ingest, readings};
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

const FAULTS: [Fault; 5] = [Fault::Throttle, Fault::InternalError, Fault::Timeout, Fault::Reset, Fault::ResetAfter];
/// Fits into one transaction.
const FEW: usize = 2;
/// Does not, and is staged.
const MANY: usize = 120;

fn batch(sensors: usize) -> Value {
    let reading = |index| {
        json!({"sensor_id": format!("s{index}"), "sensor_type": "flow", "unit": "l", "value": index,
               "timestamp": "2026-01-01T00:00:00Z"})
    };
    json!({"readings": (0..sensors).map(reading).collect::<Vec<_>>()})
}

/// How many of the sensors are listed, each with its one reading.
async fn stored(world: &World) -> usize {
    let page = world.get("/v1/sensors?limit=200").key(&world.keys.all).send().await.expect(200);
    let sensors = page["sensors"].as_array().unwrap();
    assert!(sensors.iter().all(|sensor| sensor["count"] == 1), "{page}");
    sensors.len()
}

/// Injects each fault into `operation`, once and for ever, and repeats the request until it succeeds.
async fn never_a_200_without_a_write(operation: &str, sensors: usize) {
    for fault in FAULTS {
        for times in [1, usize::MAX] {
            let world = World::start().await;
            let when = When::call(Service::DynamoDb, operation).times(times);
            let injected = world.cloud.faults().inject(when, fault);
            let first = ingest(&world, "the-one", &batch(sensors)).send().await;
            let case = format!("{operation} {fault:?} x{times}: {} {}", first.status, first.body);
            assert!(injected.fired() > 0, "{case}: never met");
            injected.stop();
            let found = stored(&world).await;
            assert!(found == 0 || found == sensors, "{case}: {found} are half a batch");
            if first.status == 200 {
                assert_eq!(found, sensors, "{case}");
            } else {
                assert_ne!(first.header("retry-after"), "", "{case}");
                first.refused(503, "unavailable");
                assert_ne!(times, 1, "{case}: a single fault is retried");
            }
            expire_leases(&world).await;
            ingest(&world, "the-one", &batch(sensors)).send().await.expect(200);
            assert_eq!((stored(&world).await, audited_writes(&world, "demo").await), (sensors, 1), "{case}");
        }
    }
}

#[tokio::test]
async fn a_failing_claim_stores_nothing_or_everything() {
    never_a_200_without_a_write("PutItem", FEW).await;
}

#[tokio::test]
async fn a_failing_list_of_sensors_stores_nothing_or_everything() {
    never_a_200_without_a_write("BatchWriteItem", FEW).await;
}

#[tokio::test]
async fn a_failing_transaction_stores_nothing_or_everything() {
    never_a_200_without_a_write("TransactWriteItems", FEW).await;
}

#[tokio::test]
async fn a_failing_transaction_over_a_staged_batch_stores_nothing_or_everything() {
    never_a_200_without_a_write("TransactWriteItems", MANY).await;
}

#[tokio::test]
async fn a_partly_written_batch_is_written_to_the_end() {
    let world = World::start().await;
    let when = When::call(Service::DynamoDb, "BatchWriteItem").times(3);
    let half = world.cloud.faults().inject(when, Fault::PartialBatch);
    ingest(&world, "the-one", &batch(MANY)).send().await.expect(200);
    assert_eq!((half.fired(), stored(&world).await), (3, MANY));
}

#[tokio::test]
async fn a_partly_answered_read_is_read_to_the_end_or_refused() {
    let world = World::start().await;
    for day in 1..=4 {
        let staged = batch(MANY).to_string().replace("2026-01-01", &format!("2026-01-0{day}"));
        let staged: Value = serde_json::from_str(&staged).unwrap();
        ingest(&world, &format!("day-{day}"), &staged).send().await.expect(200);
    }
    // Which of the four batches were committed: two are told, then one, then the last.
    let half = world.cloud.faults().inject(When::call(Service::DynamoDb, "BatchGetItem").times(2), Fault::PartialBatch);
    assert_eq!((readings(&world, "s0").await.len(), half.fired()), (4, 2));
    let always = world.cloud.faults().inject(When::call(Service::DynamoDb, "BatchGetItem"), Fault::PartialBatch);
    let refused = world.get("/v1/sensors/s0/readings").key(&world.keys.all).send().await;
    assert_ne!(refused.header("retry-after"), "");
    refused.refused(503, "unavailable");
    always.stop();
    assert_eq!(readings(&world, "s0").await.len(), 4);
}

#[tokio::test]
async fn a_staged_batch_that_is_not_committed_cannot_be_read() {
    let world = World::start().await;
    let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::Reset);
    ingest(&world, "the-one", &batch(MANY)).send().await.refused(503, "unavailable");
    failing.stop();
    assert_eq!((stored(&world).await, readings(&world, "s0").await.len()), (0, 0));
}

#[tokio::test]
async fn without_an_idempotency_key_a_repeated_batch_is_still_read_once() {
    let world = World::start().await;
    for fault in FAULTS {
        let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), fault);
        let request = world.post("/v1/ingest").key(&world.keys.all).json(&batch(FEW));
        request.send().await.refused(503, "unavailable");
        failing.stop();
        world.post("/v1/ingest").key(&world.keys.all).json(&batch(FEW)).send().await.expect(200);
        assert_eq!(stored(&world).await, FEW, "{fault:?}");
    }
}

#[tokio::test]
async fn a_problem_about_a_fault_says_nothing_of_the_inside() {
    let world = World::start().await;
    for fault in FAULTS {
        let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), fault);
        let answer = world.post("/v1/ingest").key(&world.keys.all).json(&batch(1)).send().await;
        for inside in ["Exception", "palisade-", "arn:", "ynamo", "127.0.0.1", "panic", ".rs", "Sdk", "token"] {
            assert!(!answer.body.contains(inside), "{fault:?}: {}", answer.body);
        }
        answer.refused(503, "unavailable");
        failing.stop();
    }
}

#[tokio::test]
async fn a_fault_of_secrets_manager_lets_nobody_in_unseen() {
    for fault in FAULTS {
        let world = World::start().await;
        world.cloud.faults().inject(When::any(Service::SecretsManager), fault);
        // The authorizer cannot tell either, so API Gateway answers for it.
        world.get("/v1/sensors").key(&world.keys.all).send().await.refused(503, "unavailable");
    }
}

#[tokio::test]
async fn the_cause_of_a_failure_is_in_the_log_line_and_not_in_the_answer() {
    let world = World::start().await;
    let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, "Query"), Fault::InternalError);
    let answer = world.get("/v1/sensors").key(&world.keys.all).send().await;
    failing.stop();
    assert!(!answer.body.contains("InternalServerError"), "{}", answer.body);
    let problem = answer.refused(503, "unavailable");
    let lines = world.function("list-sensors").logs();
    let line = lines.iter().find(|line| line.contains(problem["instance"].as_str().unwrap())).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["status"], &line["code"], &line["faults"]), (&json!(503), &json!("unavailable"), &json!(1)));
    assert!(line["cause"].as_str().unwrap().contains("InternalServerError"), "{line}");
}
