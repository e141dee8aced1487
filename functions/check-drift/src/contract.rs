//! What clients send and are answered.

use jiff::Timestamp;
use maintenance::Drift;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest window, in minutes: a week.
pub const LONGEST_WINDOW: i64 = 10_080;
/// The most samples that may be demanded.
pub const MOST_SAMPLES: u32 = 100_000;

/// What to compare with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The window just before, of the same length.
    #[default]
    Preceding,
    /// The stored baseline. Without one, data is insufficient.
    Baseline,
}

/// What to compare.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftRequest {
    /// Whose readings.
    #[schemars(with = "kernel::Identifier")]
    pub sensor_id: String,
    /// How long the recent window is, counted back from the newest reading.
    #[schemars(range(min = 1, max = LONGEST_WINDOW))]
    pub window_minutes: i64,
    /// Below which p-value it is drift; 0.05 when absent.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p_value_threshold: Option<f64>,
    /// How many readings each side must have; 30 when absent.
    #[schemars(range(min = 1, max = MOST_SAMPLES))]
    pub min_samples: Option<u32>,
    /// What to compare with.
    #[serde(default)]
    pub reference: Reference,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DriftAnswer {
    /// The comparison.
    #[serde(flatten)]
    pub found: Drift,
    /// The recent window begins after this time.
    pub window_from: Timestamp,
    /// The time of the newest reading, with which it ends.
    pub window_to: Timestamp,
    /// What the recent readings were compared with.
    pub reference: Reference,
}
