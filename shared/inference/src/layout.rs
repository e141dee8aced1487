//! What a manifest must say for this code to use its model.

use std::fmt;

use manifest::{Feature, Manifest};

use crate::{
    familiarity::Familiarity,
    machine::{MachineType, NUMERIC, WIDTH},
};

/// The model's outputs, in order.
pub(crate) const LABELS: [&str; 5] = ["failure", "tool_wear", "heat_dissipation", "power", "overstrain"];

/// Why a verified model cannot be used: it was made for other code. Rolling back either cures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// A row of the input is not what this code encodes: of a failure model the one-hot machine type and the five
    /// numeric inputs, of a remaining-life model the summary of a window, in this order; of a category model the
    /// rows of a name.
    Input,
    /// A row of the output is not what this code reads: of a failure model the five probabilities, of a
    /// remaining-life model the remaining life and its two quantiles, in this order; of a category model one
    /// probability for each of so many categories.
    Output,
    /// A range is empty or not finite.
    Ranges,
    /// The threshold or the baseline is not a probability.
    Threshold,
    /// The background is empty or has a row that no machine could be encoded to.
    Background,
    /// The corrections of an interval are not a table of numbers over increasing lengths and answers.
    Calibration,
    /// The familiarity test is of another kind or size.
    InDistribution,
    /// The runtime refuses the graph. The text is the runtime's and for the log.
    Graph(String),
    /// The model's mean output over the background is not the signed baseline: the runtime computes something
    /// else than the training script did.
    Baseline,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "the model's input is not the one this program encodes",
            Self::Output => "the model's output is not the one this program reads",
            Self::Ranges => "an input range of the model is empty or not finite",
            Self::Threshold => "the model's threshold or baseline is not a probability",
            Self::Background => "the model's background rows are missing or malformed",
            Self::Calibration => "the calibration of the model's interval is malformed",
            Self::InDistribution => "the model's familiarity test is malformed",
            Self::Graph(cause) => return write!(f, "the model's graph cannot run: {cause}"),
            Self::Baseline => "the model does not reproduce its signed baseline",
        })
    }
}

impl std::error::Error for LoadError {}

/// The parts of a manifest in the shapes this code relies on.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) features: [Feature; 5],
    pub(crate) background: Vec<[f32; WIDTH]>,
    pub(crate) familiarity: Familiarity<5>,
}

impl Layout {
    pub(crate) fn check(manifest: &Manifest) -> Result<Self, LoadError> {
        let names = manifest.features.iter().map(|feature| feature.name.as_str());
        let mut categories = manifest.categories.iter();
        let machine_type = categories.next().is_some_and(|(name, values)| {
            name == "machine_type" && *values == MachineType::NAMES && categories.next().is_none()
        });
        if !machine_type || !names.eq(NUMERIC) || manifest.input.width != WIDTH {
            return Err(LoadError::Input);
        }
        if manifest.output.labels != LABELS {
            return Err(LoadError::Output);
        }
        if ![manifest.threshold, manifest.baseline].iter().all(|value| (0.0..=1.0).contains(value)) {
            return Err(LoadError::Threshold);
        }
        let features = <[Feature; 5]>::try_from(manifest.features.clone()).map_err(|_| LoadError::Input)?;
        if !features.iter().all(|feature| feature.minimum < feature.maximum) {
            return Err(LoadError::Ranges);
        }
        Ok(Self {
            features,
            background: background(&manifest.background)?,
            familiarity: Familiarity::new(&manifest.in_distribution)?,
        })
    }
}

fn background(signed: &[Vec<f32>]) -> Result<Vec<[f32; WIDTH]>, LoadError> {
    let rows = signed.iter().map(|row| row.as_slice().try_into()).collect::<Result<Vec<[f32; WIDTH]>, _>>();
    let possible = |row: &[f32; WIDTH]| {
        let [types @ .., _, _, _, _, _] = row;
        let one_hot = types.iter().all(|bit| [0.0, 1.0].contains(bit)) && types.iter().sum::<f32>() == 1.0;
        one_hot && row.iter().all(|value| value.is_finite())
    };
    rows.ok().filter(|rows| !rows.is_empty() && rows.iter().all(possible)).ok_or(LoadError::Background)
}
