//! Nothing that a bank's message tells reaches a log or a problem, through every function of the ledger, whatever fails.

use crate::canary::{SECRETS, assert_logs_silent, assert_silent};
use crate::people::{age_erasures, correct, erase, finish_erasures, payment, set_goal, upload};
use crate::world::{Answer, World};
use palisade_local::{Fault, Service, When};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// What reads, stores or follows what is personal.
const FUNCTIONS: [&str; 17] = [
    "classify-transactions",
    "record-transaction",
    "record-in-bulk",
    "categorise-transaction",
    "get-transaction",
    "list-transactions",
    "list-recurring",
    "change-goal",
    "list-goals",
    "delete-goal",
    "start-import",
    "get-import",
    "process-import",
    "export-person",
    "erase-person",
    "finish-erasures",
    "change-settings",
];
/// A name that a tenant should not give, and one may.
const USER: &str = "jane.canary";

/// A payment that tells every secret.
fn telling(rupees: usize) -> String {
    let (card, account, phone) = (SECRETS[0].0, SECRETS[1].0, SECRETS[2].0);
    let (address, mail, reference) = (SECRETS[3].0, SECRETS[4].0, SECRETS[5].0);
    format!(
        "Rs.{rupees}.00 debited from A/c {account} on 07-03-26 to VPA {address} for card {card}. NEFT Ref {reference}. \
         Not you? Call {phone} or write to {mail}. Avl Bal Rs.5,550.25"
    )
}

/// Walks a life through the API, whatever is answered. `turn` makes its messages new.
async fn live(world: &World, turn: usize) -> Vec<Answer> {
    let key = &world.keys.all;
    let message = json!({"channel": "sms", "message": telling(turn), "sender": SECRETS[4].0});
    let mut owned = message.clone();
    owned["user_id"] = json!(USER);
    let recorded = world.post("/v1/transactions").key(key).json(&owned).send().await;
    let mut broken = owned.clone();
    broken["received_at"] = json!(SECRETS[0].0);
    let id = match recorded.status {
        200 | 201 => recorded.json()["transaction_id"].clone(),
        _ => json!(SECRETS[1].0),
    };
    let bulk = json!({"user_id": USER, "messages": [message, broken, telling(turn + 1), SECRETS[5].0]});
    let goal = json!({
        "user_id": USER, "type": "budget", "name": SECRETS.map(|(secret, _)| secret).join(" "),
        "target": {"value": "10", "currency": "INR"},
    });
    let get = |path: String| world.get(&path).key(key).send();
    let listed = "/v1/transactions?user_id=jane.canary";
    vec![
        recorded,
        world.post("/v1/transactions/classify").key(key).json(&message).send().await,
        world.post("/v1/transactions").key(key).json(&broken).send().await,
        world.post("/v1/transactions/bulk").key(key).json(&bulk).send().await,
        correct(world, key, USER, &json!({"transaction_id": id}), "travel").await,
        set_goal(world, key, USER, &goal).await,
        get(format!("/v1/transactions/{}?user_id={USER}", id.as_str().unwrap())).await,
        get(listed.to_owned()).await,
        get(format!("{listed}&account=4444&merchant={}", SECRETS[3].0)).await,
        get(format!("{listed}&category={}", SECRETS[3].0)).await,
        get(format!("{listed}&from={}", SECRETS[0].0)).await,
        get(format!("/v1/goals?user_id={USER}")).await,
        get(format!("/v1/users/{USER}/recurring")).await,
        get(format!("/v1/users/{USER}/export")).await,
        world.call(Method::DELETE, &format!("/v1/goals/{USER}?user_id={USER}")).key(key).send().await,
        erase(world, key, USER).await,
    ]
}

fn silent(answers: &[Answer], case: &str) -> BTreeSet<u16> {
    for (place, answer) in answers.iter().enumerate() {
        for secret in SECRETS {
            assert_silent(answer, secret, &format!("{case}: {place}"));
        }
    }
    answers.iter().map(|answer| answer.status).collect()
}

