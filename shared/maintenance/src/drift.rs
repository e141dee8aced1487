//! Whether recent values are still distributed as earlier ones.
//!
//! The test is the two-sample Kolmogorov-Smirnov test, the size of the change is the population stability index.
//! Both compare ranks alone, so neither scale nor unit matters and no value is too large.
//!
//! The p-value supposes independent values. Telemetry is autocorrelated: neighbours repeat each other, a window holds
//! less evidence than readings, and a sensor that wanders differs from one window to the next without end. The p-value
//! is answered as the plain test gives it all the same, because it can then be checked with any statistics package.
//! Correcting it by an effective sample size would not help: that is a notion for means, and a slowly wandering sensor
//! would have hardly more than one effective value in any window. Who acts on drift unattended should ask
//! [`Baseline::is_unusual`] instead, which measures what is usual in windows of the sensor itself.

mod baseline;
mod distribution;
mod kolmogorov;
mod stability;

use schemars::JsonSchema;
use serde::Serialize;

pub use baseline::{Baseline, BaselineError};
use distribution::Distribution;

/// When to call a difference drift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriftRules {
    /// Drift is a p-value below this one, from 0 to 1.
    pub p_value_threshold: f64,
    /// Fewer values than this on either side are insufficient data. One is the least that is ever enough.
    pub min_samples: u32,
}

impl Default for DriftRules {
    /// At 5 % and from 30 values: below that the quantile bins hold fewer than three each.
    fn default() -> Self {
        Self { p_value_threshold: 0.05, min_samples: 30 }
    }
}

/// What the comparison of recent values with earlier ones found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Drift {
    /// Whether the p-value is below the threshold; false when data is insufficient.
    pub drift_detected: bool,
    /// The largest distance between the two empirical distributions, 0 to 1; null when data is insufficient.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub ks_statistic: Option<f64>,
    /// The two-sided p-value of that distance for independent values, exact when neither side has more than 10,000
    /// values and asymptotic otherwise; null when data is insufficient.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p_value: Option<f64>,
    /// The population stability index over ten quantile bins of the earlier values; by convention below 0.1 is no
    /// change and 0.25 or more a large one; null when data is insufficient.
    #[schemars(range(min = 0.0))]
    pub psi: Option<f64>,
    /// How many recent values there are.
    pub recent_count: u64,
    /// How many earlier values they are compared with.
    pub baseline_count: u64,
    /// Whether either side has too few values to judge.
    pub insufficient_data: bool,
}

/// Compares the values of a recent window with those of the window before it, each in any order.
#[must_use]
pub fn drift(recent: &[f64], preceding: &[f64], rules: DriftRules) -> Drift {
    compare(recent, &Distribution::new(preceding), rules)
}

impl Drift {
    /// The statistic from which the asymptotic test calls it drift, for as many values as were compared.
    #[must_use]
    pub fn critical_statistic(&self, p_value_threshold: f64) -> f64 {
        let (recent, earlier) = (self.recent_count as f64, self.baseline_count as f64);
        let scale = (-(p_value_threshold / 2.0).ln() / 2.0).max(0.0).sqrt();
        (scale * ((recent + earlier) / (recent * earlier)).sqrt()).min(1.0)
    }
}

fn compare(recent: &[f64], earlier: &Distribution, rules: DriftRules) -> Drift {
    let mut sorted = recent.to_vec();
    sorted.sort_by(f64::total_cmp);
    let recent_count = sorted.len() as u64;
    let baseline_count = earlier.count();
    let insufficient_data = recent_count.min(baseline_count) < u64::from(rules.min_samples.max(1));
    let (mut ks_statistic, mut p_value, mut psi) = (None, None, None);
    if !insufficient_data {
        let distance = kolmogorov::Distance::between(&sorted, earlier);
        ks_statistic = Some(distance.statistic());
        p_value = Some(distance.p_value());
        psi = Some(stability::index(&sorted, earlier));
    }
    let drift_detected = p_value.is_some_and(|p_value| p_value < rules.p_value_threshold);
    Drift { drift_detected, ks_statistic, p_value, psi, recent_count, baseline_count, insufficient_data }
}
