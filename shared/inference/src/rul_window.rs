//! The last cycles of an engine, from an untrusted request to the numbers a model reads.

use kernel::Violation;
use manifest::Feature;
use schemars::JsonSchema;
use serde::Deserialize;

/// The most cycles in one request for one engine.
pub const MOST_CYCLES: usize = 50;
/// Settings of one cycle.
const SETTINGS: usize = 3;
/// Sensors of one cycle.
pub(crate) const SENSORS: usize = 21;
/// Numbers of one cycle: its own, the settings and the sensors.
pub(crate) const CHANNELS: usize = 1 + SETTINGS + SENSORS;
/// Sensors that the model looks at; the others never change in its training data.
pub(crate) const LIVELY: usize = 14;
/// Numbers in one row of the model's input: mean and slope of each sensor it looks at, the last cycle, the number of
/// readings and one over its root.
pub(crate) const WIDTH: usize = 2 * LIVELY + 3;

/// One cycle of an engine as a client sends it, in the column order of C-MAPSS. The accepted range of each number is
/// signed with the model, so it is checked against the model and not here.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCycle {
    /// The number of the cycle, counted from 1 since the engine was new. Strictly increasing; cycles may be missing.
    #[schemars(range(min = 1, max = 10_000))]
    pub cycle: u32,
    /// Altitude in thousand feet, Mach number, throttle angle in degrees.
    pub settings: [f64; 3],
    /// The 21 sensors, in order.
    pub sensors: [f64; 21],
}

/// The last cycles of an engine, each number in the range of the model that accepted them.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    row: [f32; WIDTH],
    readings: u32,
    level: [f64; CHANNELS],
}

impl Window {
    /// Accepts `raw` when it has 1 to [`MOST_CYCLES`] cycles, their numbers increase and every number is in the range
    /// of its feature. Readings `reach` or more cycles before the last are too old to be looked at.
    pub(crate) fn parse(
        raw: &[RawCycle],
        features: &[Feature; CHANNELS],
        lively: &[usize; LIVELY],
        reach: u32,
    ) -> Result<Self, Vec<Violation>> {
        let (Some(last), true) = (raw.last(), raw.len() <= MOST_CYCLES) else {
            let code = if raw.is_empty() { "too_few" } else { "too_many" };
            return Err(vec![Violation::new("/cycles", code, "must have 1 to 50 elements")]);
        };
        let mut violations = Vec::new();
        let mut before = 0;
        for (index, cycle) in raw.iter().enumerate() {
            violations.extend(out_of_range(cycle, features).map(|rule| rule.under(&format!("/cycles/{index}"))));
            if cycle.cycle <= before && cycle.cycle > 0 {
                let pointer = format!("/cycles/{index}/cycle");
                violations.push(Violation::new(pointer, "not_increasing", "must be greater than the one before"));
            }
            before = before.max(cycle.cycle);
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        let recent: Vec<_> = raw.iter().filter(|cycle| last.cycle - cycle.cycle < reach).map(channels).collect();
        Ok(Self::summarise(&recent, f64::from(last.cycle), lively))
    }

    /// What the model reads of readings in order, of which the last is `last`.
    fn summarise(recent: &[[f64; CHANNELS]], last: f64, lively: &[usize; LIVELY]) -> Self {
        let readings = recent.iter().fold(0, |count, _| count + 1);
        let count = f64::from(readings);
        let mut mean = [0.0; CHANNELS];
        for cycle in recent {
            mean.iter_mut().zip(cycle).for_each(|(mean, value)| *mean += value / count);
        }
        let [mean_cycle, ..] = mean;
        // Least squares against the cycle number, so that missing cycles do not bend the slope.
        let mut slope = [0.0; CHANNELS];
        let mut spread = 0.0;
        for cycle in recent {
            let [number, ..] = cycle;
            let distance = number - mean_cycle;
            spread += distance * distance;
            for ((slope, value), mean) in slope.iter_mut().zip(cycle).zip(mean) {
                *slope += distance * (value - mean);
            }
        }
        let scale = if spread > 0.0 { spread } else { 1.0 };
        let of_sensor = |numbers: &[f64; CHANNELS], sensor: usize| {
            let [_, _, _, _, sensors @ ..] = numbers;
            // The numbers of the sensors were checked when the model was loaded.
            sensors.get(sensor.wrapping_sub(1)).copied().unwrap_or_default()
        };
        let mut row = [0.0; WIDTH];
        let numbers = lively.iter().map(|&sensor| of_sensor(&mean, sensor));
        let numbers = numbers.chain(lively.iter().map(|&sensor| of_sensor(&slope, sensor) / scale));
        let numbers = numbers.chain([last, count, 1.0 / count.sqrt()]);
        row.iter_mut().zip(numbers).for_each(|(place, number)| *place = single(number));
        let mut level = mean;
        let [number, ..] = &mut level;
        *number = last;
        Self { row, readings, level }
    }

    /// The model's input.
    pub(crate) const fn row(&self) -> &[f32; WIDTH] {
        &self.row
    }

    /// How many readings are recent enough to be looked at.
    pub(crate) const fn readings(&self) -> u32 {
        self.readings
    }

    /// The number of the last cycle, and the mean of every other channel over the window.
    pub(crate) const fn level(&self) -> &[f64; CHANNELS] {
        &self.level
    }
}

fn channels(cycle: &RawCycle) -> [f64; CHANNELS] {
    let mut channels = [0.0; CHANNELS];
    let numbers = std::iter::once(f64::from(cycle.cycle)).chain(cycle.settings).chain(cycle.sensors);
    channels.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
    channels
}

/// The check is written so that NaN fails it.
fn out_of_range(cycle: &RawCycle, features: &[Feature; CHANNELS]) -> impl Iterator<Item = Violation> {
    features.iter().zip(channels(cycle)).enumerate().filter_map(|(channel, (feature, value))| {
        let Feature { minimum, maximum, unit, .. } = feature;
        let accepted = (*minimum..=*maximum).contains(&value);
        (!accepted).then(|| {
            let message = format!("must be between {minimum} and {maximum} {unit}");
            Violation::new(place(channel), "out_of_range", message)
        })
    })
}

fn place(channel: usize) -> String {
    match channel {
        0 => "/cycle".to_owned(),
        1..=SETTINGS => format!("/settings/{}", channel - 1),
        _ => format!("/sensors/{}", channel - 1 - SETTINGS),
    }
}

/// The model computes in single precision; rounding to it is meant. Accepted ranges lie far within it.
#[allow(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}
