//! The state of a machine, from an untrusted request to the numbers a model reads.

use kernel::Violation;
use manifest::Feature;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

/// Numbers in one row of a model's input: three for the machine type, one for each numeric input.
pub(crate) const WIDTH: usize = 8;
/// The numeric inputs, in the model's order.
pub(crate) const NUMERIC: [&str; 5] =
    ["air_temperature_k", "process_temperature_k", "rotational_speed_rpm", "torque_nm", "tool_wear_min"];
/// Which of the six raw inputs each number of a row belongs to: the machine type's three numbers move together.
pub(crate) const OWNER: [u32; WIDTH] = [0, 0, 0, 1, 2, 3, 4, 5];

/// The quality class of the product a machine works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MachineType {
    /// Low.
    L,
    /// Medium.
    M,
    /// High.
    H,
}

impl MachineType {
    /// Every type, in the model's order.
    pub(crate) const NAMES: [&str; 3] = ["L", "M", "H"];

    const fn one_hot(self) -> [f32; 3] {
        match self {
            Self::L => [1.0, 0.0, 0.0],
            Self::M => [0.0, 1.0, 0.0],
            Self::H => [0.0, 0.0, 1.0],
        }
    }
}

/// The state of a machine as a client sends it. The accepted range of each number is signed with the model, so
/// it is checked against the model and not here.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RawMachineState {
    /// The quality class of the product: low, medium or high.
    pub machine_type: MachineType,
    /// Temperature of the air around the machine, in kelvin.
    pub air_temperature_k: f64,
    /// Temperature of the process, in kelvin.
    pub process_temperature_k: f64,
    /// Speed of the spindle, in revolutions per minute.
    pub rotational_speed_rpm: f64,
    /// Torque at the spindle, in newton metres.
    pub torque_nm: f64,
    /// How long the tool has been in use, in minutes.
    pub tool_wear_min: f64,
}

/// The state of a machine inside the ranges of the model that accepted it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MachineState {
    numeric: [f64; 5],
    row: [f32; WIDTH],
}

impl MachineState {
    /// Accepts `raw` when every number is in the range of its feature.
    pub(crate) fn parse(raw: &RawMachineState, features: &[Feature; 5]) -> Result<Self, Vec<Violation>> {
        let numeric = [
            raw.air_temperature_k,
            raw.process_temperature_k,
            raw.rotational_speed_rpm,
            raw.torque_nm,
            raw.tool_wear_min,
        ];
        let violations: Vec<_> =
            features.iter().zip(numeric).filter_map(|(feature, value)| out_of_range(feature, value)).collect();
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Self { numeric, row: encode(raw.machine_type, numeric) })
    }

    /// The numeric inputs at full precision.
    pub(crate) const fn numeric(&self) -> &[f64; 5] {
        &self.numeric
    }

    /// The model's input.
    pub(crate) const fn row(&self) -> &[f32; WIDTH] {
        &self.row
    }
}

/// The check is written so that NaN fails it. A number may be finite as sent and infinite as the model reads
/// it, so both are asked.
fn out_of_range(feature: &Feature, value: f64) -> Option<Violation> {
    let accepted = (feature.minimum..=feature.maximum).contains(&value) && single(value).is_finite();
    (!accepted).then(|| {
        let Feature { name, unit, minimum, maximum, .. } = feature;
        Violation::new(format!("/{name}"), "out_of_range", format!("must be between {minimum} and {maximum} {unit}"))
    })
}

fn encode(machine_type: MachineType, numeric: [f64; 5]) -> [f32; WIDTH] {
    let [l, m, h] = machine_type.one_hot();
    let [air, process, speed, torque, wear] = numeric.map(single);
    [l, m, h, air, process, speed, torque, wear]
}

/// The model computes in single precision; rounding to it is meant.
#[allow(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_row_belongs_to_the_input_it_was_encoded_from() {
        let changed = |a: [f32; WIDTH], b: [f32; WIDTH]| {
            let pairs = a.into_iter().zip(b).zip(OWNER);
            pairs.filter(|((a, b), _)| a != b).map(|(_, owner)| owner).collect::<Vec<_>>()
        };
        let base = encode(MachineType::L, [0.0; 5]);
        assert_eq!(changed(base, encode(MachineType::M, [0.0; 5])), [0, 0]);
        assert_eq!(changed(base, encode(MachineType::H, [0.0; 5])), [0, 0]);
        for input in 1..=5 {
            let numeric = [1, 2, 3, 4, 5].map(|i| if i == input { 1.0 } else { 0.0 });
            assert_eq!(changed(base, encode(MachineType::L, numeric)), [input]);
        }
    }

    #[test]
    fn what_becomes_infinite_in_single_precision_is_refused() {
        assert!(single(1e39).is_infinite());
    }
}
