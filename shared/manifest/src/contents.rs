//! What a manifest says about its model.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Digest, Version};

/// What the manifest of every model says, whatever the model answers.
pub trait Contents: DeserializeOwned {
    /// The version of the manifest's format.
    fn format(&self) -> u32;
    /// The digest of the model file.
    fn sha256(&self) -> Digest;
    /// The model's version.
    fn version(&self) -> Version;
    /// The one input tensor.
    fn input(&self) -> &Input;
    /// The one output tensor.
    fn output(&self) -> &Output;
}

/// The description of a failure model, as signed. A `Manifest` by itself proves nothing; the one inside a
/// [`crate::Bundle`] was verified.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// What the model is called in answers and audit entries.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The version of this format; always 1 here.
    pub format: u32,
    /// The digest of the model file.
    pub sha256: Digest,
    /// The one input tensor: a row is the one-hot categories, then the features, in the order given here.
    pub input: Input,
    /// The one output tensor.
    pub output: Output,
    /// The numeric inputs, in the model's order.
    pub features: Vec<Feature>,
    /// The categorical inputs; each is one-hot in the order of its values.
    pub categories: BTreeMap<String, Vec<String>>,
    /// The decision is "will fail" at and above this probability.
    pub threshold: f64,
    /// The mean output over `background`: what explanations start from.
    pub baseline: f64,
    /// Input rows that stand for "not known" in explanations.
    pub background: Vec<Vec<f32>>,
    /// When an input is like the training data.
    pub in_distribution: InDistribution,
    /// What the model was trained on.
    pub training_data: TrainingData,
    /// Cross-validated figures by name.
    pub metrics: BTreeMap<String, Interval>,
    /// How many false alarms one missed failure costs; the threshold follows from it.
    pub cost_ratio: f64,
}

impl Contents for Manifest {
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

/// The model's input tensor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Input {
    /// The tensor's name in the graph.
    pub name: String,
    /// Numbers in a row.
    pub width: usize,
}

/// The model's output tensor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Output {
    /// The tensor's name in the graph.
    pub name: String,
    /// What each number of a row is: of a failure model, what it is the probability of.
    pub labels: Vec<String>,
}

/// One numeric input.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Feature {
    /// The field's name in requests.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// The smallest value that is accepted.
    pub minimum: f64,
    /// The largest value that is accepted.
    pub maximum: f64,
    /// The training data's deciles, minimum and maximum included.
    pub quantiles: [f64; 11],
}

/// The test for inputs that are in range and still unlike anything the model was trained on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum InDistribution {
    /// The squared Mahalanobis distance of the numeric inputs from the training mean.
    Mahalanobis {
        /// The training mean, in the order of the features.
        mean: Vec<f64>,
        /// The inverse of the training covariance, row by row.
        inverse_covariance: Vec<Vec<f64>>,
        /// The largest squared distance that counts as alike.
        limit: f64,
    },
}

/// Where the model's knowledge comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainingData {
    /// The data set.
    pub name: String,
    /// The digest of the training file.
    pub sha256: Digest,
    /// Rows trained on.
    pub rows: u64,
    /// The data set's licence.
    pub licence: String,
}

/// A figure and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Interval {
    /// The mean over cross-validation repeats.
    pub mean: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}
