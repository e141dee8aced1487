//! What repeats every period.

use crate::time::HOUR;

/// The most parts a period is divided into: what is finer is noise more often than pattern.
const PARTS: usize = 96;
/// The values among which periods are searched at once.
const LENGTH: usize = 1_200;
/// A season is learned with a memory of so many periods.
const PERIODS: f64 = 6.0;

/// The pattern of one period, learned by classical decomposition as values come in: each value's distance from the mean
/// of the period around it.
#[derive(Clone, Debug)]
pub(super) struct Season {
    period: f64,
    parts: Vec<(f64, f64)>,
}

impl Season {
    pub(super) fn new(period: f64) -> Self {
        let count = PARTS.min(whole(period.round()));
        Self { period, parts: vec![(0.0, 0.0); count] }
    }

    /// Learns from the value half a period before step `now`, in the middle of the last whole period.
    pub(super) fn learn(&mut self, values: &[f64], sums: &Sums, now: usize) {
        let period = whole(self.period.round());
        let Some(start) = (now + 1).checked_sub(period) else { return };
        let middle = now - period / 2;
        let (Some(value), Some(mean)) = (values.get(middle), sums.mean(start, now + 1)) else { return };
        if value.is_nan() {
            return;
        }
        let most = PERIODS * self.period / self.parts.len() as f64;
        let part = whole(self.position(middle));
        if let Some((pattern, count)) = self.parts.get_mut(part) {
            *count = (*count + 1.0).min(most);
            *pattern += (value - mean - *pattern) / *count;
        }
    }

    /// The pattern's value at a step, between the middles of its parts.
    pub(super) fn at(&self, step: usize) -> f64 {
        let count = self.parts.len();
        let position = self.position(step) + count as f64 - 0.5;
        let (part, share) = (whole(position), position.fract());
        let pattern = |part: usize| self.parts.get(part % count).map_or(0.0, |(pattern, _)| *pattern);
        pattern(part) * (1.0 - share) + pattern(part + 1) * share
    }

    /// Where in the period a step is, in parts.
    fn position(&self, step: usize) -> f64 {
        (step as f64 / self.period).fract() * self.parts.len() as f64
    }

    /// The step from which every part has been learned once.
    pub(super) fn ready(&self) -> usize {
        whole(self.period * 1.5) + 1
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "periods and positions are positive, and no longer than the series"
)]
fn whole(number: f64) -> usize {
    number as usize
}

/// Sums of the values before each step.
#[derive(Debug)]
pub(super) struct Sums(Vec<(f64, u32)>);

impl Sums {
    pub(super) fn new(values: &[f64]) -> Self {
        let mut running = (0.0, 0_u32);
        let sums = values.iter().map(|value| {
            if !value.is_nan() {
                running = (running.0 + value, running.1 + 1);
            }
            running
        });
        Self(std::iter::once((0.0, 0)).chain(sums).collect())
    }

    /// The mean of the values of steps `start..end`.
    pub(super) fn mean(&self, start: usize, end: usize) -> Option<f64> {
        let ((before, skipped), (through, counted)) = (self.0.get(start)?, self.0.get(end)?);
        let count = counted.checked_sub(*skipped).filter(|count| *count > 0)?;
        Some((through - before) / f64::from(count))
    }
}

/// The periods worth trying, in steps, at most two: of the day, the week and what the values themselves repeat, those
/// after which the values are most alike.
pub(super) fn periods(values: &[f64], step: i64) -> Vec<f64> {
    let longest = values.len() * 2 / 5;
    let flat = flat(values, longest);
    let mut found: Vec<(f64, f64)> = Vec::new();
    let calendar = [24 * HOUR, 7 * 24 * HOUR].into_iter().map(|period| period as f64 / step as f64);
    let own = peaks(&flat, longest).into_iter().map(|lag| refined(&flat, lag, longest));
    for period in calendar.chain(own).filter(|period| (4.0..=longest as f64).contains(period)) {
        let known = found.iter().any(|(_, other)| (other / period - 1.0).abs() < 0.03);
        if !known {
            found.push((alike(&flat, whole(period.round())), period));
        }
    }
    found.retain(|(alike, _)| *alike > 0.1);
    found.sort_by(|(one, _), (other, _)| f64::total_cmp(other, one));
    found.into_iter().take(2).map(|(_, period)| period).collect()
}

/// The values without their slow movement, 0 where there is none.
fn flat(values: &[f64], longest: usize) -> Vec<f64> {
    let sums = Sums::new(values);
    let around = longest / 2;
    let slow = |step: usize| sums.mean(step.saturating_sub(around), (step + around + 1).min(values.len()));
    (0..)
        .zip(values)
        .map(|(step, value)| if value.is_nan() { 0.0 } else { value - slow(step).unwrap_or(0.0) })
        .collect()
}

/// The autocorrelation at a lag.
fn alike(flat: &[f64], lag: usize) -> f64 {
    let pairs = || flat.iter().zip(flat.iter().skip(lag));
    let (products, power) = pairs().fold((0.0, 0.0), |(products, power), (one, other)| {
        (products + one * other, power + (one * one + other * other) / 2.0)
    });
    if power > 0.0 { products / power } else { 0.0 }
}

/// Where the autocorrelation is highest behind its first fall below zero: once among short lags in the latest values,
/// once among all lags in values thinned out, because the search costs the square of the length.
fn peaks(flat: &[f64], longest: usize) -> Vec<usize> {
    let latest = flat.get(flat.len().saturating_sub(LENGTH)..).unwrap_or_default().to_vec();
    let stride = flat.len().div_ceil(LENGTH).max(1);
    let thin: Vec<f64> = flat.chunks(stride).map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64).collect();
    [(latest, 1), (thin, stride)]
        .iter()
        .filter_map(|(values, stride)| peak(values, longest / stride).map(|lag| lag * stride))
        .collect()
}

fn peak(values: &[f64], longest: usize) -> Option<usize> {
    let longest = longest.min(values.len() * 2 / 5);
    let correlations: Vec<f64> = (0..=longest).map(|lag| alike(values, lag)).collect();
    let fall = correlations.iter().position(|correlation| *correlation < 0.0)?;
    let peak = (0..).zip(&correlations).skip(fall).max_by(|(_, one), (_, other)| f64::total_cmp(one, other));
    peak.filter(|(lag, correlation)| **correlation > 0.2 && *lag >= 4).map(|(lag, _)| lag)
}

/// A lag more exactly, to a fraction of a step: the peak near its double, fourfold, ... is looked for and divided.
fn refined(flat: &[f64], lag: usize, longest: usize) -> f64 {
    let thinned = flat.len().div_ceil(LENGTH);
    let (mut period, mut around) = (lag as f64, thinned);
    let mut multiple = 1.0;
    while period * multiple <= longest as f64 {
        let center = whole((period * multiple).round());
        let lags = center.saturating_sub(around)..=center + around;
        let best = lags.map(|lag| (alike(flat, lag), lag)).max_by(|one, other| f64::total_cmp(&one.0, &other.0));
        period = best.map_or(period, |(_, lag)| lag as f64 / multiple);
        around = 2;
        multiple *= 2.0;
    }
    period
}
