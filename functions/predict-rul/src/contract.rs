//! What clients send and are answered.

use inference::{MOST_CYCLES, RawCycle, RemainingLife};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most engines in one request.
pub const MOST: usize = 100;
/// The most broken rules that one answer names: a request has room for a hundred thousand.
pub const MOST_NAMED: usize = 100;

/// The last cycles of one engine.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Its last cycles, oldest first. More of them make the interval narrower.
    #[schemars(length(min = 1, max = MOST_CYCLES))]
    pub cycles: Vec<RawCycle>,
}

/// Several engines, each still unread so that every bad one is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch<'a> {
    /// The engines.
    #[serde(borrow)]
    pub instances: Vec<&'a RawValue>,
}

/// Several engines.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "describes Batch, whose elements are read one by one")]
pub struct RulRequest {
    /// The engines.
    #[schemars(length(min = 1, max = MOST))]
    instances: Vec<Engine>,
}

/// Which model answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RulModelName")]
pub struct ModelName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 digest of its file, hexadecimal.
    pub sha256: String,
}

/// How long one engine lasts. Lives beyond 125 cycles are not told apart: an answer near 125 means "125 or more", and
/// `high` of 125 is no upper limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RulPrediction {
    /// Cycles until it fails.
    #[schemars(range(min = 0, max = 125))]
    pub remaining_cycles: f64,
    /// Lower end of the interval.
    #[schemars(range(min = 0, max = 125))]
    pub low: f64,
    /// Upper end of the interval.
    #[schemars(range(min = 0, max = 125))]
    pub high: f64,
    /// How often such an interval holds the truth, for engines like those the model was trained on.
    #[schemars(range(min = 0, max = 1))]
    pub coverage: f64,
    /// Whether the engine is like those; if not, the interval promises nothing.
    pub in_distribution: bool,
}

impl From<RemainingLife> for RulPrediction {
    fn from(life: RemainingLife) -> Self {
        let RemainingLife { remaining_cycles, low, high, coverage, in_distribution } = life;
        Self { remaining_cycles, low, high, coverage, in_distribution }
    }
}

/// How long the engines last.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulAnswer {
    /// Each engine's prediction, in their order.
    pub predictions: Vec<RulPrediction>,
    /// Which model it is.
    pub model: ModelName,
}
