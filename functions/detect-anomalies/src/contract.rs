//! What clients send and are answered.

use maintenance::{RawReading, anomaly::Anomaly};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most readings in one request.
pub const MOST: usize = 5_000;
/// The most anomalies in one answer.
pub const LONGEST_ANSWER: usize = 5_000;

/// A sensor's stored readings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StoredRange")]
pub struct Range {
    /// Whose readings.
    #[schemars(with = "kernel::Identifier")]
    pub sensor_id: String,
    /// The first time, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// The last time, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub to: String,
    /// How readily readings are flagged; 0.5 when absent.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sensitivity: Option<f64>,
}

/// Readings to judge, each still unread so that every bad one is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch<'a> {
    /// The readings.
    #[serde(borrow)]
    pub readings: Vec<&'a RawValue>,
    /// How readily readings are flagged.
    pub sensitivity: Option<f64>,
}

/// Readings to judge: they are not stored, and what is stored does not count.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "describes Batch, whose elements are read one by one")]
pub struct ReadingsToJudge {
    /// The readings, of any sensors, in any order. Sensors that share times are also judged together.
    #[schemars(length(min = 1, max = MOST))]
    readings: Vec<RawReading>,
    /// How readily readings are flagged; 0.5 when absent. A higher one flags whatever a lower one does.
    #[schemars(range(min = 0.0, max = 1.0))]
    sensitivity: Option<f64>,
}

/// Readings, or where they are stored.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what the handler tells apart by the member `readings`")]
pub enum DetectRequest {
    /// Readings.
    Readings(ReadingsToJudge),
    /// Where they are stored.
    Stored(Range),
}

/// What is unusual.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DetectAnswer {
    /// The unusual readings, in the order of the readings; the first 5000 when there are more.
    pub anomalies: Vec<Anomaly>,
    /// How many readings are unusual.
    pub found: usize,
    /// How many readings were given, or are stored in the range.
    pub analyzed: usize,
    /// How many of them were judged: the others have too little before them, or repeat a time.
    pub judged: usize,
    /// How they were judged.
    pub method: &'static str,
}
