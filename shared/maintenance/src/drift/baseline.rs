//! A distribution that is kept to compare with later.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Drift, DriftRules, compare,
    distribution::{Distribution, Knot},
    kolmogorov::Distance,
};
use crate::series::Sample;

/// Into how many parts of equal number a baseline divides its values: a multiple of the ten bins of the stability
/// index, so that their limits are among the knots and the index is the one of all values.
const PARTS: u64 = 120;
/// Windows with fewer values say little about what is usual.
const WINDOW_VALUES: usize = 30;
/// Of fewer windows the largest distance says little.
const WINDOWS: usize = 10;

/// The distribution of a sensor's values over a period, in at most 121 knots whatever their number, and how far windows
/// of that period were from it.
///
/// At the knots the distribution is exact. A sample of at most 121 different values, such as that of a coarse or
/// constant sensor, is kept whole; of any other less than 1/120 of the values lies between two knots. So the
/// Kolmogorov-Smirnov statistic is never above that of all values and at most 1/120 below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Stored", into = "Stored")]
#[schemars(with = "Stored")]
pub struct Baseline {
    from: Timestamp,
    to: Timestamp,
    usual: Option<f64>,
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
    /// The largest Kolmogorov-Smirnov distance of a window of the period from the rest of it; null when there were too
    /// few windows.
    usual: Option<f64>,
    /// Values and their ranks, ascending, from the smallest value to the largest.
    #[schemars(length(max = 121))]
    knots: Vec<Knot>,
}

/// A stored baseline with ranks, values or a distance that no sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaselineError;

impl std::fmt::Display for BaselineError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the baseline is not that of any sample")
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// Condenses the readings of a period, which are sorted by time. `window` is how long the windows are that will be
    /// compared with it.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp, samples: &[Sample], window: SignedDuration) -> Self {
        let distribution = condensed(Distribution::new(&values(samples)));
        let usual = usual(&distribution, from, samples, window);
        Self { from, to, usual, distribution }
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

    /// The largest distance of a window of its own period from the others; `None` when it has fewer than ten windows to
    /// tell by.
    #[must_use]
    pub fn usual(&self) -> Option<f64> {
        self.usual
    }

    /// Whether drift from this baseline is further than any window of its own period was from the others. Without drift
    /// and with k such windows this happens once in about k + 1, however strongly neighbouring values depend on each
    /// other within a window. False when the baseline has fewer than ten windows to tell by.
    #[must_use]
    pub fn is_unusual(&self, drift: &Drift) -> bool {
        let beyond = drift.ks_statistic.zip(self.usual).is_some_and(|(distance, usual)| distance > usual);
        drift.drift_detected && beyond
    }
}

fn values(samples: &[Sample]) -> Vec<f64> {
    samples.iter().map(|sample| sample.value).collect()
}

fn condensed(whole: Distribution) -> Distribution {
    if whole.knots().len() as u64 <= PARTS + 1 {
        return whole;
    }
    let mut knots: Vec<Knot> = (0..=PARTS).filter_map(|part| whole.quantile(part, PARTS).copied()).collect();
    knots.dedup();
    // Some of the knots of a sample are in order as all of them are.
    Distribution::from_knots(knots).unwrap_or(whole)
}

/// The largest distance of a window from all others.
fn usual(all: &Distribution, from: Timestamp, samples: &[Sample], window: SignedDuration) -> Option<f64> {
    let length = window.as_nanos().max(1);
    let number = |sample: &Sample| sample.timestamp.duration_since(from).as_nanos().div_euclid(length);
    let windows = samples.chunk_by(|one, other| number(one) == number(other));
    let distances: Vec<f64> = windows
        .filter(|window| (WINDOW_VALUES..samples.len()).contains(&window.len()))
        .map(|window| {
            let mut sorted = values(window);
            sorted.sort_by(f64::total_cmp);
            // The window is a part of all, which makes it look nearer to the others by just its share.
            let others = 1.0 - window.len() as f64 / samples.len() as f64;
            (Distance::between(&sorted, all).statistic() / others).min(1.0)
        })
        .collect();
    (distances.len() >= WINDOWS).then(|| distances.into_iter().fold(0.0, f64::max))
}

impl From<Baseline> for Stored {
    fn from(baseline: Baseline) -> Self {
        Self {
            from: baseline.from,
            to: baseline.to,
            usual: baseline.usual,
            knots: baseline.distribution.knots().to_vec(),
        }
    }
}

impl TryFrom<Stored> for Baseline {
    type Error = BaselineError;

    fn try_from(stored: Stored) -> Result<Self, BaselineError> {
        let distribution = Distribution::from_knots(stored.knots).ok_or(BaselineError)?;
        if stored.usual.is_some_and(|usual| !(0.0..=1.0).contains(&usual)) {
            return Err(BaselineError);
        }
        Ok(Self { from: stored.from, to: stored.to, usual: stored.usual, distribution })
    }
}
