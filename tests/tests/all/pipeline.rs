//! From a reading to finished work: what follows when readings are unusual, once, whatever fails on the way.

use crate::readings::{after, ingest_all};
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

/// Five hours of a temperature at one-minute intervals, quiet but for its noise, then an hour far above.
pub fn an_episode(sensor: &str) -> Vec<Value> {
    let noise = |minute: i64| ((minute * 7919) % 101) as f64 / 101.0 - 0.5;
    let value = |minute: i64| 70.0 + noise(minute) + if minute < 300 { 0.0 } else { 25.0 };
    (0..360).map(|minute| after(sensor, minute * 60, value(minute))).collect()
}

/// Somebody who works round the clock.
pub fn calendar(technicians: &[&str]) -> Value {
    let day = json!([{"start": "00:00", "end": "24:00"}]);
    let week = json!({
        "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day, "saturday": day, "sunday": day,
    });
    let technician = |id: &&str| json!({"id": id, "time_zone": "Europe/Berlin", "working_hours": week});
    json!({"technicians": technicians.iter().map(technician).collect::<Vec<_>>()})
}

async fn get(world: &World, path: &str) -> Value {
    world.get(path).key(&world.keys.all).send().await.expect(200)
}

async fn list(world: &World, kind: &str) -> Vec<Value> {
    get(world, &format!("/v1/{kind}")).await[kind].as_array().unwrap().clone()
}

pub async fn decide(world: &World, task: &Value, decision: &str) -> Value {
    let body = json!({
        "task_id": task["id"], "decision": decision, "operator_id": "op", "justification": "It must be done.",
    });
    world.post("/v1/decisions").key(&world.keys.all).json(&body).send().await.expect(201)
}

#[tokio::test]
async fn an_episode_becomes_one_alert_one_task_and_after_approval_work_that_ends_with_a_log() {
    let mut world = World::start().await;
    world.flow().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;

    let alerts = list(&world, "alerts").await;
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    let alert = &alerts[0];
    assert_eq!((&alert["sensor_id"], &alert["status"]), (&json!("press"), &json!("open")));
    assert!(alert["readings"].as_u64().unwrap() > 30, "{alert}");
    assert!(alert["evidence"]["expected"]["high"].as_f64().unwrap() < 90.0, "{alert}");
    assert!(!alert["actions"].as_array().unwrap().is_empty());

    let tasks = list(&world, "tasks").await;
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    assert_eq!((&tasks[0]["status"], &tasks[0]["alert_id"]), (&json!("awaiting_approval"), &alert["id"]));
    assert_eq!(alert["task_id"], tasks[0]["id"]);
    assert_eq!(tasks[0]["assignment"], json!(null), "nothing is scheduled before it is approved");

    let approved = decide(&world, &tasks[0], "approve").await;
    assert_eq!(approved["status"], "approved");
    world.settled().await;
    let path = format!("/v1/tasks/{}", tasks[0]["id"].as_str().unwrap());
    let scheduled = get(&world, &path).await;
    assert_eq!((&scheduled["status"], &scheduled["assignment"]["technician_id"]), (&json!("scheduled"), &json!("ann")));

    let log = json!({"notes": "Replaced the fan.", "actual_minutes": 35});
    let done = world.post(&format!("{path}/complete")).key(&world.keys.all).json(&log).send().await.expect(200);
    assert_eq!((&done["status"], &done["completion"]["notes"]), (&json!("completed"), &json!("Replaced the fan.")));
    world.settled().await;
    assert_eq!(list(&world, "alerts").await[0]["status"], "resolved");
    assert_eq!(list(&world, "tasks").await.len(), 1, "a resolved alert makes no other task");
    assert_eq!(get(&world, "/v1/alerts?status=open").await["alerts"], json!([]));
}

#[tokio::test]
async fn a_stream_that_is_shown_twice_changes_nothing() {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;
    let (alerts, tasks) = (list(&world, "alerts").await, list(&world, "tasks").await);
    world.host.events().deliver_again().await;
    assert_eq!((list(&world, "alerts").await, list(&world, "tasks").await), (alerts, tasks));
}

/// Each call the pipeline makes of DynamoDB and Secrets Manager fails once, in every way.
#[tokio::test]
async fn a_stage_that_fails_at_any_call_loses_nothing_and_repeats_nothing() {
    let mut plain = World::start().await;
    ingest_all(&plain, &an_episode("press")).await;
    plain.cloud.reset_counts();
    plain.flow().await;
    let (alerts, tasks) = (list(&plain, "alerts").await, list(&plain, "tasks").await);
    assert_eq!((alerts.len(), tasks.len()), (1, 1));
    let told = |alert: &Value| [alert["readings"].clone(), alert["evidence"].clone(), alert["id"].clone()];

    for operation in ["GetItem", "Query", "TransactWriteItems"] {
        for fault in [Fault::InternalError, Fault::Throttle, Fault::Reset, Fault::ResetAfter] {
            let mut world = World::start().await;
            ingest_all(&world, &an_episode("press")).await;
            // Often enough to outlast the retries of the SDK.
            world.cloud.faults().inject(When::call(Service::DynamoDb, operation).times(7), fault);
            world.flow().await;
            let (found, work) = (list(&world, "alerts").await, list(&world, "tasks").await);
            assert_eq!((found.len(), work.len()), (1, 1), "{operation} {fault:?}: {found:#?}");
            assert_eq!(told(&found[0]), told(&alerts[0]), "{operation} {fault:?}");
        }
    }
}

