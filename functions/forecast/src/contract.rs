//! What clients send and are answered.

use kernel::Identifier;
use maintenance::Forecast;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest horizon, in minutes: thirty days.
pub const LONGEST_HORIZON: i64 = 43_200;

/// What to foresee.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastRequest {
    /// Which sensor.
    #[schemars(with = "Identifier")]
    pub sensor_id: String,
    /// How far ahead of its newest reading.
    #[schemars(range(min = 1, max = LONGEST_HORIZON))]
    pub horizon_minutes: i64,
    /// Values that should not be passed: when they will be is foreseen too.
    pub limit: Option<Limit>,
}

/// Values that should not be passed, in the sensor's unit.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The lower.
    pub low: Option<f64>,
    /// The upper.
    pub high: Option<f64>,
}

/// What the sensor will show.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForecastAnswer {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// The unit of its values.
    pub unit: String,
    /// The forecast.
    #[serde(flatten)]
    pub found: Forecast,
}
