//! What tests look up behind the product's back: what is stored, what was written down.

use crate::world::{Call, STAGE, World};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::HashMap;

pub type Item = HashMap<String, AttributeValue>;

/// A client of this world's cloud.
pub fn dynamo(world: &World) -> Client {
    Client::new(&world.cloud.sdk_config())
}

/// Every item of a table.
pub async fn items(world: &World, table: &str) -> Vec<Item> {
    let scan = dynamo(world).scan().table_name(format!("palisade-{STAGE}-{table}"));
    scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap()
}

/// The audit entries of a tenant, chain by chain, in order.
pub async fn audit(world: &World, tenant: &str) -> Vec<Value> {
    let mut items = items(world, "audit").await;
    items.retain(|item| text(item, "pk").starts_with(&format!("{tenant}#")));
    items.sort_by_key(|item| (text(item, "pk").to_owned(), number(item, "seq")));
    items.iter().map(|item| serde_json::from_str(text(item, "entry")).unwrap()).collect()
}

/// How many writes of a tenant were written down.
pub async fn audited_writes(world: &World, tenant: &str) -> usize {
    audit(world, tenant).await.iter().filter(|entry| entry["decision"] == "stored").count()
}

/// Lets every lease end now, as if half a minute had passed.
pub async fn expire_leases(world: &World) {
    for item in items(world, "requests").await.into_iter().filter(|item| item.contains_key("lease")) {
        dynamo(world)
            .update_item()
            .table_name(format!("palisade-{STAGE}-requests"))
            .key("pk", item["pk"].clone())
            .update_expression("SET lease = :past")
            .expression_attribute_values(":past", AttributeValue::N("0".to_owned()))
            .send()
            .await
            .unwrap();
    }
}

/// The readings of a sensor, through the API; none if there is no such sensor.
pub async fn readings(world: &World, sensor: &str) -> Vec<Value> {
    let path = format!("/v1/sensors/{sensor}/readings?limit=1000");
    let answer = world.get(&path).key(&world.keys.all).send().await;
    if answer.status == 404 {
        return Vec::new();
    }
    answer.expect(200)["readings"].as_array().unwrap().clone()
}

/// An ingest request with an idempotency key.
pub fn ingest(world: &World, idempotency_key: &str, body: &Value) -> Call {
    world.post("/v1/ingest").key(&world.keys.all).header("idempotency-key", idempotency_key).json(body)
}

/// A reading with a time of its own, so that sending it twice is the same request.
pub fn timed(sensor: &str, value: f64, timestamp: &str) -> Value {
    json!({"sensor_id": sensor, "value": value, "sensor_type": "temperature", "unit": "C", "timestamp": timestamp})
}

pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

pub fn number(item: &Item, name: &str) -> u64 {
    item[name].as_n().unwrap().parse().unwrap()
}

pub fn bytes<'a>(item: &'a Item, name: &str) -> &'a [u8] {
    item[name].as_b().unwrap().as_ref()
}
