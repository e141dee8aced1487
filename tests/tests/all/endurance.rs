//! What the pipeline withstands: a record that can never be followed, and faults that must not make it talk.

use crate::evidence::{audit, dynamo, items, text};
use crate::pipeline::{an_episode, calendar, decide};
use crate::readings::{after, ingest_all};
use crate::world::{STAGE, World, root};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

async fn list(world: &World, kind: &str) -> Vec<Value> {
    let page = world.get(&format!("/v1/{kind}")).key(&world.keys.all).send().await.expect(200);
    page[kind].as_array().unwrap().clone()
}

/// Puts a segment that nothing can be read of into the middle of the stream.
async fn poison(world: &World, sensor: &str) {
    let items = items(world, "telemetry").await;
    let mut segment = items.iter().find(|item| text(item, "sk").starts_with("R#")).unwrap().clone();
    segment.insert("pk".to_owned(), AttributeValue::S(format!("demo#{sensor}")));
    segment.insert("data".to_owned(), AttributeValue::B(Blob::new(*b"this is no segment")));
    let put = dynamo(world).put_item().table_name(format!("palisade-{STAGE}-telemetry"));
    put.set_item(Some(segment)).send().await.unwrap();
}

#[tokio::test]
async fn a_record_that_can_never_be_followed_is_given_up_alone_and_keeps_no_other_waiting() {
    let mut world = World::start().await;
    // All of it is one batch of the stream, because the pipeline stands still.
    for (place, part) in an_episode("press").chunks(90).enumerate() {
        if place == 2 {
            poison(&world, "broken").await;
        }
        ingest_all(&world, part).await;
    }
    world.flow().await;
    let alerts = list(&world, "alerts").await;
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    assert_eq!((&alerts[0]["sensor_id"], list(&world, "tasks").await.len()), (&json!("press"), 1));
    let letters = world.cloud.messages("DeadLetterQueue").unwrap();
    assert_eq!(letters.len(), 1, "{letters:#?}");
    let letter: Value = serde_json::from_str(&letters[0].body).unwrap();
    assert_eq!(letter["DDBStreamBatchInfo"]["batchSize"], 1, "{letter}");
    let first = &letter["DDBStreamBatchInfo"]["startSequenceNumber"];
    assert_eq!(first, &letter["DDBStreamBatchInfo"]["endSequenceNumber"]);
}

#[tokio::test]
async fn every_step_of_the_pipeline_is_written_down() {
    let mut world = World::start().await;
    world.flow().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;
    let (alert, task) = (list(&world, "alerts").await[0].clone(), list(&world, "tasks").await[0].clone());
    decide(&world, &task, "approve").await;
    world.settled().await;
    let entries = audit(&world, "demo").await;
    let named = |kind: &str, id: &Value| format!("{kind}/{}", id.as_str().unwrap());
    let (alert, task) = (named("alert", &alert["id"]), named("task", &task["id"]));
    let wrote = |route: &str, objects: &[&str]| {
        let all = |entry: &&Value| {
            let written = entry["objects"].as_array().unwrap();
            entry["route"] == route && objects.iter().all(|object| written.contains(&json!(object)))
        };
        entries.iter().filter(all).count()
    };
    assert_eq!(wrote("detect-on-stream", &[&alert]), 1, "the alert was opened: {entries:#?}");
    assert_eq!(wrote("work-on-stream", &[&alert, &task]), 1, "the alert made its task");
    assert_eq!(wrote("decide", &[&task]), 1, "an operator approved it");
    assert_eq!(wrote("work-on-stream", &[&task, "agenda/ann"]), 1, "it was scheduled");
    assert!(wrote("notify", &[]) >= 2, "people were told");
    let unattended = entries.iter().filter(|entry| entry["route"].as_str().unwrap().ends_with("-on-stream"));
    assert!(unattended.clone().all(|entry| entry["kid"] == Value::Null), "no key did it");
}

