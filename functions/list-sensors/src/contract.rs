//! What clients send and are answered.

use maintenance::Sensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most sensors on a page.
pub const MOST: u16 = 200;

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SensorQuery {
    /// The most sensors to answer; 100 when absent.
    #[schemars(range(min = 1, max = MOST))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of sensors, in the order of their names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SensorPage {
    /// The sensors.
    pub sensors: Vec<Sensor>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
