//! What clients send and are answered.

use std::borrow::Cow;

use maintenance::{MAX_READINGS, RawReading};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What happens to the good readings of a batch that has bad ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Any bad reading refuses the batch; the problem names each.
    #[default]
    AllOrNothing,
    /// Good readings are stored, bad ones are listed in `rejected`.
    Partial,
}

/// A batch of readings, each still unread: a bad one must not make the others unreadable.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch<'a> {
    /// The readings.
    #[serde(borrow)]
    pub readings: Vec<&'a RawValue>,
    /// What happens to the good ones among bad ones.
    pub mode: Option<Mode>,
}

/// A batch of readings.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "describes Batch, whose elements are read one by one")]
pub struct ReadingBatch {
    /// The readings.
    #[schemars(length(min = 1, max = MAX_READINGS))]
    readings: Vec<RawReading>,
    /// What happens to the good ones among bad ones.
    mode: Option<Mode>,
}

/// One reading, or a batch of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what the handler tells apart by the member `readings`")]
pub enum IngestRequest {
    /// One reading.
    One(RawReading),
    /// A batch.
    Many(ReadingBatch),
}

/// A reading that was not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rejected {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The rule it breaks, for machines.
    pub code: Cow<'static, str>,
    /// The place and the rule, for people.
    pub message: String,
}

/// What became of the readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IngestAnswer {
    /// How many readings are now stored.
    pub accepted: usize,
    /// Those that are not; empty unless the mode is `partial`.
    pub rejected: Vec<Rejected>,
}