/// Reads, writes and decides as clients do, whatever is answered.
async fn live(world: &mut World) {
    let all = world.keys.all.clone();
    let policy = json!({
        "notifications": {"webhook": "https://hooks.invalid/canary-token"},
        "drift_checks": [{"sensor_id": "canary-sensor", "window_minutes": 60}],
        "tasks": {"skill": "canary-skill"},
    });
    world.put("/v1/policy").key(&all).json(&policy).send().await;
    world.put("/v1/calendar").key(&all).json(&calendar(&["canary-technician"])).send().await;
    for part in an_episode("canary-sensor").chunks(120) {
        let body = json!({"readings": part});
        world.post("/v1/ingest").key(&all).header("idempotency-key", "canary-key").json(&body).send().await;
    }
    world.flow().await;
    let asked = json!({"title": "canary-title", "priority": 3, "description": "canary-description"});
    let task = world.post("/v1/tasks").key(&all).json(&asked).send().await;
    if task.status == 201 {
        let task = task.json();
        let decision = json!({"task_id": task["id"], "decision": "approve", "operator_id": "canary-operator",
                              "justification": "canary-justification"});
        world.post("/v1/decisions").key(&all).json(&decision).send().await;
        let log = json!({"notes": "canary-notes", "findings": "canary-findings"});
        let path = format!("/v1/tasks/{}/complete", task["id"].as_str().unwrap());
        world.post(&path).key(&all).json(&log).send().await;
    }
    let report = json!({"report_type": "maintenance_summary", "format": "html", "from": "2026-01-01T00:00:00Z",
                        "to": "2026-01-02T00:00:00Z"});
    world.post("/v1/reports").key(&all).json(&report).send().await;
    let drift = json!({"sensor_id": "canary-sensor", "window_minutes": 60});
    world.post("/v1/drift/check").key(&all).json(&drift).send().await;
    for schedule in ["WatchDriftFunction", "ResumeTasksFunction"] {
        let _ = world.host.events().run_schedule(schedule).await;
    }
    world.settled().await;
}

#[tokio::test]
async fn whatever_fails_nothing_that_a_client_sent_is_in_a_log() {
    let calls = [
        (Service::DynamoDb, "GetItem"),
        (Service::DynamoDb, "PutItem"),
        (Service::DynamoDb, "UpdateItem"),
        (Service::DynamoDb, "Query"),
        (Service::DynamoDb, "TransactWriteItems"),
        (Service::SecretsManager, "GetSecretValue"),
        (Service::Kms, "GenerateMac"),
        (Service::Sqs, "SendMessage"),
        (Service::Sns, "Publish"),
    ];
    let mut lines = 0;
    for (service, operation) in calls {
        let mut world = World::start().await;
        let fault = world.cloud.faults().inject(When::call(service, operation).times(5), Fault::InternalError);
        live(&mut world).await;
        assert!(fault.fired() > 0, "{operation} was never met");
        for folder in std::fs::read_dir(root().join("functions")).unwrap() {
            let binary = folder.unwrap().file_name().into_string().unwrap();
            let logs = world.function(&binary).logs();
            lines += logs.len();
            for secret in ["canary", world.keys.all.as_str()] {
                assert!(!logs.join("\n").contains(secret), "{operation}: {binary} says {secret}: {logs:#?}");
            }
        }
    }
    assert!(lines > 100, "{lines}");
}

#[tokio::test]
async fn what_may_soon_reach_its_limit_is_urgent() {
    // Two days of noise, then a jump that is unusual and mild, over the limit.
    let value = |minute: i64| 50.0 + ((minute * 7919) % 101) as f64 / 101.0 + if minute >= 2_850 { 1.2 } else { 0.0 };
    let readings: Vec<Value> = (0..2_880).map(|minute| after("oil", minute * 60, value(minute))).collect();
    let mut priorities = Vec::new();
    for limits in [json!([]), json!([{"sensor_id": "oil", "high": 51.1}])] {
        let mut world = World::start().await;
        let policy = json!({"limits": limits, "tasks": {"min_severity": 1}});
        world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
        for part in readings.chunks(500) {
            ingest_all(&world, part).await;
        }
        world.flow().await;
        let alerts = list(&world, "alerts").await;
        let tasks = list(&world, "tasks").await;
        let alert = alerts.last().unwrap_or_else(|| panic!("no alert"));
        let task = tasks.iter().find(|task| task["alert_id"] == alert["id"]).unwrap();
        assert_eq!(task["priority"], alert["urgency"]["priority"]);
        let is_limited = limits != json!([]);
        assert_eq!(alert["urgency"]["limit_at"].is_string(), is_limited, "{alert:#}");
        priorities.push(task["priority"].as_u64().unwrap());
    }
    assert_eq!(priorities[1], 5, "it is there already");
    assert!(priorities[0] < 5, "{priorities:?}");
}
