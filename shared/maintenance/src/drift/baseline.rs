//! A distribution that is kept to compare with later.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Drift, DriftRules, compare,
    distribution::{Distribution, Knot},
};

/// Into how many parts of equal number a baseline divides its values: a multiple of the ten bins of the stability
/// index, so that their limits are among the knots and the index is the one of all values.
const PARTS: u64 = 120;

/// The distribution of a sensor's values over a period, in at most 121 knots whatever their number.
///
/// At the knots the distribution is exact. A sample of at most 121 different values, such as that of a coarse or
/// constant sensor, is kept whole; of any other less than 1/120 of the values lies between two knots. So the Kolmogorov-Smirnov
/// statistic is never above that of all values and at most 1/120 below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Stored", into = "Stored")]
#[schemars(with = "Stored")]
pub struct Baseline {
    from: Timestamp,
    to: Timestamp,
    distribution: Distribution,
}

/// The stored form of a baseline.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// The start of the period.
    from: Timestamp,
    /// The end of the period.
    to: Timestamp,
    /// Values and their ranks, ascending, from the smallest value to the largest.
    #[schemars(length(max = 121))]
    knots: Vec<Knot>,
}

/// A stored baseline whose ranks or values no sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaselineError;

impl std::fmt::Display for BaselineError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the baseline's knots are not those of any sample")
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// Condenses the values of a period, in any order.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp, values: &[f64]) -> Self {
        let whole = Distribution::new(values);
        let chosen = (0..=PARTS).filter_map(|part| whole.quantile(part, PARTS).copied());
        let mut knots: Vec<Knot> =
            if whole.knots().len() as u64 <= PARTS + 1 { whole.knots().to_vec() } else { chosen.collect() };
        knots.dedup();
        // Some of the knots of a sample are in order as all of them are.
        Self { from, to, distribution: Distribution::from_knots(knots).unwrap_or(whole) }
    }

    /// The start and the end of the period.
    #[must_use]
    pub fn period(&self) -> (Timestamp, Timestamp) {
        (self.from, self.to)
    }

    /// How many values the baseline stands for.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.distribution.count()
    }

    /// Compares recent values, in any order, with those of the baseline.
    #[must_use]
    pub fn drift(&self, recent: &[f64], rules: DriftRules) -> Drift {
        compare(recent, &self.distribution, rules)
    }
}

impl From<Baseline> for Stored {
    fn from(baseline: Baseline) -> Self {
        Self { from: baseline.from, to: baseline.to, knots: baseline.distribution.knots().to_vec() }
    }
}

impl TryFrom<Stored> for Baseline {
    type Error = BaselineError;

    fn try_from(stored: Stored) -> Result<Self, BaselineError> {
        let distribution = Distribution::from_knots(stored.knots).ok_or(BaselineError)?;
        Ok(Self { from: stored.from, to: stored.to, distribution })
    }
}
