//! The machine-failure model.

use kernel::Violation;
use manifest::{Bundle, Manifest};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    layout::{LABELS, Layout, LoadError},
    machine::{MachineState, OWNER, RawMachineState, WIDTH},
    network::{self, Network, RunError},
    shapley::{COALITIONS, shapley},
};

/// How far the baseline may be from the signed one: the rounding of another runtime, and no more.
const BASELINE_TOLERANCE: f64 = 1e-5;

/// Rows of one run. More rows make an explanation faster, which runs thousands, and a single prediction slower, which
/// fills the rest with zeros; at this number both meet their targets, and one optimised graph serves both.
const ROWS: usize = 128;

/// One row of the model's output.
type Output = [f32; LABELS.len()];

/// The failure model, verified, checked and optimised: a value of this type can only answer.
#[derive(Debug)]
pub struct FailureModel {
    manifest: Manifest,
    layout: Layout,
    network: Network<ROWS, WIDTH, { LABELS.len() }>,
    baseline: f64,
}

/// What the model says about one machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The probability that the machine fails, 0 to 1.
    pub failure_probability: f64,
    /// The probability of each way to fail.
    pub modes: FailureModes,
    /// Whether the failure probability reaches the model's threshold.
    pub will_fail: bool,
    /// Whether the inputs, taken together, are like the training data.
    pub in_distribution: bool,
}

/// The probability of each way to fail, 0 to 1. A machine can fail in several ways at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FailureModes {
    /// The tool is worn out.
    pub tool_wear: f64,
    /// The process is cooled too little at too low a speed.
    pub heat_dissipation: f64,
    /// The power at the spindle is too low or too high.
    pub power: f64,
    /// A worn tool is under too much torque for the product's class.
    pub overstrain: f64,
}

/// Why the model says so: exact interventional Shapley values against the signed background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explanation {
    /// The mean failure probability over the background: what is known before any input is.
    pub baseline_probability: f64,
    /// What each input adds to it. They sum to the failure probability minus the baseline.
    pub contributions: Contributions,
}

/// What each input adds to the failure probability; negative when it lowers it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs)]
pub struct Contributions {
    pub machine_type: f64,
    pub air_temperature_k: f64,
    pub process_temperature_k: f64,
    pub rotational_speed_rpm: f64,
    pub torque_nm: f64,
    pub tool_wear_min: f64,
}

impl FailureModel {
    /// Checks that this code and the model mean the same by every number, and optimises the model. Only a
    /// verified model has the type to be loaded:
    ///
    /// ```compile_fail
    /// inference::FailureModel::load(b"any bytes");
    /// ```
    ///
    /// # Errors
    /// [`LoadError`] when the model was made for other code.
    pub fn load(bundle: Bundle<'_>) -> Result<Self, LoadError> {
        let layout = Layout::check(bundle.manifest())?;
        let refused = |cause| LoadError::Graph(format!("{cause:#}"));
        let network = network::read(&bundle).and_then(Network::optimise).map_err(refused)?;
        let baseline = network.run(&layout.background).and_then(|outputs| mean_failure(&outputs));
        let baseline = baseline.map_err(|_| LoadError::Baseline)?;
        // Written so that NaN fails it.
        let reproduced = (baseline - bundle.manifest().baseline).abs() <= BASELINE_TOLERANCE;
        if !reproduced {
            return Err(LoadError::Baseline);
        }
        Ok(Self { manifest: bundle.into_manifest(), layout, network, baseline })
    }

    /// What was signed about the model.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The mean failure probability over the background.
    #[must_use]
    pub const fn baseline(&self) -> f64 {
        self.baseline
    }

    /// Accepts a machine state when each number is in the range signed for it.
    ///
    /// # Errors
    /// One violation for each number out of its range, with a pointer from the state itself.
    pub fn accept(&self, raw: &RawMachineState) -> Result<MachineState, Vec<Violation>> {
        MachineState::parse(raw, &self.layout.features)
    }

    /// Predicts whether the machine fails.
    ///
    /// # Errors
    /// [`RunError`] when the model has no answer.
    pub fn predict(&self, state: &MachineState) -> Result<Prediction, RunError> {
        let output = self.network.run(&[*state.row()])?.first().copied().ok_or(RunError::Runtime)?;
        let [failure, tool_wear, heat_dissipation, power, overstrain] = output.map(f64::from);
        let failure_probability = probability(failure)?;
        Ok(Prediction {
            failure_probability,
            modes: FailureModes {
                tool_wear: probability(tool_wear)?,
                heat_dissipation: probability(heat_dissipation)?,
                power: probability(power)?,
                overstrain: probability(overstrain)?,
            },
            will_fail: failure_probability >= self.manifest.threshold,
            in_distribution: self.layout.familiarity.recognises(state.numeric()),
        })
    }

    /// Explains the failure probability that [`Self::predict`] gives for the same state.
    ///
    /// A coalition is worth the mean probability over the background when its members have the state's values
    /// and the others the background row's. All coalitions run as one batch; the empty one is the baseline and
    /// the full one the prediction, so neither is run again.
    ///
    /// # Errors
    /// [`RunError`] when the model has no answer.
    pub fn explain(&self, state: &MachineState) -> Result<Explanation, RunError> {
        let background = &self.layout.background;
        let mut values = [0.0; COALITIONS];
        let [nobody, some @ .., everybody] = &mut values;
        *nobody = self.baseline;
        *everybody = self.predict(state)?.failure_probability;
        let mut rows = Vec::with_capacity((COALITIONS - 2) * background.len());
        for coalition in 1..COALITIONS - 1 {
            rows.extend(background.iter().map(|absent| mix(coalition, state.row(), absent)));
        }
        let outputs = self.network.run(&rows)?;
        for (value, outputs) in some.iter_mut().zip(outputs.chunks_exact(background.len())) {
            *value = mean_failure(outputs)?;
        }
        Ok(Explanation { baseline_probability: self.baseline, contributions: named(shapley(&values)) })
    }
}

const fn named(shares: [f64; 6]) -> Contributions {
    let [machine_type, air_temperature_k, process_temperature_k, rotational_speed_rpm, torque_nm, tool_wear_min] =
        shares;
    Contributions {
        machine_type,
        air_temperature_k,
        process_temperature_k,
        rotational_speed_rpm,
        torque_nm,
        tool_wear_min,
    }
}

/// The row in which the members of `coalition` have the values of `present` and the others those of `absent`.
fn mix(coalition: usize, present: &[f32; WIDTH], absent: &[f32; WIDTH]) -> [f32; WIDTH] {
    let mut row = *absent;
    for ((number, present), owner) in row.iter_mut().zip(present).zip(OWNER) {
        if coalition >> owner & 1 == 1 {
            *number = *present;
        }
    }
    row
}

fn mean_failure(outputs: &[Output]) -> Result<f64, RunError> {
    let mut sum = 0.0;
    let mut count = 0.0;
    for [failure, ..] in outputs {
        sum += probability(f64::from(*failure))?;
        count += 1.0;
    }
    Ok(sum / count)
}

/// Rounding may carry a probability past its ends; `clamp` would let NaN through.
const fn probability(value: f64) -> Result<f64, RunError> {
    if value.is_nan() { Err(RunError::NotANumber) } else { Ok(value.clamp(0.0, 1.0)) }
}
