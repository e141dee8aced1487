//! People of whom tests record something.

use crate::evidence::{Item, dynamo, items, text};
use crate::world::{Answer, STAGE, World};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, Tenant};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use vault::{DataKey, DataKeys, Moment, Place, WrappedKey};

/// A bank's message of a payment, made on this day as `DD-MM-YY`.
pub fn payment(rupees: usize, shop: &str, day: &str) -> String {
    format!("Rs.{rupees}.00 debited from A/c XX4321 on {day} to {shop}. UPI Ref {:012}.", 500_000 + rupees)
}

/// A message of a person, as it is recorded.
pub fn message(user: &str, text: &str) -> Value {
    json!({"user_id": user, "channel": "sms", "message": text, "sender": "AD-HDFCBK"})
}

/// Records a message; the answer.
pub async fn record(world: &World, key: &str, user: &str, text: &str) -> Value {
    let answer = world.post("/v1/transactions").key(key).json(&message(user, text)).send().await;
    answer.expect(201)
}

/// Records messages, many in a request; how many were stored.
pub async fn record_all(world: &World, key: &str, user: &str, texts: &[String]) -> u64 {
    let mut stored = 0;
    for part in texts.chunks(1_000) {
        let body = json!({"user_id": user, "channel": "sms", "messages": part});
        let answer = world.post("/v1/transactions/bulk").key(key).json(&body).send().await.expect(200);
        stored += answer["stored"].as_u64().unwrap();
    }
    stored
}

/// The transactions of a person, the newest first; of a hundred at most.
pub async fn transactions(world: &World, key: &str, user: &str) -> Vec<Value> {
    let page = world.get(&format!("/v1/transactions?user_id={user}&limit=100")).key(key).send().await.expect(200);
    page["transactions"].as_array().unwrap().clone()
}

/// The goals of a person.
pub async fn goals(world: &World, key: &str, user: &str) -> Vec<Value> {
    let answer = world.get(&format!("/v1/goals?user_id={user}")).key(key).send().await.expect(200);
    answer["goals"].as_array().unwrap().clone()
}

/// Says what a transaction was for.
pub async fn correct(world: &World, key: &str, user: &str, transaction: &Value, category: &str) -> Answer {
    let path = format!("/v1/transactions/{}/category", transaction["transaction_id"].as_str().unwrap());
    world.put(&path).key(key).json(&json!({"user_id": user, "category": category})).send().await
}

/// Stores a goal.
pub async fn set_goal(world: &World, key: &str, id: &str, goal: &Value) -> Answer {
    world.put(&format!("/v1/goals/{id}")).key(key).json(goal).send().await
}

/// Announces a file of these messages and uploads it; the import's id. It is worked off when the world flows.
pub async fn upload(world: &World, key: &str, user: &str, texts: &[String]) -> String {
    let lines = texts.iter().map(|text| json!({"message": text, "sender": "AD-HDFCBK"}).to_string() + "\n");
    let file: String = lines.collect();
    let asked = json!({"user_id": user, "channel": "sms", "size": file.len()});
    let started = world.post("/v1/transactions/imports").key(key).json(&asked).send().await.expect(201);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut put = client.put(started["upload"]["url"].as_str().unwrap()).body(file);
    for (name, value) in started["upload"]["headers"].as_object().unwrap() {
        if name != "content-length" && name != "host" {
            put = put.header(name, value.as_str().unwrap());
        }
    }
    assert_eq!(put.send().await.unwrap().status(), 200);
    started["import_id"].as_str().unwrap().to_owned()
}

/// Asks for a person to be erased.
pub async fn erase(world: &World, key: &str, user: &str) -> Answer {
    world.call(Method::DELETE, &format!("/v1/users/{user}")).key(key).send().await
}

/// The rows about a person, by their sort keys.
pub async fn rows(world: &World, tenant: &str, user: &str) -> Vec<Item> {
    let mut rows = of(items(world, "ledger").await, tenant, user);
    rows.sort_by_key(|row| text(row, "sk").to_owned());
    rows
}

/// Those of the items that are rows about a person.
pub fn of(items: Vec<Item>, tenant: &str, user: &str) -> Vec<Item> {
    items.into_iter().filter(|item| text(item, "pk") == format!("{tenant}#{user}")).collect()
}

/// The key of a person as it is stored.
pub async fn wrapped(world: &World, tenant: &str, user: &str) -> Option<WrappedKey> {
    let rows = items(world, "subject-keys").await;
    let row = rows.into_iter().find(|row| text(row, "pk") == format!("{tenant}#{user}"))?;
    Some(WrappedKey {
        id: Identifier::parse(text(&row, "id")).unwrap(),
        blob: crate::evidence::bytes(&row, "blob").to_vec(),
    })
}

/// The key that KMS unwraps for this tenant, if it does.
pub async fn unwrap(world: &World, tenant: &str, wrapped: &WrappedKey) -> Option<std::sync::Arc<DataKey>> {
    let environment = world.host.stack().environment("RecordTransactionFunction").unwrap();
    let kms = aws_sdk_kms::Client::new(&world.cloud.sdk_config());
    let keys = DataKeys::new(kms, environment["SEALING_KEY"].clone(), "ledger");
    keys.unwrap(&Tenant::parse(tenant).unwrap(), wrapped, Moment::now()).await.ok()
}

/// The sealed values of a row.
pub fn sealed(row: &Item) -> &HashMap<String, AttributeValue> {
    row["sealed"].as_m().unwrap()
}

/// How many of a row's sealed values a key opens.
pub fn opened(row: &Item, tenant: &str, key: &DataKey) -> usize {
    let tenant = Tenant::parse(tenant).unwrap();
    let opens = |(attribute, value): (&String, &AttributeValue)| {
        let (partition, sort) = (text(row, "pk"), text(row, "sk"));
        let place = Place { tenant: &tenant, table: "ledger", partition, sort, attribute };
        key.open(&place, value.as_b().unwrap().as_ref()).is_ok()
    };
    sealed(row).iter().filter(|value| opens(*value)).count()
}

/// Puts items into a table, as whoever restores a backup does, or whoever tampers with one.
pub async fn put(world: &World, table: &str, items: &[Item]) {
    for item in items {
        let put = dynamo(world).put_item().table_name(format!("palisade-{STAGE}-{table}"));
        put.set_item(Some(item.clone())).send().await.unwrap();
    }
}

/// The erasures of a tenant, each as its item and what it says.
pub async fn erasures(world: &World, tenant: &str) -> Vec<(Item, Value)> {
    let items = items(world, "ledger").await.into_iter();
    let stored = items.filter(|item| text(item, "pk") == format!("{tenant}#!erasure"));
    stored.map(|item| (item.clone(), serde_json::from_str(text(&item, "body")).unwrap())).collect()
}

/// Lets a minute pass for every erasure.
pub async fn age_erasures(world: &World, tenant: &str) {
    for (mut item, mut erasure) in erasures(world, tenant).await {
        for name in ["requested_at", "key_destroyed_at", "completed_at"] {
            if let Some(time) = erasure[name].as_str() {
                let earlier = time.parse::<Timestamp>().unwrap() - SignedDuration::from_secs(61);
                erasure[name] = json!(earlier.to_string());
            }
        }
        item.insert("body".to_owned(), AttributeValue::S(erasure.to_string()));
        put(world, "ledger", &[item]).await;
    }
}

/// Lets the clock finish and verify erasures.
pub async fn finish_erasures(world: &World) -> bool {
    world.host.events().run_schedule("FinishErasuresFunction").await.is_ok()
}
