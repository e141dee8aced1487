//! A stream of the embedded DynamoDB, read record by record as Lambda shows it to functions.

use crate::wire::REGION;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// The one shard of a table's stream.
#[derive(Clone)]
pub(super) struct Shard {
    database: Database,
    stream: String,
    pub(super) id: String,
}

/// A record of a stream.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) number: String,
    /// Whole seconds since 1970.
    pub(super) created: i64,
    /// As the function gets it.
    pub(super) json: Json,
    /// How long that is as text.
    pub(super) bytes: usize,
}

impl Shard {
    /// Opens the stream, and says which record is its last.
    pub(super) fn open(database: Database, stream: &str) -> Result<(Self, Option<String>), String> {
        let told = described(database.describe_stream(request(json!({ "StreamArn": stream }))?))?;
        let shard = told.pointer("/StreamDescription/Shards/0").ok_or("the stream has no shard")?;
        let text = |path: &str| shard.pointer(path).and_then(Json::as_str).map(str::to_owned);
        let id = text("/ShardId").unwrap_or_default();
        Ok((Self { database, stream: stream.to_owned(), id }, text("/SequenceNumberRange/EndingSequenceNumber")))
    }

    /// At most so many records after one of them, or from the beginning. Blocks.
    pub(super) fn after(&self, number: Option<&str>, most: usize) -> Result<Vec<Record>, String> {
        let kind = if number.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let place = json!({
            "StreamArn": self.stream,
            "ShardId": self.id,
            "ShardIteratorType": kind,
            "SequenceNumber": number,
        });
        let iterator = self.database.get_shard_iterator(request(place)?).map_err(|error| error.to_string())?;
        let asked = json!({ "ShardIterator": iterator.shard_iterator, "Limit": most });
        let told = self.database.get_records(request(asked)?).map_err(|error| error.to_string())?;
        told.records.iter().map(|record| self.record(record)).collect()
    }

    /// Dynoxide has a region of its own, and does not name the stream.
    fn record(&self, record: &impl Serialize) -> Result<Record, String> {
        let mut json = serde_json::to_value(record).map_err(|error| error.to_string())?;
        let text = |path: &str| json.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
        let number = text("/dynamodb/SequenceNumber");
        let created = json.pointer("/dynamodb/ApproximateCreationDateTime").and_then(Json::as_f64).map_or(0, whole);
        if let Some(change) = json.get_mut("dynamodb").and_then(Json::as_object_mut) {
            change.insert("ApproximateCreationDateTime".to_owned(), json!(created));
        }
        if let Some(record) = json.as_object_mut() {
            record.insert("awsRegion".to_owned(), json!(REGION));
            record.insert("eventSourceARN".to_owned(), json!(self.stream));
        }
        let bytes = json.to_string().len();
        Ok(Record { number, created, json, bytes })
    }
}

/// A time that is a whole number of seconds, without its decimal point.
#[expect(clippy::cast_possible_truncation, reason = "the fraction is zero, and the number that of a time")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

fn described(told: Result<impl Serialize, DynoxideError>) -> Result<Json, String> {
    let told = told.map_err(|error| error.to_string())?;
    serde_json::to_value(told).map_err(|error| error.to_string())
}

fn request<T: DeserializeOwned>(asked: Json) -> Result<T, String> {
    serde_json::from_value(asked).map_err(|error| error.to_string())
}
