//! Readings and what is made of them name their end, by the tenant's policy.

use crate::evidence::{items, number, text};
use crate::ingest::ingest;
use crate::readings::{after, ingest_all};
use crate::world::World;
use jiff::Timestamp;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60;

/// In how many days, rounded, the items whose sort key begins so will expire.
async fn days_left(world: &World, prefix: &str) -> Vec<i64> {
    let now = Timestamp::now().as_second();
    let items = items(world, "telemetry").await;
    let found = items.iter().filter(|item| text(item, "sk").starts_with(prefix));
    found.map(|item| (number(item, "expires").cast_signed() - now + DAY / 2) / DAY).collect()
}

async fn keep(world: &World, raw_days: u32, aggregate_days: u32) {
    let policy = json!({"retention": {"raw_days": raw_days, "aggregate_days": aggregate_days}});
    world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
}

#[tokio::test]
async fn readings_expire_after_ninety_days_and_their_hours_after_two_years() {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &[after("pump", 0, 1.0)]).await;
    world.settled().await;
    assert_eq!((days_left(&world, "R#").await, days_left(&world, "A#").await), (vec![90], vec![730]));
}

#[tokio::test]
async fn a_tenant_says_how_long_its_readings_are_kept() {
    let mut world = World::start().await;
    world.flow().await;
    keep(&world, 7, 30).await;
    ingest_all(&world, &[after("pump", 0, 1.0)]).await;
    let other = json!({"readings": [after("pump", 3600, 1.0)]});
    world.post("/v1/ingest").key(&world.keys.other_tenant).json(&other).send().await.expect(200);
    world.settled().await;
    let mut readings = days_left(&world, "R#").await;
    readings.sort_unstable();
    assert_eq!(readings, [7, 90], "the other tenant has said nothing");
    let mut hours = days_left(&world, "A#").await;
    hours.sort_unstable();
    assert_eq!(hours, [30, 730]);
}

#[tokio::test]
async fn what_is_staged_expires_too_so_that_what_was_never_committed_goes() {
    let world = World::start().await;
    keep(&world, 7, 30).await;
    let readings: Vec<Value> = (0..120).map(|number| after(&format!("pump-{number}"), 0, 1.0)).collect();
    world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems").times(9), Fault::InternalError);
    assert_eq!(ingest(&world, &json!({"readings": readings})).await.status, 503);
    world.cloud.faults().clear();
    assert_eq!(days_left(&world, "R#").await, vec![7; 120], "they are staged, and nothing else will remove them");
    ingest_all(&world, &readings).await;
    assert_eq!(days_left(&world, "committed").await, [7]);
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_refuses_readings_only_until_it_was_read_once() {
    let world = World::start().await;
    let unread =
        || world.cloud.faults().inject(When::call(Service::DynamoDb, "GetItem").times(9), Fault::InternalError);
    let reading = json!({"readings": [after("pump", 0, 1.0)]});
    let _fault = unread();
    ingest(&world, &reading).await.refused(503, "unavailable");
    world.cloud.faults().clear();
    ingest(&world, &reading).await.expect(200);
    let _fault = unread();
    ingest(&world, &reading).await.expect(200);
}
