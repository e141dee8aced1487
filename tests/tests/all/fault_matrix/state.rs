//! What is stored, how it differs from what was, and how it is brought back: so that each case begins where the first
//! one began, and ends where the one without a fault ended.

use crate::evidence::{Item, dynamo, items, text};
use crate::world::{STAGE, World};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TABLES: [&str; 6] = ["telemetry", "ledger", "subject-keys", "requests", "issuers", "audit"];
const BUCKETS: [(&str, &str); 2] = [("ImportsBucket", "imports"), ("CheckpointsBucket", "audit")];
const QUEUES: [&str; 3] = ["NotificationsQueue", "ImportsQueue", "DeadLetterQueue"];
const TOPIC: &str = "NotificationsTopic";

/// Everything that is kept.
pub struct State {
    /// By table and key.
    rows: BTreeMap<(&'static str, String), Item>,
    /// By bucket and key.
    objects: BTreeMap<(&'static str, String), Vec<u8>>,
    /// How much was sent to each queue and to the topic.
    told: BTreeMap<&'static str, usize>,
}

/// What came and went, in words that are the same whenever it happens. What may be told more than once stands there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference(pub BTreeMap<String, usize>);

impl State {
    pub async fn take(world: &World) -> Self {
        let tables = join_all(TABLES.map(|table| items(world, table))).await;
        let mut rows = BTreeMap::new();
        for (table, items) in TABLES.into_iter().zip(tables) {
            rows.extend(items.into_iter().map(|item| ((table, key(&item)), item)));
        }
        let mut objects = BTreeMap::new();
        for (bucket, name) in BUCKETS {
            for object in world.cloud.objects(bucket).unwrap() {
                let get = s3(world).get_object().bucket(bucket_name(name)).key(&object.key).send().await.unwrap();
                objects.insert((bucket, object.key), get.body.collect().await.unwrap().into_bytes().to_vec());
            }
        }
        Self { rows, objects, told: told(world).into_iter().map(|(name, told)| (name, told.len())).collect() }
    }

    /// What is there now and was not then, and what is no longer there.
    pub async fn difference(&self, world: &World) -> Difference {
        let now = Self::take(world).await;
        let mut found = BTreeMap::new();
        let mut note = |line: String| *found.entry(line).or_insert(0) += 1;
        for ((table, key), item) in &now.rows {
            if self.rows.get(&(*table, key.clone())) != Some(item) && !is_window(table, key) {
                note(described(table, item));
            }
        }
        for ((table, key), item) in &self.rows {
            if !now.rows.contains_key(&(*table, key.clone())) {
                note(format!("no more: {}", described(table, item)));
            }
        }
        for (bucket, key) in now.objects.keys().filter(|key| !self.objects.contains_key(*key)) {
            note(format!("{bucket} {}", blur(key)));
        }
        for (bucket, key) in self.objects.keys().filter(|key| !now.objects.contains_key(*key)) {
            note(format!("no more: {bucket} {}", blur(key)));
        }
        for (name, told) in told(world) {
            let new: BTreeSet<&String> = told.iter().skip(self.told[name]).collect();
            new.into_iter().for_each(|text| note(format!("{name} {}", blur(text))));
        }
        Difference(found)
    }

    /// Brings back what was. What was told stays told.
    pub async fn restore(&mut self, world: &World) {
        let now = Self::take(world).await;
        for table in TABLES {
            let of_table = |(known, _): &&(&str, String)| *known == table;
            let changed =
                self.rows.iter().filter(|(place, item)| place.0 == table && now.rows.get(*place) != Some(item));
            let puts = changed.map(|(_, item)| {
                let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
                WriteRequest::builder().put_request(put).build()
            });
            let added = now.rows.keys().filter(of_table).filter(|place| !self.rows.contains_key(*place));
            let deletes = added.map(|place| {
                let delete = DeleteRequest::builder().set_key(Some(key_of(&now.rows[place]))).build().unwrap();
                WriteRequest::builder().delete_request(delete).build()
            });
            let writes: Vec<WriteRequest> = puts.chain(deletes).collect();
            for batch in writes.chunks(25) {
                let write = dynamo(world).batch_write_item().request_items(table_name(table), batch.to_vec());
                write.send().await.unwrap();
            }
        }
        let name = |bucket: &str| bucket_name(BUCKETS.iter().find(|(id, _)| *id == bucket).unwrap().1);
        for ((bucket, key), body) in &self.objects {
            if !now.objects.contains_key(&(*bucket, key.clone())) {
                let put = s3(world).put_object().bucket(name(bucket)).key(key).body(body.clone().into());
                put.send().await.unwrap();
            }
        }
        for (bucket, key) in now.objects.keys().filter(|key| !self.objects.contains_key(*key)) {
            s3(world).delete_object().bucket(name(bucket)).key(key).send().await.unwrap();
        }
        self.told = told(world).into_iter().map(|(name, told)| (name, told.len())).collect();
    }
}

fn s3(world: &World) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&world.cloud.sdk_config())
}

