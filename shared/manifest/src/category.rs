//! What a manifest says about a model of merchant categories.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Contents, Digest, Input, Interval, Output, TrainingData, Version};

/// The description of a model that guesses a category from a name, as signed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CategoryManifest {
    /// What the model is called in answers and audit entries.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The version of this format; always 1 here.
    pub format: u32,
    /// The digest of the model file.
    pub sha256: Digest,
    /// The one input tensor: the numbers of the rows that a name has.
    pub input: Input,
    /// The one output tensor: the probability of each category.
    pub output: Output,
    /// How a name becomes rows.
    pub features: NameFeatures,
    /// By what the model's logits were divided, so that its probabilities can be believed.
    pub temperature: f64,
    /// What the model was trained on, besides the tables of this repository.
    pub training_data: Vec<TrainingData>,
    /// Figures on held-out names.
    pub metrics: BTreeMap<String, Interval>,
}

/// How a name becomes rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NameFeatures {
    /// Rows of the table. One more is all zeros.
    pub buckets: u32,
    /// Letters in the shortest run of letters.
    pub shortest: usize,
    /// Letters in the longest.
    pub longest: usize,
    /// Words of a name that are looked at.
    pub words: usize,
    /// Letters of a word that are looked at.
    pub letters: usize,
}

impl Contents for CategoryManifest {
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
