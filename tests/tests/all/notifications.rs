//! Who is told what, once, and what became of it.

use crate::pipeline::{an_episode, decide};
use crate::readings::ingest_all;
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

const TOPIC: &str = "NotificationsTopic";

async fn rules(world: &World, rules: Value) {
    let policy = json!({"notifications": rules});
    world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
}

async fn notifications(world: &World) -> Vec<Value> {
    let page = world.get("/v1/notifications").key(&world.keys.read_only).send().await.expect(200);
    page["notifications"].as_array().unwrap().clone()
}

fn published(world: &World) -> Vec<Value> {
    let published = world.cloud.published(TOPIC).unwrap();
    published.iter().map(|message| serde_json::from_str(&message.message).unwrap()).collect()
}

fn events(told: &[Value]) -> Vec<&str> {
    let mut events: Vec<&str> = told.iter().map(|told| told["event"].as_str().unwrap()).collect();
    events.sort_unstable();
    events
}

/// A world in which an episode has been told.
async fn told() -> World {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;
    world
}

#[tokio::test]
async fn an_alert_and_its_task_are_told_once_and_their_deliveries_are_known() {
    let world = told().await;
    let found = notifications(&world).await;
    assert_eq!(events(&found), ["alert_opened", "task_awaiting_approval"], "{found:#?}");
    for notification in &found {
        let delivery = &notification["deliveries"][0];
        assert_eq!((&delivery["channel"], &delivery["outcome"]), (&json!("sns"), &json!("delivered")));
        assert_eq!((&delivery["attempts"], &notification["deliveries"][1]), (&json!(1), &Value::Null));
    }
    let messages = published(&world);
    assert_eq!(events(&messages), events(&found));
    assert_eq!(messages[0]["sensor_id"], "press");
    let attributes = &world.cloud.published(TOPIC).unwrap()[0].attributes;
    assert_eq!((attributes["tenant"].as_str(), attributes["event"].as_str()), ("demo", "alert_opened"));

    world.host.events().deliver_again().await;
    assert_eq!(published(&world), messages, "what is shown again is not told again");
    let foreign = world.get("/v1/notifications").key(&world.keys.other_tenant).send().await.expect(200);
    assert_eq!(foreign["notifications"], json!([]));
}

#[tokio::test]
async fn every_step_of_a_task_that_concerns_somebody_is_told() {
    let world = told().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&json!({"technicians": []})).send().await.expect(200);
    let tasks = world.get("/v1/tasks").key(&world.keys.all).send().await.expect(200);
    let task = &tasks["tasks"][0];
    decide(&world, task, "approve").await;
    world.settled().await;
    let path = format!("/v1/tasks/{}/complete", task["id"].as_str().unwrap());
    world.post(&path).key(&world.keys.all).json(&json!({"notes": "Done."})).send().await.expect(200);
    world.settled().await;
    let all = ["alert_opened", "task_awaiting_approval", "task_completed", "task_unscheduled"];
    assert_eq!(events(&published(&world)), all);
}

#[tokio::test]
async fn only_what_the_policy_asks_for_is_told() {
    for (rule, count) in [
        (json!({"sns": false}), 0),
        (json!({"events": ["alert_opened"]}), 1),
        (json!({"events": []}), 0),
        (json!({"min_severity": 1}), 2),
    ] {
        let mut world = World::start().await;
        rules(&world, rule.clone()).await;
        world.flow().await;
        ingest_all(&world, &an_episode("press")).await;
        world.settled().await;
        assert_eq!((notifications(&world).await.len(), published(&world).len()), (count, count), "{rule}");
    }
}

#[tokio::test]
async fn more_than_the_policy_allows_in_an_hour_is_recorded_and_not_sent() {
    let mut world = World::start().await;
    rules(&world, json!({"max_per_hour": 1})).await;
    world.flow().await;
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;
    assert_eq!(published(&world).len(), 1);
    let found = notifications(&world).await;
    let mut outcomes: Vec<&str> =
        found.iter().map(|found| found["deliveries"][0]["outcome"].as_str().unwrap()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["delivered", "rate_limited"]);
}

#[tokio::test]
async fn a_web_address_that_cannot_be_reached_is_tried_five_times_while_the_topic_is_told_once() {
    let mut world = World::start().await;
    rules(&world, json!({"events": ["alert_opened"], "webhook": "https://hooks.invalid/palisade"})).await;
    world.flow().await;
    ingest_all(&world, &an_episode("press")).await;
    world.settled().await;
    assert_eq!(published(&world).len(), 1);
    let found = notifications(&world).await;
    let outcomes = found[0]["deliveries"].as_array().unwrap();
    let told =
        |delivery: &Value| (delivery["channel"].clone(), delivery["outcome"].clone(), delivery["attempts"].clone());
    assert_eq!(told(&outcomes[0]), (json!("sns"), json!("delivered"), json!(1)));
    assert_eq!(told(&outcomes[1]), (json!("webhook"), json!("failed"), json!(5)));
    let pending = world.get("/v1/notifications?status=pending").key(&world.keys.all).send().await.expect(200);
    assert_eq!(pending["notifications"], json!([]));
}

#[tokio::test]
async fn an_address_inside_a_network_is_no_web_address() {
    let world = World::start().await;
    for address in ["https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "http://example.com/"] {
        let policy = json!({"notifications": {"webhook": address}});
        let answer = world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await;
        let problem = answer.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/notifications/webhook", "{address}");
    }
}

/// Whatever fails on the way, and however: everybody is told in the end, and nobody is told twice unless it could not be
/// known whether they had been.
#[tokio::test]
async fn what_fails_on_the_way_is_told_late_and_not_lost() {
    for (service, operation, fault) in [
        (Service::Sqs, "SendMessage", Fault::InternalError),
        (Service::Sns, "Publish", Fault::InternalError),
        (Service::Sns, "Publish", Fault::Throttle),
        (Service::DynamoDb, "TransactWriteItems", Fault::InternalError),
        (Service::DynamoDb, "UpdateItem", Fault::InternalError),
    ] {
        let mut world = World::start().await;
        ingest_all(&world, &an_episode("press")).await;
        // Often enough to outlast the retries of the SDK.
        world.cloud.faults().inject(When::call(service, operation).times(7), fault);
        world.flow().await;
        let found = notifications(&world).await;
        assert_eq!(events(&found), ["alert_opened", "task_awaiting_approval"], "{service:?} {operation}");
        assert!(found.iter().all(|found| found["deliveries"][0]["outcome"] == "delivered"), "{operation} {found:#?}");
        let messages = published(&world);
        if operation == "TransactWriteItems" {
            assert!(messages.len() >= 2);
        } else {
            assert_eq!(events(&messages), events(&found), "{service:?} {operation} {fault:?}");
        }
    }
}

#[tokio::test]
async fn what_nothing_can_be_made_of_ends_among_the_dead_letters() {
    let mut world = World::start().await;
    world.flow().await;
    let queue = aws_sdk_sqs::Client::new(&world.cloud.sdk_config());
    let url = queue.get_queue_url().queue_name("palisade-test-notifications").send().await.unwrap();
    queue.send_message().queue_url(url.queue_url().unwrap()).message_body("{\"tenant\":").send().await.unwrap();
    world.settled().await;
    let letters = world.cloud.messages("DeadLetterQueue").unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].body, "{\"tenant\":");
}
