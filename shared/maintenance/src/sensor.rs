//! What a sensor's segments say about the sensor.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    reading::SensorType,
    segment::{Segment, SegmentError},
    series::Written,
};

/// One sensor and the extent of its readings.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sensor {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// What it measures, as last written.
    pub sensor_type: SensorType,
    /// The unit of its values, as last written.
    pub unit: String,
    /// The time of its first reading.
    pub first_timestamp: Timestamp,
    /// The time of its last reading.
    pub last_timestamp: Timestamp,
    /// How many readings it has, those with the same time counted once.
    pub count: u64,
    /// The value of its last reading.
    pub last_value: f64,
}

/// Describes the sensor whose segments are `written`, in any order; `None` when there are none.
///
/// Headers answer everything, except how many readings segments have in common whose times
/// overlap: only of those the times are decoded.
///
/// # Errors
/// [`SegmentError`] when such a segment does not decode.
pub fn summarize(sensor_id: Identifier, written: &[Written]) -> Result<Option<Sensor>, SegmentError> {
    let newest = written.iter().max_by_key(|written| written.order);
    let first = written.iter().min_by_key(|written| written.segment.header().first);
    let last = written.iter().max_by_key(|written| (written.segment.header().last, written.order));
    let (Some(newest), Some(first), Some(last)) = (newest, first, last) else { return Ok(None) };
    Ok(Some(Sensor {
        sensor_id,
        sensor_type: newest.segment.header().sensor_type,
        unit: newest.segment.header().unit.clone(),
        first_timestamp: first.segment.header().first,
        last_timestamp: last.segment.header().last,
        count: unique(written)?,
        last_value: last.segment.header().last_value,
    }))
}

/// How many different times the segments hold.
fn unique(written: &[Written]) -> Result<u64, SegmentError> {
    let mut segments: Vec<&Segment> = written.iter().map(|written| &written.segment).collect();
    segments.sort_by_key(|segment| segment.header().first);
    let mut count = 0;
    let mut cluster: Vec<&Segment> = Vec::new();
    let mut reach = Timestamp::MIN;
    for segment in segments {
        if segment.header().first > reach {
            count += unique_in_cluster(&cluster)?;
            cluster.clear();
        }
        reach = reach.max(segment.header().last);
        cluster.push(segment);
    }
    Ok(count + unique_in_cluster(&cluster)?)
}

/// The same for segments which overlap each other, or for a single one.
fn unique_in_cluster(cluster: &[&Segment]) -> Result<u64, SegmentError> {
    if let [alone] = cluster {
        return Ok(u64::from(alone.header().count));
    }
    let mut times = Vec::new();
    for segment in cluster {
        times.append(&mut segment.times()?);
    }
    times.sort();
    times.dedup();
    Ok(times.len() as u64)
}
