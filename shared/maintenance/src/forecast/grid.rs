//! Readings at any times, as a series of even steps.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};

use super::{ForecastError, season::Sums};
use crate::{
    series::Sample,
    time::{SECOND, nanoseconds},
};

/// The most steps of history that are used: the latest.
const MAX_SLOTS: i64 = 10_000;
/// The most steps that are forecast; for a longer horizon the step is widened.
const MAX_LEAD: i64 = 2_000;
/// The fewest steps with a reading: below that neither a model nor its error can be told.
pub(super) const MIN_OBSERVED: usize = 30;
/// The history must be this many times as long as what is forecast from it.
pub(super) const SPANS: i64 = 2;
/// At least this share of the steps must have a reading.
const MIN_SHARE: f64 = 0.5;

/// Values at even steps, up to the last reading.
#[derive(Debug)]
pub(super) struct Series {
    /// Nanoseconds from one value to the next.
    pub(super) step: i64,
    /// When the last value was measured, in nanoseconds.
    pub(super) last: i64,
    /// The values, brought near to the interval -1 to 1; not a number where there is no reading.
    pub(super) values: Vec<f64>,
    /// Their sums.
    pub(super) sums: Sums,
    /// The steps behind the last value that are to be forecast.
    pub(super) leads: RangeInclusive<usize>,
    center: f64,
    scale: f64,
}

impl Series {
    /// Lays a grid over the readings until `now`, with a point at the last of them. Its step is the median distance of
    /// the readings, doubled until half of the steps have one. A point takes the reading nearest to it, and stays empty
    /// when there is none within half a step: nothing is interpolated.
    pub(super) fn new(history: &[Sample], now: Timestamp, horizon: SignedDuration) -> Result<Self, ForecastError> {
        let now = nanoseconds(now);
        let readings: Vec<(i64, f64)> = history
            .iter()
            .map(|sample| (nanoseconds(sample.timestamp), sample.value))
            .filter(|(time, _)| *time <= now)
            .collect();
        let horizon = i64::try_from(horizon.as_nanos()).unwrap_or(i64::MAX).max(1);
        let (Some((first, _)), Some((last, _))) = (readings.first().copied(), readings.last().copied()) else {
            return Err(ForecastError::too_little(0, 0, horizon));
        };
        let silent = now.saturating_sub(last);
        if silent > horizon {
            return Err(ForecastError::Stale { silent: SignedDuration::from_nanos(silent) });
        }
        let span = last.saturating_sub(first).max(0);
        let ahead = silent.saturating_add(horizon);
        if readings.len() < MIN_OBSERVED || span / SPANS < ahead {
            return Err(ForecastError::too_little(readings.len(), span, ahead));
        }
        let mut step = usual_step(&readings);
        let mut sparse = false;
        while span / step >= MIN_OBSERVED as i64 - 1 && (step <= ahead || !sparse) {
            let lead = (ahead / step).max(1);
            if lead <= MAX_LEAD {
                let slots = (span / step).min(MAX_SLOTS - 1) + 1;
                let values = fill(&readings, last, step, count(slots));
                let observed = values.iter().filter(|value| !value.is_nan()).count();
                if observed >= MIN_OBSERVED && observed as f64 >= MIN_SHARE * slots as f64 {
                    return Ok(Self::normalised(values, step, last, count(silent / step) + 1..=count(lead)));
                }
                sparse = true;
            }
            step = step.saturating_mul(2);
        }
        Err(if sparse { ForecastError::TooManyGaps } else { ForecastError::too_little(readings.len(), span, ahead) })
    }

    /// Brings finite values of any size near to the interval from -1 to 1, where sums and products of them stay finite.
    fn normalised(mut values: Vec<f64>, step: i64, last: i64, leads: RangeInclusive<usize>) -> Self {
        let observed = |values: &[f64]| values.iter().copied().filter(|value| !value.is_nan()).collect::<Vec<_>>();
        let largest = observed(&values).iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let center = median(&mut observed(&values)) / scale;
        for value in &mut values {
            *value = *value / scale - center;
        }
        Self { step, last, sums: Sums::new(&values), values, leads, center, scale }
    }

    /// A number of the normalised series, in the unit of the readings.
    pub(super) fn restore(&self, value: f64) -> f64 {
        ((value + self.center) * self.scale).clamp(f64::MIN, f64::MAX)
    }

    /// A distance of the normalised series, in the unit of the readings.
    pub(super) fn restore_distance(&self, distance: f64) -> f64 {
        (distance * self.scale).clamp(0.0, f64::MAX)
    }
}

/// The median distance of neighbours, rounded to what a clock would be set to.
fn usual_step(readings: &[(i64, f64)]) -> i64 {
    const MILLISECOND: i64 = SECOND / 1000;
    const UNITS: [i64; 8] = [
        MILLISECOND,
        10 * MILLISECOND,
        100 * MILLISECOND,
        SECOND,
        5 * SECOND,
        60 * SECOND,
        300 * SECOND,
        3600 * SECOND,
    ];
    let mut steps: Vec<i64> = readings
        .iter()
        .zip(readings.iter().skip(1))
        .map(|((one, _), (next, _))| next.saturating_sub(*one))
        .filter(|step| *step > 0)
        .collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        return SECOND;
    }
    let median = *steps.select_nth_unstable(middle).1;
    let unit = UNITS.into_iter().rev().find(|unit| median / 50 >= *unit).unwrap_or(1);
    median.saturating_add(unit / 2) / unit * unit
}

fn fill(readings: &[(i64, f64)], last: i64, step: i64, slots: usize) -> Vec<f64> {
    let mut nearest = vec![(i64::MAX, f64::NAN); slots];
    for (time, value) in readings.iter().rev() {
        let age = last.saturating_sub(*time).saturating_add(step / 2);
        let Some(slot) = usize::try_from(age / step).ok().and_then(|back| slots.checked_sub(back + 1)) else { break };
        let off = (age % step - step / 2).abs();
        if let Some(best) = nearest.get_mut(slot)
            && off < best.0
        {
            *best = (off, *value);
        }
    }
    nearest.into_iter().map(|(_, value)| value).collect()
}

/// A count of steps, which is not negative.
fn count(steps: i64) -> usize {
    usize::try_from(steps).unwrap_or(0)
}

/// The middle of finite values, the upper one of two; 0 of none.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}