#[tokio::test]
async fn a_life_in_the_ledger_leaves_nothing_in_logs_and_problems_whatever_fails() {
    let world = World::start().await;
    let well = live(&world, 1).await;
    let statuses: Vec<u16> = well.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 200, 422, 200, 200, 201, 200, 200, 200, 422, 422, 200, 200, 200, 200, 200]);
    assert!(well[13].body.contains(SECRETS[0].0), "the message was stored");
    silent(&well, "well");
    let faults = [
        (When::any(Service::Kms), Fault::InternalError),
        (When::any(Service::S3), Fault::InternalError),
        (When::any(Service::SecretsManager), Fault::InternalError),
        (When::call(Service::DynamoDb, "Query"), Fault::InternalError),
        (When::call(Service::DynamoDb, "BatchGetItem"), Fault::Throttle),
        (When::call(Service::DynamoDb, "BatchWriteItem"), Fault::Reset),
        (When::call(Service::DynamoDb, "TransactWriteItems"), Fault::Conflict),
        (When::call(Service::DynamoDb, "TransactWriteItems"), Fault::InternalError),
    ];
    for (turn, (when, fault)) in faults.into_iter().enumerate() {
        let case = format!("{when:?} {fault:?}");
        FUNCTIONS.iter().for_each(|function| world.function(function).restart());
        live_at_all(&world, turn * 3 + 10).await;
        let failing = world.cloud.faults().inject(when, fault);
        let answers = live(&world, turn * 3 + 11).await;
        silent(&answers, &case);
        let _ = finish_erasures(&world).await;
        failing.stop();
        assert!(failing.fired() > 0, "{case}");
    }
    age_erasures(&world, "demo").await;
    FUNCTIONS.iter().for_each(|function| world.function(function).restart());
    assert!(finish_erasures(&world).await);
    assert_logs_silent(&world);
}

/// Something is stored, and a file waits to be read.
async fn live_at_all(world: &World, turn: usize) {
    let key = &world.keys.all;
    let body = json!({"user_id": USER, "channel": "sms", "message": telling(turn)});
    world.post("/v1/transactions").key(key).json(&body).send().await.expect(201);
    upload(world, key, USER, &[telling(turn)]).await;
}

#[tokio::test]
async fn a_file_that_tells_secrets_leaves_nothing_in_logs_whatever_fails_while_it_is_read() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    let faults = [
        (When::any(Service::Kms), Fault::InternalError),
        (When::call(Service::S3, "GetObject"), Fault::InternalError),
        (When::call(Service::S3, "DeleteObject"), Fault::Reset),
        (When::any(Service::SecretsManager), Fault::InternalError),
        (When::call(Service::DynamoDb, "GetItem"), Fault::InternalError),
        (When::call(Service::DynamoDb, "BatchGetItem"), Fault::InternalError),
        (When::call(Service::DynamoDb, "TransactWriteItems"), Fault::InternalError),
    ];
    let mut read: Vec<(String, u64)> = Vec::new();
    for (turn, (when, fault)) in faults.into_iter().enumerate() {
        let mut lines: Vec<String> = (1..4).map(|line| telling(turn * 10 + line)).collect();
        lines.push(SECRETS.map(|(secret, _)| secret).join(" "));
        lines.push(payment(turn + 1, SECRETS[3].0, "07-03-26"));
        read.push((upload(&world, &key, USER, &lines).await, 4));
        world.function("process-import").restart();
        let failing = world.cloud.faults().inject(when.clone().times(4), fault);
        world.flow().await;
        assert!(failing.fired() > 0, "{when:?}");
        failing.stop();
    }
    // When time has run out, the rest is left to a message, which cannot be sent.
    world.function("process-import").set_timeout(Duration::from_millis(2_700));
    let failing = world.cloud.faults().inject(When::any(Service::Sqs), Fault::InternalError);
    let slow = world.cloud.faults().hold(When::call(Service::DynamoDb, "GetItem").containing("#!import").times(1));
    read.push((upload(&world, &key, USER, &[telling(900)]).await, 1));
    slow.arrived(1).await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    slow.release();
    failing.wait_fired(1).await;
    failing.stop();
    world.function("process-import").set_timeout(Duration::from_secs(60));
    world.settled().await;
    for (import, stored) in read {
        let told = world.get(&format!("/v1/transactions/imports/{import}")).key(&key).send().await.expect(200);
        assert_eq!((&told["status"], &told["stored"]), (&json!("completed"), &json!(stored)), "{told}");
        assert!(SECRETS.iter().all(|(_, needle)| *needle == USER || !Value::to_string(&told).contains(needle)));
    }
    assert_logs_silent(&world);
}
