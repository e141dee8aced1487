//! What repeats every period.

use crate::time::HOUR;

/// The most parts a period is divided into: what is finer is noise more often than pattern.
const PARTS: usize = 96;
/// A season is learned with a memory of so many periods.
const PERIODS: f64 = 6.0;

/// The pattern of one period, learned by classical decomposition as values come in: each value's distance from the mean
/// of the period around it.
#[derive(Clone, Debug)]
pub(super) struct Season {
    period: usize,
    parts: Vec<(f64, f64)>,
}

impl Season {
    pub(super) fn new(period: usize) -> Self {
        Self { period, parts: vec![(0.0, 0.0); period.min(PARTS)] }
    }

    /// Learns from the value half a period before step `now`, in the middle of the last whole period.
    pub(super) fn learn(&mut self, values: &[f64], sums: &Sums, now: usize) {
        let Some(start) = (now + 1).checked_sub(self.period) else { return };
        let middle = now - self.period / 2;
        let (Some(value), Some(mean)) = (values.get(middle), sums.mean(start, now + 1)) else { return };
        if value.is_nan() {
            return;
        }
        let per_part = self.period as f64 / self.parts.len() as f64;
        let part = self.part(middle);
        if let Some((pattern, count)) = self.parts.get_mut(part) {
            *count = (*count + 1.0).min(PERIODS * per_part);
            *pattern += (value - mean - *pattern) / *count;
        }
    }

    /// The pattern's value at a step, between the middles of its parts.
    pub(super) fn at(&self, step: usize) -> f64 {
        let count = self.parts.len();
        let position = (step % self.period) as f64 + 0.5;
        let position = position * count as f64 / self.period as f64 - 0.5;
        let below = position.floor();
        let share = position - below;
        let whole = if below < 0.0 { count - 1 } else { self.part(step).min(below_index(below)) };
        let pattern = |part: usize| self.parts.get(part % count).map_or(0.0, |(pattern, _)| *pattern);
        pattern(whole) * (1.0 - share) + pattern(whole + 1) * share
    }

    fn part(&self, step: usize) -> usize {
        (step % self.period) * self.parts.len() / self.period
    }

    /// The step from which every part has been learned once.
    pub(super) fn ready(&self) -> usize {
        self.period + self.period / 2 + 1
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below the count of parts")]
fn below_index(below: f64) -> usize {
    below as usize
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

/// The periods worth trying, in steps: the day and the week, and what the values themselves repeat most plainly.
pub(super) fn periods(values: &[f64], step: i64) -> Vec<usize> {
    let longest = values.len() * 2 / 5;
    let calendar = [24 * HOUR, 7 * 24 * HOUR]
        .into_iter()
        .filter_map(|period| usize::try_from((period + step / 2) / step).ok())
        .filter(|period| (4..=longest).contains(period));
    let mut periods: Vec<usize> = calendar.collect();
    if let Some(found) = strongest(values, longest)
        && periods.iter().all(|period| period.abs_diff(found) * 20 > *period)
    {
        periods.push(found);
    }
    periods
}

/// The lag at which the values, freed of their slow movement, are most alike themselves: the highest peak of the
/// autocorrelation behind its first fall below zero.
fn strongest(values: &[f64], longest: usize) -> Option<usize> {
    /// Longer series are thinned: the search costs the square of the length.
    const LENGTH: usize = 1_500;
    let stride = values.len().div_ceil(LENGTH).max(1);
    let thin: Vec<f64> = values.chunks(stride).map(mean).collect();
    let sums = Sums::new(&thin);
    let longest = longest / stride;
    let around = longest / 2;
    let flat: Vec<f64> = (0..)
        .zip(&thin)
        .map(|(step, value): (usize, &f64)| {
            let slow = sums.mean(step.saturating_sub(around), (step + around + 1).min(thin.len()));
            slow.map_or(0.0, |slow| value - slow)
        })
        .map(|value| if value.is_nan() { 0.0 } else { value })
        .collect();
    let power: f64 = flat.iter().map(|value| value * value).sum();
    let alike = |lag: usize| {
        let products: f64 = flat.iter().zip(flat.iter().skip(lag)).map(|(one, other)| one * other).sum();
        products / power * flat.len() as f64 / (flat.len() - lag) as f64
    };
    if power <= 0.0 {
        return None;
    }
    let correlations: Vec<f64> = (0..=longest).map(alike).collect();
    let fall = correlations.iter().position(|correlation| *correlation < 0.0)?;
    let peak = (0..).zip(&correlations).skip(fall).max_by(|(_, one), (_, other)| f64::total_cmp(one, other));
    peak.filter(|(lag, correlation)| **correlation > 0.3 && *lag >= 4).map(|(lag, _)| lag * stride)
}

fn mean(values: &[f64]) -> f64 {
    let observed = || values.iter().filter(|value| !value.is_nan());
    observed().sum::<f64>() / observed().count() as f64
}
