//! What clients send and are answered.

use maintenance::{Bucket, Resolution, Sample};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most points on a page.
pub const MOST: u16 = 1_000;

/// The order of the points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeOrder {
    /// Oldest first.
    #[default]
    Asc,
    /// Newest first.
    Desc,
}

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingQuery {
    /// The earliest time, included; RFC 3339. The beginning when absent.
    #[schemars(extend("format" = "date-time"))]
    pub from: Option<String>,
    /// The latest time, included; RFC 3339. The end when absent.
    #[schemars(extend("format" = "date-time"))]
    pub to: Option<String>,
    /// `asc` when absent.
    #[serde(default)]
    pub order: TimeOrder,
    /// The most points to answer; 100 when absent.
    #[schemars(range(min = 1, max = MOST))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before, with otherwise the same query.
    pub cursor: Option<String>,
    /// `raw` when absent.
    #[serde(default)]
    pub resolution: Resolution,
}

/// Readings as they were sent, or condensed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Points {
    /// At the resolution `raw`.
    Samples(Vec<Sample>),
    /// At the resolutions `1m`, `1h`, `1d`.
    Buckets(Vec<Bucket>),
}

/// A page of points.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReadingPage {
    /// The points, in the order asked for. Of readings with the same time the last written counts.
    pub readings: Points,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
