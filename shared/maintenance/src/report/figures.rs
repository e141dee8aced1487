//! Numbers from numbers. Readings may be as large as an `f64` can be, so nothing here adds them
//! up before they are scaled down, and what has no finite value is `None`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::aggregate::sum;

/// A computed figure without the noise of its last digits: ten significant digits.
pub(super) fn tidy(value: f64) -> Option<f64> {
    let rounded: f64 = format!("{value:.9e}").parse().ok()?;
    Some(if rounded.is_finite() { rounded } else { value }).filter(|value| value.is_finite())
}

/// The power of two that brings `values` to about one, where sums and squares stay finite.
fn scale(values: impl Iterator<Item = f64>) -> f64 {
    const BIAS: u64 = 1023;
    let largest = values.map(f64::abs).fold(0.0, f64::max);
    let exponent = (largest.to_bits() >> 52).clamp(BIAS - 1000, BIAS + 1000);
    f64::from_bits((2 * BIAS - exponent) << 52)
}

/// The mean of values, each counted as often as its weight says.
pub(super) fn mean(values: impl Iterator<Item = (f64, u64)> + Clone) -> Option<f64> {
    let (low, high) = ends(values.clone().map(|(value, _)| value));
    // Rounding must not put the mean of equal values beside them.
    exact_mean(values).and_then(tidy).map(|mean| mean.max(low).min(high))
}

/// The same with all its digits, which a difference of two means needs.
pub(super) fn exact_mean(values: impl Iterator<Item = (f64, u64)> + Clone) -> Option<f64> {
    let scale = scale(values.clone().map(|(value, _)| value));
    let weight = values.clone().map(|(_, weight)| weight).fold(0, u64::saturating_add);
    let (low, high) = ends(values.clone().map(|(value, _)| value));
    let total = sum(values.map(|(value, weight)| value * scale * weight as f64));
    (weight > 0).then(|| (total / weight as f64 / scale).max(low).min(high))
}

/// The smallest and the largest.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// The sample standard deviation of two values or more.
pub(super) fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let scale = scale(values.iter().copied());
    let count = values.len() as f64;
    let (low, high) = ends(values.iter().map(|value| value * scale));
    let mean = (sum(values.iter().map(|value| value * scale)) / count).max(low).min(high);
    let squares = sum(values.iter().map(|value| (value * scale - mean) * (value * scale - mean)));
    tidy((squares / (count - 1.0)).sqrt() / scale)
}

/// The quantile `q` of sorted values, interpolated linearly between the two nearest (type 7 of
/// Hyndman and Fan, *Sample Quantiles in Statistical Packages*, 1996).
pub(super) fn quantile(sorted: &[f64], q: Quantile) -> Option<f64> {
    let position = sorted.len().checked_sub(1)? * q.percent();
    let (low, share) = (position / 100, (position % 100) as f64 / 100.0);
    let low = *sorted.get(low)?;
    let high = sorted.get(position / 100 + 1).copied().unwrap_or(low);
    tidy((low * (1.0 - share) + high * share).max(low).min(high)).map(|value| value.max(low).min(high))
}

/// The quantiles that reports state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quantile {
    P05,
    P50,
    P95,
}

impl Quantile {
    const fn percent(self) -> usize {
        match self {
            Self::P05 => 5,
            Self::P50 => 50,
            Self::P95 => 95,
        }
    }
}

/// `part / whole`; `None` of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64).and_then(tidy)
}

/// The difference of two exact figures where both exist.
pub(super) fn change(from: Option<f64>, to: Option<f64>) -> Option<f64> {
    tidy(to? - from?)
}

/// A change as a multiple of a standard deviation; `None` where nothing varied.
pub(super) fn in_deviations(change: Option<f64>, deviation: Option<f64>) -> Option<f64> {
    tidy(change? / deviation.filter(|deviation| *deviation > 0.0)?)
}

/// How long something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Durations {
    /// How many there are.
    pub count: u64,
    /// Their mean.
    pub mean_seconds: Option<f64>,
    /// Half of them were not longer.
    pub median_seconds: Option<f64>,
    /// The longest.
    pub longest_seconds: Option<i64>,
}

impl Durations {
    pub(super) fn of(mut seconds: Vec<i64>) -> Self {
        seconds.sort_unstable();
        let values: Vec<f64> = seconds.iter().map(|seconds| *seconds as f64).collect();
        Self {
            count: values.len() as u64,
            mean_seconds: mean(values.iter().map(|value| (*value, 1))),
            median_seconds: quantile(&values, Quantile::P50),
            longest_seconds: seconds.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HUGE: [f64; 4] = [f64::MAX, f64::MIN, 5e-324, 0.0];

    #[test]
    fn figures_of_extreme_values_are_finite_or_absent() {
        for values in [&HUGE[..1], &HUGE[..2], &HUGE, &HUGE[2..]] {
            let mean = mean(values.iter().map(|value| (*value, u64::MAX / 8))).unwrap();
            assert!(mean.is_finite(), "{values:?}");
            assert!(deviation(values).is_none_or(f64::is_finite), "{values:?}");
        }
        assert_eq!(mean([(f64::MAX, 3)].into_iter()), Some(f64::MAX));
        assert_eq!(mean([(5e-324, 3)].into_iter()), Some(5e-324));
        assert_eq!(mean(HUGE[..2].iter().map(|value| (*value, 1))), Some(0.0));
        assert_eq!(change(Some(f64::MIN), Some(f64::MAX)), None);
        assert_eq!(mean(std::iter::empty()), None);
    }

    #[test]
    fn the_mean_of_equal_values_is_that_value() {
        let value = 0.123_456_789_012_345_68;
        assert_eq!(mean([(value, 2), (value, 5)].into_iter()), Some(value));
        assert_eq!(quantile(&[value; 3], Quantile::P95), Some(value));
        assert_eq!(deviation(&[value; 3]), Some(0.0));
        assert_eq!(in_deviations(Some(1.0), Some(0.0)), None);
    }

    #[test]
    fn quantiles_and_deviation_are_the_textbooks() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&values, Quantile::P50), Some(2.5));
        assert_eq!(quantile(&values, Quantile::P05), Some(1.15));
        assert_eq!(quantile(&values, Quantile::P95), Some(3.85));
        assert_eq!(deviation(&values), Some(1.290_994_449));
        assert_eq!(quantile(&[], Quantile::P50), None);
        assert_eq!(deviation(&[1.0]), None);
    }

    #[test]
    fn durations_of_nothing_are_absent() {
        assert_eq!(Durations::of(Vec::new()), Durations::default());
        let some = Durations::of(vec![60, 10, 20]);
        assert_eq!((some.count, some.mean_seconds, some.median_seconds), (3, Some(30.0), Some(20.0)));
        assert_eq!(some.longest_seconds, Some(60));
    }
}
