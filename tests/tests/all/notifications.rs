//! Who is told what, once, and what became of it.

use crate::pipeline::{an_episode, calendar, decide};
use crate::readings::{after, ingest_all};
use crate::world::{STAGE, World};
use kernel::Tenant;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use vault::SigningSecrets;

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
    let tasks = world.get("/v1/tasks").key(&world.keys.all).send().await.expect(200);
    let task = &tasks["tasks"][0];
    decide(&world, task, "approve").await;
    world.settled().await;
    world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
    world.settled().await;
    let path = format!("/v1/tasks/{}/complete", task["id"].as_str().unwrap());
    world.post(&path).key(&world.keys.all).json(&json!({"notes": "Done."})).send().await.expect(200);
    world.settled().await;
    let all = ["alert_opened", "task_awaiting_approval", "task_completed", "task_scheduled", "task_unscheduled"];
    assert_eq!(events(&published(&world)), all);
}

#[tokio::test]
async fn an_alert_that_becomes_worse_is_told_again_and_only_then() {
    let mut world = World::start().await;
    world.flow().await;
    rules(&world, json!({"min_severity": 1, "events": ["alert_opened", "alert_escalated"]})).await;
    // Quiet for five hours, then a little too high, then far too high, then still.
    let noise = |minute: i64| ((minute * 7919) % 101) as f64 / 101.0 - 0.5;
    let height = |minute: i64| match minute {
        ..300 => 0.0,
        300..310 => 1.6,
        _ => 25.0,
    };
    let reading = |minute: i64| after("press", minute * 60, 70.0 + noise(minute) + height(minute));
    for part in [0..300, 300..310, 310..315, 315..320, 320..325] {
        ingest_all(&world, &part.map(reading).collect::<Vec<_>>()).await;
        world.settled().await;
    }
    let alerts = world.get("/v1/alerts").key(&world.keys.all).send().await.expect(200);
    let alert = &alerts["alerts"][0];
    assert!(alert["escalated_at"].is_string(), "{alert:#}");
    let path = format!("/v1/alerts/{}/resolve", alert["id"].as_str().unwrap());
    world.post(&path).key(&world.keys.all).json(&json!({})).send().await.expect(200);
    world.settled().await;
    let told = published(&world);
    assert_eq!(events(&told)[0], "alert_escalated", "{told:#?}");
    let mut names: Vec<&str> = told.iter().map(|told| told["id"].as_str().unwrap()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "nothing is told twice");
    let sent = world.function("notify").logs().join("\n").matches("\"repeats\":").count();
    assert_eq!(sent, 0, "nothing is put into the queue twice");
}

/// What a receiver is configured with is what its tenant's webhooks are signed with, and nobody else's.
#[tokio::test]
async fn each_tenant_has_its_own_signing_secret_and_the_command_line_tells_it() {
    let world = World::start().await;
    let key = format!("alias/palisade-{STAGE}-webhook");
    let secrets = SigningSecrets::new(aws_sdk_kms::Client::new(&world.cloud.sdk_config()), key);
    let of = async |tenant: &str| {
        let secret = secrets.of(&Tenant::parse(tenant).unwrap()).await.unwrap();
        secret.text().reveal().clone()
    };
    assert_ne!(of("demo").await, of("other").await);
    let (endpoint, program) =
        (world.cloud.endpoint().to_owned(), palisade_local::host::binaries().unwrap().join("palisade-keys"));
    let shown = tokio::task::spawn_blocking(move || {
        let mut command = std::process::Command::new(program);
        command.args(["webhook-secret", "--stage", STAGE, "--tenant", "demo"]);
        command.envs([("AWS_ENDPOINT_URL", endpoint.as_str()), ("AWS_REGION", "us-east-1")]);
        command.envs([("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")]).output().unwrap()
    });
    let shown = shown.await.unwrap();
    assert_eq!(String::from_utf8(shown.stdout).unwrap().trim(), of("demo").await);
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
