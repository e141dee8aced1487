//! What is said of a reading.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is unusual about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It lies far from the readings just before it, or the last ten scatter much more than usual.
    Spike,
    /// The mean of the last ten readings left the usual level suddenly.
    LevelShift,
    /// It did so gradually.
    Drift,
    /// It repeats the readings before it for longer than chance allows.
    Flatline,
    /// The sensors at this time do not go together as they usually do.
    Multivariate,
}

/// What was expected of the judged quantity at the sensitivity asked for: of the reading for a spike, of the mean of
/// the last ten for a level shift or a drift. In the sensor's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// The least that would not have been flagged.
    pub low: f64,
    /// The most.
    pub high: f64,
}

/// Why a reading was flagged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What is unusual.
    pub kind: Kind,
    /// How unusual: 1 is the limit at sensitivity 0.5. Does not depend on the sensitivity.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub score: f64,
    /// 1 to 5, from the score: below 1.5, below 2.5, below 5, below 10, and above.
    #[schemars(range(min = 1, max = 5))]
    pub severity: u8,
    /// What would have been usual.
    pub expected: Expected,
}

/// A flagged reading of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Anomaly {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Whose reading it is; for a multivariate anomaly the sensor that contributes most.
    pub sensor_id: Identifier,
    /// When it was measured.
    pub timestamp: Timestamp,
    /// What was measured.
    pub value: f64,
    /// Why it was flagged.
    #[serde(flatten)]
    pub finding: Finding,
}

/// How readily readings are flagged, from 0 to 1.
///
/// It moves the limit that a score must reach from 2 at 0 through 1 at 0.5 to 0.5 at 1, and nothing else: what is
/// learned and how readings score does not depend on it, so whatever is flagged at one sensitivity is flagged at every
/// higher one.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Sensitivity(f64);

impl Default for Sensitivity {
    fn default() -> Self {
        Self(0.5)
    }
}

impl Sensitivity {
    /// Accepts 0 to 1.
    #[must_use]
    pub fn new(sensitivity: f64) -> Option<Self> {
        (0.0..=1.0).contains(&sensitivity).then_some(Self(sensitivity))
    }

    /// The least score that is flagged.
    #[must_use]
    pub fn limit(self) -> f64 {
        4.0_f64.powf(0.5 - self.0)
    }
}

/// How unusual a quantity is, whatever the sensitivity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Score {
    pub(super) score: f64,
    pub(super) kind: Kind,
    /// Where the quantity was expected, and how far it is from there.
    pub(super) middle: f64,
    pub(super) distance: f64,
}

/// Scores are no larger.
const MOST: f64 = 1000.0;

impl Score {
    /// The finding at this sensitivity, if there is one.
    pub(super) fn find(&self, sensitivity: Sensitivity) -> Option<Finding> {
        let limit = sensitivity.limit();
        let score = self.score.min(MOST);
        let severity = match score {
            ..1.5 => 1,
            ..2.5 => 2,
            ..5.0 => 3,
            ..10.0 => 4,
            _ => 5,
        };
        // The distance at which this quantity would have had the limit for its score.
        let half = self.distance * (limit / self.score).min(1.0);
        let expected = Expected { low: (self.middle - half).max(f64::MIN), high: (self.middle + half).min(f64::MAX) };
        (score >= limit).then_some(Finding { kind: self.kind, score, severity, expected })
    }
}