fn table_name(table: &str) -> String {
    format!("palisade-{STAGE}-{table}")
}

fn bucket_name(name: &str) -> String {
    format!("palisade-{STAGE}-{name}-000000000000-us-east-1")
}

/// Whatever was sent, by queue and topic.
fn told(world: &World) -> BTreeMap<&'static str, Vec<String>> {
    let bodies = |queue| world.cloud.messages(queue).unwrap().into_iter().map(|message| message.body).collect();
    let mut told: BTreeMap<_, Vec<String>> = QUEUES.into_iter().map(|queue| (queue, bodies(queue))).collect();
    let published = world.cloud.published(TOPIC).unwrap();
    told.insert(TOPIC, published.into_iter().map(|published| published.message).collect());
    told
}

fn key_of(item: &Item) -> Item {
    item.iter()
        .filter(|(name, _)| ["pk", "sk", "seq"].contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

fn key(item: &Item) -> String {
    let parts = ["pk", "sk", "seq"].map(|name| item.get(name).map_or_else(String::new, |value| format!("{value:?}")));
    parts.join(" ")
}

/// Windows of the exact limit count requests, and each attempt is one.
fn is_window(table: &str, key: &str) -> bool {
    table == "requests" && key.contains("!limit")
}

/// A row without what differs from run to run: names that were made up, times, and whatever is sealed. A number that
/// is counted up stays.
fn described(table: &str, item: &Item) -> String {
    if table == "audit" {
        let entry: Value = serde_json::from_str(text(item, "entry")).unwrap();
        return format!("audit {} {} {}", entry["route"], entry["decision"], blur(&entry["objects"].to_string()));
    }
    let mut words = vec![table.to_owned()];
    words.extend(["pk", "sk"].iter().filter_map(|name| Some(blur(item.get(*name)?.as_s().ok()?))));
    let mut names: Vec<&String> = item.keys().filter(|name| !["pk", "sk"].contains(&name.as_str())).collect();
    names.sort();
    // Each time somebody is told, it is noted.
    let is_noted = item.get("kind") == Some(&AttributeValue::S("notification".to_owned()));
    for name in names {
        words.push(match (&item[name], name.as_str()) {
            (AttributeValue::N(number), "revision" | "status" | "count" | "attempts") if !is_noted => {
                format!("{name}={number}")
            }
            (AttributeValue::S(text), "status" | "kind") => format!("{name}={}", blur(text)),
            (AttributeValue::S(text), "body") => match serde_json::from_str::<Value>(text) {
                Ok(body) => format!("body={}", body["status"]),
                Err(_) => "body".to_owned(),
            },
            _ => name.clone(),
        });
    }
    words.join(" ")
}

/// Text in which each word that looks as if it had been made up, or were a time, is the same.
pub fn blur(text: &str) -> String {
    let mut out = String::new();
    let is_apart = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    for part in text.split_inclusive(is_apart) {
        let word = part.trim_end_matches(is_apart);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_chance = word.len() >= 16 || (digits > 0 && digits * 2 >= word.len());
        out.push_str(if is_chance { "~" } else { word });
        out.push_str(&part[word.len()..]);
    }
    out
}