#[tokio::test]
async fn however_many_plans_are_made_at_once_nobody_is_booked_twice() {
    let mut world = World::start().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann", "bob"])).send().await.expect(200);
    let mut tasks = Vec::new();
    for number in 0..12 {
        let body = json!({"title": format!("Grease {number}"), "priority": 2, "duration_minutes": 30 + 10 * number});
        let task = world.post("/v1/tasks").key(&world.keys.all).json(&body).send().await.expect(201);
        decide(&world, &task, "approve").await;
        tasks.push(task);
    }
    world.flow().await;
    let mut booked: Vec<(String, String, String)> = Vec::new();
    for task in &tasks {
        let task = get(&world, &format!("/v1/tasks/{}", task["id"].as_str().unwrap())).await;
        assert_eq!(task["status"], "scheduled", "{task}");
        let text = |name: &str| task["assignment"][name].as_str().unwrap().to_owned();
        booked.push((text("technician_id"), text("start"), text("end")));
    }
    booked.sort();
    for pair in booked.windows(2) {
        assert!(pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1, "{pair:?}");
    }
}

#[tokio::test]
async fn work_that_fits_nobody_says_why_and_is_planned_when_somebody_comes() {
    let mut world = World::start().await;
    world.flow().await;
    let body = json!({"title": "Grease the bearing", "priority": 3});
    let task = world.post("/v1/tasks").key(&world.keys.all).json(&body).send().await.expect(201);
    let path = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    decide(&world, &task, "approve").await;
    world.settled().await;
    let waiting = get(&world, &path).await;
    assert_eq!(waiting["unscheduled_reason"]["code"], "no_technician", "{waiting}");
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    world.settled().await;
    assert_eq!(get(&world, &path).await["status"], "scheduled");
}

#[tokio::test]
async fn work_for_which_nobody_has_time_waits_in_peace() {
    let mut world = World::start().await;
    let hour = json!({"monday": [{"start": "08:00", "end": "09:00"}]});
    let seldom = json!({"technicians": [{"id": "ann", "time_zone": "UTC", "working_hours": hour}]});
    world.put("/v1/calendar").key(&world.keys.all).json(&seldom).send().await.expect(200);
    let mut statuses = std::collections::BTreeMap::new();
    let mut tasks = Vec::new();
    for number in 0..12 {
        let body = json!({"title": format!("Grease {number}"), "priority": 2, "duration_minutes": 60});
        let task = world.post("/v1/tasks").key(&world.keys.all).json(&body).send().await.expect(201);
        decide(&world, &task, "approve").await;
        tasks.push(task);
    }
    // Returns only when no step makes another one necessary.
    world.flow().await;
    for task in &tasks {
        let task = get(&world, &format!("/v1/tasks/{}", task["id"].as_str().unwrap())).await;
        *statuses.entry(task["status"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        if task["status"] == "approved" {
            assert_eq!(task["unscheduled_reason"]["code"], "fully_booked", "{task}");
        }
    }
    assert!(statuses["scheduled"] >= 8 && statuses["approved"] >= 2, "{statuses:?}");
}

#[tokio::test]
async fn readings_of_more_hours_than_a_transaction_takes_are_judged_and_summarised() {
    let mut world = World::start().await;
    world.flow().await;
    let hourly: Vec<Value> = (0..300)
        .map(|hour| {
            after("meter", hour * 3600, 5.0 + ((hour * 37) % 11) as f64 / 10.0 + if hour < 260 { 0.0 } else { 9.0 })
        })
        .collect();
    ingest_all(&world, &hourly).await;
    world.settled().await;
    assert_eq!(world.cloud.messages("DeadLetterQueue").unwrap().len(), 0);
    assert_eq!(list(&world, "alerts").await.len(), 1);
}

#[tokio::test]
async fn a_batch_of_more_sensors_than_a_transaction_takes_is_judged_too() {
    let mut world = World::start().await;
    world.flow().await;
    let readings: Vec<Value> = (0..150).map(|sensor| after(&format!("s{sensor}"), 0, 1.0)).collect();
    ingest_all(&world, &readings).await;
    world.settled().await;
    let logs = world.function("detect-on-stream").logs();
    assert!(logs.iter().any(|line| line.contains("\"batches\":1")), "{logs:?}");
}
