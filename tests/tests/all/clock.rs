//! What is done by the clock: deferred tasks come back, distributions are watched.

use crate::evidence::{audit, dynamo};
use crate::ingest::T;
use crate::readings::{after, ingest_all};
use crate::world::{STAGE, World};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

async fn get(world: &World, path: &str) -> Value {
    world.get(path).key(&world.keys.all).send().await.expect(200)
}

async fn run(world: &World, function: &str) {
    world.host.events().run_schedule(function).await.unwrap();
    world.settled().await;
}

/// Long enough for processes that start to read that it is later.
pub const SOON: SignedDuration = SignedDuration::from_secs(3);
/// Until when what is soon has come, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The path of a task whose decision was put off.
pub async fn deferred(world: &World, by: SignedDuration) -> String {
    let asked = json!({"title": "Grease the bearing", "priority": 3});
    let task = world.post("/v1/tasks").key(&world.keys.all).json(&asked).send().await.expect(201);
    let until = Timestamp::now() + by;
    let decision = json!({
        "task_id": task["id"], "decision": "defer", "operator_id": "op", "justification": "Later.",
        "defer_until": until.to_string(),
    });
    world.post("/v1/decisions").key(&world.keys.all).json(&decision).send().await.expect(201);
    format!("/v1/tasks/{}", task["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_deferred_task_awaits_approval_again_when_its_time_has_come_and_not_before() {
    let mut world = World::start().await;
    world.flow().await;
    let (soon, late) = (deferred(&world, SOON).await, deferred(&world, SignedDuration::from_hours(1)).await);
    world.settled().await;
    let until_awake = async {
        loop {
            run(&world, "ResumeTasksFunction").await;
            let task = get(&world, &soon).await;
            if task["status"] == "awaiting_approval" {
                assert_eq!(task["decisions"][0]["decision"], "defer");
                break;
            }
            assert_eq!(task["status"], "deferred");
        }
    };
    timeout(PATIENCE, until_awake).await.unwrap();
    assert_eq!(get(&world, &late).await["status"], "deferred");
    assert!(audit(&world, "demo").await.iter().any(|entry| entry["route"] == "resume-tasks"));
}

/// Six windows of an hour in which a temperature repeats itself, and one that is warmer by `shift`.
fn hours(sensor: &str, count: i64, shift: f64) -> Vec<Value> {
    let wave = |minute: i64| 70.0 + ((minute * 37) % 60) as f64 / 30.0;
    let value = |minute: i64| wave(minute) + if minute >= (count - 1) * 60 { shift } else { 0.0 };
    (0..count * 60).map(|minute| after(sensor, minute * 60, value(minute))).collect()
}

async fn watch(world: &World, sensors: &[&str], reference: &str) {
    let checks: Vec<Value> = sensors
        .iter()
        .map(|sensor| json!({"sensor_id": sensor, "window_minutes": 60, "reference": reference}))
        .collect();
    // So insensitive that the readings alone raise no alert.
    let policy = json!({"drift_checks": checks, "detection": {"sensitivity": 0.0}});
    world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
}

fn drifts(alerts: &Value) -> Vec<&Value> {
    let all = alerts["alerts"].as_array().unwrap();
    all.iter().filter(|alert| alert["kind"] == "distribution_drift").collect()
}

async fn ingest_in_parts(world: &World, readings: &[Value]) {
    for part in readings.chunks(500) {
        ingest_all(world, part).await;
    }
    world.settled().await;
}

/// Lets the clock find one watched sensor that measures otherwise than before.
pub async fn drift(world: &World) {
    watch(world, &["oven"], "preceding").await;
    ingest_in_parts(world, &hours("oven", 14, 4.0)).await;
    run(world, "WatchDriftFunction").await;
}

#[tokio::test]
async fn a_watched_sensor_whose_readings_are_distributed_otherwise_raises_one_alert() {
    for reference in ["preceding", "baseline"] {
        let mut world = World::start().await;
        world.flow().await;
        watch(&world, &["oven", "calm"], reference).await;
        ingest_in_parts(&world, &hours("oven", 14, 4.0)).await;
        ingest_in_parts(&world, &hours("calm", 14, 0.0)).await;
        run(&world, "WatchDriftFunction").await;
        let alerts = get(&world, "/v1/alerts").await;
        let found = drifts(&alerts);
        assert_eq!(found.len(), 1, "{reference}: {alerts:#}");
        assert_eq!((&found[0]["sensor_id"], &found[0]["readings"]), (&json!("oven"), &json!(1)));
        let statistic = found[0]["evidence"]["value"].as_f64().unwrap();
        assert!(statistic > found[0]["evidence"]["expected"]["high"].as_f64().unwrap(), "{}", found[0]);
        assert_ne!(found[0]["task_id"], Value::Null, "a drift makes a task like any alert");

        run(&world, "WatchDriftFunction").await;
        assert_eq!(get(&world, "/v1/alerts").await, alerts, "a window is judged once");
    }
}

#[tokio::test]
async fn a_watch_that_fails_at_any_call_is_made_up_for() {
    for operation in ["GetItem", "Query", "TransactWriteItems"] {
        let mut world = World::start().await;
        world.flow().await;
        watch(&world, &["oven"], "baseline").await;
        ingest_in_parts(&world, &hours("oven", 14, 4.0)).await;
        world.cloud.faults().inject(When::call(Service::DynamoDb, operation).times(4), Fault::InternalError);
        assert!(world.host.events().run_schedule("WatchDriftFunction").await.is_err(), "{operation}");
        world.cloud.faults().clear();
        run(&world, "WatchDriftFunction").await;
        assert_eq!(drifts(&get(&world, "/v1/alerts").await).len(), 1, "{operation}");
    }
}

#[tokio::test]
async fn a_baseline_is_what_drift_is_checked_against() {
    let world = World::start().await;
    for part in hours("oven", 14, 4.0).chunks(500) {
        ingest_all(&world, part).await;
    }
    let check = async || {
        let asked = json!({"sensor_id": "oven", "window_minutes": 60, "reference": "baseline"});
        world.post("/v1/drift/check").key(&world.keys.all).json(&asked).send().await.expect(200)
    };
    let without = check().await;
    assert_eq!((&without["insufficient_data"], &without["baseline_count"]), (&json!(true), &json!(0)));
    assert_eq!((&without["drift_detected"], &without["ks_statistic"]), (&json!(false), &Value::Null));

    let put = |sensor: &str, body: Value| {
        world.put(&format!("/v1/sensors/{sensor}/baseline")).key(&world.keys.all).json(&body)
    };
    let period = json!({"from": T, "to": "2026-01-01T12:59:00Z", "window_minutes": 60});
    let kept = put("oven", period.clone()).send().await.expect(200);
    assert_eq!((&kept["count"], kept["usual"].is_number()), (&json!(780), true), "{kept}");
    let with = check().await;
    assert_eq!((&with["drift_detected"], &with["baseline_count"]), (&json!(true), &json!(780)), "{with}");

    put("none", period).send().await.refused(404, "not_found");
    let empty = json!({"from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z", "window_minutes": 60});
    put("oven", empty).send().await.refused(422, "validation_failed");
    for (name, value) in [("to", json!("2025-01-01T00:00:00Z")), ("window_minutes", json!(0)), ("from", json!("noon"))]
    {
        let mut period = json!({"from": T, "to": "2026-01-01T12:59:00Z", "window_minutes": 60});
        period[name] = value;
        let problem = put("oven", period).send().await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{name}"), "{problem}");
    }
}

#[tokio::test]
async fn one_tenant_that_cannot_be_served_keeps_no_other_waiting() {
    let mut world = World::start().await;
    world.flow().await;
    watch(&world, &["oven"], "preceding").await;
    let policy =
        json!({"drift_checks": [{"sensor_id": "oven", "window_minutes": 60}], "detection": {"sensitivity": 0.0}});
    world.put("/v1/policy").key(&world.keys.other_tenant).json(&policy).send().await.expect(200);
    for part in hours("oven", 14, 4.0).chunks(500) {
        ingest_all(&world, part).await;
        let body = json!({"readings": part});
        world.post("/v1/ingest").key(&world.keys.other_tenant).json(&body).send().await.expect(200);
    }
    world.settled().await;
    // A policy that nothing can be read of.
    let broken = dynamo(&world).update_item().table_name(format!("palisade-{STAGE}-telemetry"));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let broken =
        broken.key("pk", text("demo#!policy")).key("sk", text("current")).update_expression("SET body = :body");
    broken.expression_attribute_values(":body", text("{")).send().await.unwrap();

    assert!(world.host.events().run_schedule("WatchDriftFunction").await.is_err(), "the failure is not hidden");
    world.settled().await;
    let alerts = world.get("/v1/alerts").key(&world.keys.other_tenant).send().await.expect(200);
    assert_eq!(drifts(&alerts).len(), 1, "{alerts:#}");
    assert_eq!(drifts(&get(&world, "/v1/alerts").await).len(), 0);
}
