//! What stays of an hour's readings when they are gone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    aggregate::{Bucket, Resolution, aggregate},
    reading::SensorType,
    series::Sample,
};

/// The readings of one sensor within one hour, condensed. It is made anew whenever one is added, and outlives them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HourSummary {
    /// What the sensor measures, as last said.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// The readings.
    pub bucket: Bucket,
    /// When the newest one was measured.
    pub last_at: Timestamp,
    /// What it measured.
    pub last_value: f64,
}

impl HourSummary {
    /// Condenses readings of one hour, sorted by time; `None` when there is none.
    #[must_use]
    pub fn of(sensor_type: SensorType, unit: &str, samples: &[Sample]) -> Option<Self> {
        let last = samples.last()?;
        let bucket = aggregate(samples, Resolution::Hour).pop()?;
        Some(Self { sensor_type, unit: unit.to_owned(), bucket, last_at: last.timestamp, last_value: last.value })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_hour_is_told_by_its_bucket_and_its_newest_reading() {
        let sample = |second: i64, value| Sample {
            timestamp: Timestamp::from_second(7_200 + second).unwrap(),
            value,
            quality: None,
        };
        let hour = HourSummary::of(SensorType::Flow, "l/s", &[sample(5, 1.0), sample(9, 4.0)]).unwrap();
        assert_eq!((hour.bucket.timestamp.as_second(), hour.bucket.count, hour.bucket.mean), (7_200, 2, 2.5));
        assert_eq!((hour.last_at.as_second(), hour.last_value), (7_209, 4.0));
        let text = serde_json::to_vec(&hour).unwrap();
        assert_eq!(serde_json::from_slice::<HourSummary>(&text).unwrap(), hour);
        assert_eq!(HourSummary::of(SensorType::Flow, "l/s", &[]), None);
    }
}
