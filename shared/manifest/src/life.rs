//! What a manifest says about a remaining-life model.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Contents, Digest, Feature, InDistribution, Input, Interval, Output, TrainingData, Version};

/// The description of a remaining-life model, as signed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LifeManifest {
    /// What the model is called in answers and audit entries.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The version of this format; always 1 here.
    pub format: u32,
    /// The digest of the model file.
    pub sha256: Digest,
    /// The one input tensor: a row summarises a window of cycles.
    pub input: Input,
    /// The one output tensor.
    pub output: Output,
    /// The numbers of one cycle, in the order of the data set.
    pub features: Vec<Feature>,
    /// What a row of the input is computed from.
    pub window: Window,
    /// The longest remaining life that is told apart, in cycles.
    pub longest: f64,
    /// How the model's quantiles become an interval.
    pub calibration: Calibration,
    /// When a window is like the training data.
    pub in_distribution: InDistribution,
    /// What the model was trained on.
    pub training_data: TrainingData,
    /// Cross-validated figures by name.
    pub metrics: BTreeMap<String, Interval>,
}

/// The part of an engine's past that a model looks at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Window {
    /// How many cycles back it reaches, the last one included.
    pub cycles: u32,
    /// The sensors it looks at, counted from 1.
    pub sensors: Vec<usize>,
}

/// Corrections of the model's quantiles, found on engines that it was not trained on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Calibration {
    /// How often the interval holds the truth, 0 to 1.
    pub coverage: f64,
    /// Where each row of `corrections` begins, in readings of the window.
    pub readings: Vec<u32>,
    /// Where each column of `corrections` begins, in remaining cycles as answered.
    pub answers: Vec<f64>,
    /// By how many cycles to move each end outwards.
    pub corrections: Vec<Vec<f64>>,
}

impl Contents for LifeManifest {
    fn format(&self) -> u32 {
        self.format
    }

    fn sha256(&self) -> Digest {
        self.sha256
    }

    fn version(&self) -> Version {
        self.version
    }

    fn input(&self) -> &Input {
        &self.input
    }

    fn output(&self) -> &Output {
        &self.output
    }
}
