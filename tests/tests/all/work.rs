//! Alerts, tasks, decisions, policy and calendar, as clients change them.

use crate::pipeline::{calendar, decide};
use crate::world::{SHAPES, World};
use serde_json::{Value, json};

fn grease() -> Value {
    json!({"title": "Grease the bearing", "priority": 3})
}

async fn create(world: &World) -> Value {
    world.post("/v1/tasks").key(&world.keys.all).json(&grease()).send().await.expect(201)
}

fn path(task: &Value) -> String {
    format!("/v1/tasks/{}", task["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_task_that_was_asked_for_is_read_and_listed_behind_every_gateway() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let task = create(&world).await;
        assert_eq!((&task["status"], &task["revision"]), (&json!("awaiting_approval"), &json!(1)));
        let read = world.get(&path(&task)).key(&world.keys.read_only).send().await;
        assert_eq!(read.header("etag"), "\"1\"");
        assert_eq!(read.expect(200)["title"], "Grease the bearing");
        let page = world.get("/v1/tasks?status=awaiting_approval").key(&world.keys.read_only).send().await.expect(200);
        assert_eq!(page["tasks"].as_array().unwrap().len(), 1, "{page}");
        let none = world.get("/v1/tasks?status=completed").key(&world.keys.read_only).send().await.expect(200);
        assert_eq!(none["tasks"], json!([]));
    }
}

#[tokio::test]
async fn the_newest_tasks_come_first_page_by_page() {
    let world = World::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(create(&world).await["id"].clone());
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/tasks?limit=2{cursor}")).key(&world.keys.all).send().await.expect(200);
        found.extend(page["tasks"].as_array().unwrap().iter().map(|task| task["id"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    made.sort_by_key(|id| std::cmp::Reverse(id.as_str().unwrap().to_owned()));
    assert_eq!(found, made);
}

#[tokio::test]
async fn what_a_state_does_not_allow_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let task = create(&world).await;
    let complete = || world.post(&format!("{}/complete", path(&task))).key(&world.keys.all);
    complete().json(&json!({"notes": "Done."})).send().await.refused(409, "illegal_transition");
    decide(&world, &task, "reject").await;
    let again = json!({"task_id": task["id"], "decision": "approve", "operator_id": "op"});
    world.post("/v1/decisions").key(&world.keys.all).json(&again).send().await.refused(409, "illegal_transition");
    let read = world.get(&path(&task)).key(&world.keys.all).send().await.expect(200);
    assert_eq!((&read["status"], &read["revision"]), (&json!("rejected"), &json!(2)));
}

#[tokio::test]
async fn approved_work_that_is_called_off_gives_its_technician_back() {
    let mut world = World::start().await;
    world.flow().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    let task = create(&world).await;
    let cancel = |body: Value| world.post(&format!("{}/cancel", path(&task))).key(&world.keys.all).json(&body);
    let reason = json!({"reason": "The line is being replaced."});
    cancel(reason.clone()).send().await.refused(409, "illegal_transition");
    decide(&world, &task, "approve").await;
    world.settled().await;
    let scheduled = world.get(&path(&task)).key(&world.keys.all).send().await.expect(200);
    assert_eq!(scheduled["status"], "scheduled");

    cancel(json!({})).send().await.refused(422, "validation_failed");
    let off = cancel(reason.clone()).send().await.expect(200);
    assert_eq!((&off["status"], &off["cancellation"]["reason"]), (&json!("cancelled"), &reason["reason"]));
    cancel(reason).send().await.refused(409, "illegal_transition");

    let next = create(&world).await;
    decide(&world, &next, "approve").await;
    world.settled().await;
    let next = world.get(&path(&next)).key(&world.keys.all).send().await.expect(200);
    assert_eq!(next["assignment"]["start"], scheduled["assignment"]["start"], "the time is free again");
}

#[tokio::test]
async fn a_change_to_a_revision_that_is_no_more_is_refused() {
    let world = World::start().await;
    let task = create(&world).await;
    let decision = json!({"task_id": task["id"], "decision": "approve", "operator_id": "op"});
    let decide = |tag: &str| world.post("/v1/decisions").key(&world.keys.all).header("if-match", tag).json(&decision);
    decide("\"7\"").send().await.refused(412, "precondition_failed");
    decide("\"1\"").send().await.expect(201);
    let policy = |tag: &str| world.put("/v1/policy").key(&world.keys.all).header("if-match", tag).json(&json!({}));
    policy("\"1\"").send().await.refused(412, "precondition_failed");
    policy("\"0\"").send().await.expect(200);
    policy("\"0\"").send().await.refused(412, "precondition_failed");
}

#[tokio::test]
async fn of_many_decisions_at_once_one_counts() {
    let world = World::start().await;
    let task = create(&world).await;
    let body = json!({"task_id": task["id"], "decision": "approve", "operator_id": "op"});
    let calls = (0..6).map(|_| world.post("/v1/decisions").key(&world.keys.all).json(&body).send());
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(calls).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    let read = world.get(&path(&task)).key(&world.keys.all).send().await.expect(200);
    assert_eq!(read["decisions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_decision_that_is_sent_twice_is_made_once() {
    let world = World::start().await;
    let task = create(&world).await;
    let body = json!({"task_id": task["id"], "decision": "approve", "operator_id": "op"});
    let send = || world.post("/v1/decisions").key(&world.keys.all).header("idempotency-key", "d1").json(&body).send();
    let (first, second) = (send().await, send().await);
    assert_eq!((second.header("idempotency-replayed"), second.header("etag")), ("true", first.header("etag")));
    assert_eq!(first.expect(201)["revision"], second.expect(201)["revision"]);
}

#[tokio::test]
async fn another_tenants_task_and_a_missing_one_are_the_same() {
    let world = World::start().await;
    let task = create(&world).await;
    let foreign = |path: String| world.get(&path).key(&world.keys.other_tenant).send();
    let (theirs, missing) = (foreign(path(&task)).await, foreign("/v1/tasks/nothing".to_owned()).await);
    assert_eq!(theirs.refused(404, "not_found")["detail"], missing.refused(404, "not_found")["detail"]);
    let decision = json!({"task_id": task["id"], "decision": "approve", "operator_id": "op"});
    let decided = world.post("/v1/decisions").key(&world.keys.other_tenant).json(&decision).send().await;
    decided.refused(404, "not_found");
    let log = world.post(&format!("{}/complete", path(&task))).key(&world.keys.other_tenant);
    log.json(&json!({"notes": "Done."})).send().await.refused(404, "not_found");
    for name in ["acknowledge", "resolve"] {
        let alert = world.post(&format!("/v1/alerts/nothing/{name}")).key(&world.keys.all).json(&json!({}));
        alert.send().await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn each_bad_field_is_named() {
    let world = World::start().await;
    let places = |problem: Value| {
        let errors = problem["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let bad = json!({"title": "", "priority": 9, "skill": "a b", "duration_minutes": 0, "due_by": "yesterday"});
    let refused = world.post("/v1/tasks").key(&world.keys.all).json(&bad).send().await;
    let expected = ["/title", "/priority", "/skill", "/duration_minutes", "/due_by"];
    assert_eq!(places(refused.refused(422, "validation_failed")), expected);
    let late = json!({"task_id": "t", "decision": "defer", "operator_id": "op", "defer_until": "2020-01-01T00:00:00Z"});
    let refused = world.post("/v1/decisions").key(&world.keys.all).json(&late).send().await;
    assert_eq!(places(refused.refused(422, "validation_failed")), ["/defer_until"]);
    let unknown = json!({"title": "Grease", "priority": 3, "alert_id": "nothing"});
    let refused = world.post("/v1/tasks").key(&world.keys.all).json(&unknown).send().await;
    assert_eq!(places(refused.refused(422, "validation_failed")), ["/alert_id"]);
    world
        .put("/v1/policy")
        .key(&world.keys.all)
        .json(&json!({"colour": 1}))
        .send()
        .await
        .refused(400, "invalid_request");
    let strange = json!({"technicians": [{"id": "ann", "time_zone": "Mars/Olympus", "working_hours": {}}]});
    let refused = world.put("/v1/calendar").key(&world.keys.all).json(&strange).send().await;
    assert_eq!(places(refused.refused(422, "validation_failed")), ["/technicians/0/time_zone"]);
}

#[tokio::test]
async fn what_a_tenant_sets_is_read_back_and_is_no_other_tenants() {
    let world = World::start().await;
    let default = world.get("/v1/policy").key(&world.keys.read_only).send().await.expect(200);
    assert_eq!((&default["revision"], &default["detection"]["sensitivity"]), (&json!(0), &json!(0.5)));
    let policy = json!({"detection": {"sensitivity": 0.8}});
    world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    let read = world.get("/v1/policy").key(&world.keys.read_only).send().await.expect(200);
    assert_eq!((&read["revision"], &read["detection"]["sensitivity"]), (&json!(1), &json!(0.8)));
    let read = world.get("/v1/calendar").key(&world.keys.read_only).send().await.expect(200);
    assert_eq!(read["technicians"][0]["id"], "ann");
    let theirs = world.get("/v1/calendar").key(&world.keys.other_tenant).send().await.expect(200);
    assert_eq!(theirs["technicians"], json!([]));
    world.put("/v1/policy").key(&world.keys.read_only).json(&policy).send().await.refused(403, "forbidden");
}
