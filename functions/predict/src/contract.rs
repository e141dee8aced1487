//! What clients send and are answered.

use inference::{Contributions, FailureModes, MachineType, RawMachineState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most machines in one request.
pub const MOST: usize = 100;

/// The state of one machine.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The quality class of the product: low, medium or high.
    pub machine_type: MachineType,
    /// Temperature of the air around the machine, in kelvin.
    #[schemars(range(min = 285, max = 315))]
    pub air_temperature_k: f64,
    /// Temperature of the process, in kelvin.
    #[schemars(range(min = 295, max = 325))]
    pub process_temperature_k: f64,
    /// Speed of the spindle, in revolutions per minute.
    #[schemars(range(min = 500, max = 4000))]
    pub rotational_speed_rpm: f64,
    /// Torque at the spindle, in newton metres.
    #[schemars(range(min = 0, max = 120))]
    pub torque_nm: f64,
    /// How long the tool has been in use, in minutes.
    #[schemars(range(min = 0, max = 300))]
    pub tool_wear_min: f64,
    /// Whether to say what each input contributes; yes when absent.
    pub explain: Option<bool>,
}

impl Instance {
    /// The part the model sees.
    #[must_use]
    pub const fn state(&self) -> RawMachineState {
        RawMachineState {
            machine_type: self.machine_type,
            air_temperature_k: self.air_temperature_k,
            process_temperature_k: self.process_temperature_k,
            rotational_speed_rpm: self.rotational_speed_rpm,
            torque_nm: self.torque_nm,
            tool_wear_min: self.tool_wear_min,
        }
    }
}

/// Several machines, each still unread so that every bad one is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch<'a> {
    /// The machines.
    #[serde(borrow)]
    pub instances: Vec<&'a RawValue>,
    /// Whether to explain; an instance that says so itself decides for itself.
    pub explain: Option<bool>,
}

/// Several machines.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "describes Batch, whose elements are read one by one")]
pub struct InstanceBatch {
    /// The machines.
    #[schemars(length(min = 1, max = MOST))]
    instances: Vec<Instance>,
    /// Whether to explain; an instance that says so itself decides for itself.
    explain: Option<bool>,
}

/// One machine, or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what the handler tells apart by the member `instances`")]
pub enum PredictRequest {
    /// One machine.
    One(Instance),
    /// Several.
    Many(InstanceBatch),
}

/// Which model answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 digest of its file, hexadecimal.
    pub sha256: String,
}

/// What the model says of one machine.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FailurePrediction {
    /// The probability that it fails.
    #[schemars(range(min = 0, max = 1))]
    pub failure_probability: f64,
    /// Whether the probability reaches the threshold.
    pub will_fail: bool,
    /// Where failing and not failing cost the same.
    pub threshold: f64,
    /// The probability of each way to fail.
    pub failure_modes: FailureModes,
    /// What each input adds to the baseline: exact Shapley values, which sum to the difference
    /// between the failure probability and the baseline. Absent when not to be explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contributions: Option<Contributions>,
    /// The mean probability over the background the contributions start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_probability: Option<f64>,
    /// Whether the machine is like those the model was trained on.
    pub in_distribution: bool,
}

/// The answer for one machine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PredictOneAnswer {
    /// What the model says.
    #[serde(flatten)]
    pub forecast: FailurePrediction,
    /// Which model it is.
    pub model: ModelName,
}

/// The answer for several machines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PredictManyAnswer {
    /// What the model says of each, in their order.
    pub predictions: Vec<FailurePrediction>,
    /// Which model it is.
    pub model: ModelName,
}

/// The answer in the form of the request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PredictAnswer {
    /// For one machine.
    One(Box<PredictOneAnswer>),
    /// For several.
    Many(PredictManyAnswer),
}
