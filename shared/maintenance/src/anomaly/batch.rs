//! Readings of any number of sensors at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::Identifier;

use super::{
    detector::{Detector, Weighed},
    together::Together,
    verdict::{Anomaly, Kind, Score, Sensitivity},
};

/// A reading of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<'a> {
    /// Which sensor.
    pub sensor_id: &'a Identifier,
    /// When it was measured.
    pub timestamp: Timestamp,
    /// What was measured; finite.
    pub value: f64,
}

/// What was found in a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// The flagged readings, by their place in the batch; at most one for each reading.
    pub anomalies: Vec<Anomaly>,
    /// How many readings were judged. Less than the batch has when there is too little history for some, or when
    /// several have the same sensor and time.
    pub judged: usize,
}

/// The least share of the times of the busiest sensor at which a sensor must be read to be judged with others, in
/// hundredths.
const PRESENT: usize = 80;
/// Most sensors that are judged together; of more, the first by name.
const MOST_TOGETHER: usize = 32;

/// A reading in its place.
struct Placed<'a> {
    point: Point<'a>,
    /// Its place in the batch; `None` for context.
    index: Option<usize>,
}

/// Judges the readings of a batch in the order of their times.
///
/// `context` is what was read before or in between: it is learned from and judged like the batch, but not reported. Of
/// several readings with the same sensor and time the last of the batch counts, or else the last of the context.
#[must_use]
pub fn detect(context: &[Point<'_>], batch: &[Point<'_>], sensitivity: Sensitivity) -> Detection {
    let learned = context.iter().map(|point| Placed { point: *point, index: None });
    let reported = batch.iter().enumerate().map(|(index, point)| Placed { point: *point, index: Some(index) });
    let mut times: BTreeMap<Timestamp, BTreeMap<&Identifier, Placed<'_>>> = BTreeMap::new();
    for placed in learned.chain(reported) {
        times.entry(placed.point.timestamp).or_default().insert(placed.point.sensor_id, placed);
    }
    let group = group(&times);
    let mut together = Together::new(group.len());
    let mut detectors: BTreeMap<&Identifier, Detector> = BTreeMap::new();
    let mut found = Detection::default();
    for readings in times.values() {
        let mut weighed: BTreeMap<&Identifier, Weighed> = readings
            .iter()
            .filter_map(|(sensor, placed)| {
                let detector = detectors.entry(sensor).or_default();
                Some((*sensor, detector.weigh(placed.point.timestamp, placed.point.value)?))
            })
            .collect();
        join(&mut together, &group, readings, &mut weighed);
        for (sensor, placed) in readings {
            let (Some(index), Some(score)) = (placed.index, weighed.get(sensor).and_then(|weighed| weighed.score))
            else {
                continue;
            };
            found.judged += 1;
            let Point { sensor_id, timestamp, value } = placed.point;
            let anomaly = |finding| Anomaly { index, sensor_id: sensor_id.clone(), timestamp, value, finding };
            found.anomalies.extend(score.find(sensitivity).map(anomaly));
        }
    }
    found.anomalies.sort_by_key(|anomaly| anomaly.index);
    found
}

/// The sensors that are read at nearly all times at which any is.
fn group<'a>(times: &BTreeMap<Timestamp, BTreeMap<&'a Identifier, Placed<'a>>>) -> Vec<&'a Identifier> {
    let mut counts: BTreeMap<&Identifier, usize> = BTreeMap::new();
    for sensor in times.values().flat_map(BTreeMap::keys) {
        *counts.entry(sensor).or_default() += 1;
    }
    let busiest = counts.values().copied().max().unwrap_or(0);
    let present = counts.into_iter().filter(|(_, count)| count * 100 >= busiest * PRESENT);
    let group: Vec<_> = present.map(|(sensor, _)| sensor).take(MOST_TOGETHER).collect();
    if group.len() > 1 { group } else { Vec::new() }
}

/// Judges the group at one time, when all of it was read, and blames the sensor that contributes most.
fn join<'a>(
    together: &mut Together,
    group: &[&'a Identifier],
    readings: &BTreeMap<&'a Identifier, Placed<'a>>,
    weighed: &mut BTreeMap<&'a Identifier, Weighed>,
) {
    let level = |sensor: &&Identifier| weighed.get(*sensor).and_then(|weighed| weighed.level);
    let Some(levels) = group.iter().map(level).collect::<Option<Vec<_>>>().filter(|levels| !levels.is_empty()) else {
        return;
    };
    let deviations: Vec<f64> = levels.iter().map(|level| level.deviation).collect();
    let Some(joint) = together.judge(&deviations) else { return };
    let culprit = group.get(joint.culprit).filter(|sensor| readings.contains_key(**sensor));
    let (Some(sensor), Some(level)) = (culprit, levels.get(joint.culprit)) else { return };
    let Some(weighed) = weighed.get_mut(*sensor) else { return };
    let off = (level.deviation - joint.expected) * level.unit;
    let score = Score { score: joint.score, kind: Kind::Multivariate, middle: level.mean - off, distance: off.abs() };
    if weighed.score.is_none_or(|own| own.score < joint.score) {
        weighed.score = Some(score);
    }
}
