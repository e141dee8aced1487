//! What clients send and are answered.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest window, in minutes: a week.
pub const LONGEST_WINDOW: i64 = 10_080;

/// A period in which the sensor was as it should be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineRequest {
    /// Its first time, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// Its last time, RFC 3339. There may be at most 100000 readings until then.
    #[schemars(extend("format" = "date-time"))]
    pub to: String,
    /// How long the windows are that will be compared with it.
    #[schemars(range(min = 1, max = LONGEST_WINDOW))]
    pub window_minutes: i64,
}

/// What is kept of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BaselineAnswer {
    /// Whose baseline it is.
    pub sensor_id: Identifier,
    /// The start of the period.
    pub from: Timestamp,
    /// The end of the period.
    pub to: Timestamp,
    /// How many readings it stands for.
    pub count: u64,
    /// The largest Kolmogorov-Smirnov distance of a window of the period from the others; null when there are fewer than
    /// ten windows of thirty readings, with which no drift is told unattended.
    pub usual: Option<f64>,
}
