//! Statistics that a few wild values cannot move.

/// What [`trimmed_square`] leaves of the mean square of Gaussian values.
const KEPT_OF_SQUARE: f64 = 0.623;

/// The values in ascending order.
pub(super) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which `percent` of the ascending values lie; 0 when there are none.
pub(super) fn percentile(ascending: &[f64], percent: usize) -> f64 {
    let place = ascending.len().saturating_sub(1) * percent.min(100);
    let (below, part) = (place / 100, (place % 100) as f64 / 100.0);
    let lower = ascending.get(below).copied().unwrap_or(0.0);
    let upper = ascending.get(below + 1).copied().unwrap_or(lower);
    lower + (upper - lower) * part
}

/// The middle value; 0 when there are none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&sorted(values), 50)
}

/// The mean without the fifth of the values at each end. Equal values have exactly that mean.
pub(super) fn trimmed_mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let ascending = sorted(values);
    let out = ascending.len() / 5;
    let kept = ascending.get(out..ascending.len() - out).unwrap_or_default();
    let Some(first) = kept.first() else { return 0.0 };
    first + kept.iter().map(|value| value - first).sum::<f64>() / kept.len() as f64
}

/// The mean square without the largest tenth, scaled to be the variance of Gaussian deviations.
pub(super) fn trimmed_square(deviations: impl IntoIterator<Item = f64>) -> f64 {
    let ascending = sorted(deviations.into_iter().map(|deviation| deviation * deviation));
    let kept = ascending.len() - ascending.len() / 10;
    let sum: f64 = ascending.iter().take(kept).sum();
    sum / kept.max(1) as f64 / KEPT_OF_SQUARE
}
