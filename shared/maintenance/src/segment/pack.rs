//! From the readings of a request to segments.

use std::cmp::Reverse;

use kernel::Identifier;

use super::{MAX_READINGS, Segment};
use crate::{
    reading::Reading,
    time::{HOUR, floor, nanoseconds},
};

/// A segment and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// The sensor.
    pub sensor_id: Identifier,
    /// Its readings, or some of them.
    pub segment: Segment,
}

/// Packs the readings of one request: a segment for each sensor and hour, more where a sensor's
/// readings differ in type or unit or exceed [`MAX_READINGS`].
///
/// Of several readings of a sensor at the same time the last in `readings` stays. Segments come in
/// the order of their last readings, so written in this order the newest unit is the last written.
#[must_use]
pub fn pack(readings: &[Reading]) -> Vec<Packed> {
    let mut arrived: Vec<(usize, &Reading)> = readings.iter().enumerate().collect();
    arrived.sort_unstable_by_key(|(arrival, reading)| (&reading.sensor_id, reading.timestamp, Reverse(*arrival)));
    arrived.dedup_by_key(|(_, reading)| (&reading.sensor_id, reading.timestamp));

    let mut packed: Vec<(usize, Packed)> = Vec::new();
    for same_hour in
        arrived.chunk_by(|(_, one), (_, other)| one.sensor_id == other.sensor_id && hour(one) == hour(other))
    {
        for alike in split(same_hour) {
            packed.extend(alike.chunks(MAX_READINGS).filter_map(|chunk| {
                let last = chunk.iter().map(|(arrival, _)| *arrival).max()?;
                let readings: Vec<&Reading> = chunk.iter().map(|(_, reading)| *reading).collect();
                let sensor_id = readings.first()?.sensor_id.clone();
                Some((last, Packed { sensor_id, segment: Segment::encode(&readings)? }))
            }));
        }
    }
    packed.sort_by_key(|(last, _)| *last);
    packed.into_iter().map(|(_, packed)| packed).collect()
}

fn hour(reading: &Reading) -> i64 {
    floor(nanoseconds(reading.timestamp), HOUR)
}

/// The readings apart by type and unit, each part still sorted by time. Almost always one part.
fn split<'a>(readings: &[(usize, &'a Reading)]) -> Vec<Vec<(usize, &'a Reading)>> {
    let mut parts: Vec<Vec<(usize, &Reading)>> = Vec::new();
    for arrival in readings {
        let (_, reading) = arrival;
        let alike = |part: &&mut Vec<(usize, &Reading)>| {
            part.first().is_some_and(|(_, one)| one.sensor_type == reading.sensor_type && one.unit == reading.unit)
        };
        match parts.iter_mut().find(alike) {
            Some(part) => part.push(*arrival),
            None => parts.push(vec![*arrival]),
        }
    }
    parts
}
