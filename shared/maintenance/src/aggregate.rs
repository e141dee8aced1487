//! Fewer points for longer ranges.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    series::Sample,
    time::{HOUR, SECOND, floor, nanoseconds, timestamp},
};

/// How much time one point of an answer covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Resolution {
    /// Every reading by itself.
    #[default]
    #[serde(rename = "raw")]
    Raw,
    /// One minute.
    #[serde(rename = "1m")]
    Minute,
    /// One hour.
    #[serde(rename = "1h")]
    Hour,
    /// One day of UTC.
    #[serde(rename = "1d")]
    Day,
}

impl Resolution {
    /// The start of the bucket that contains `instant`. Buckets are counted from 1970 in UTC.
    #[must_use]
    pub fn start(self, instant: Timestamp) -> Timestamp {
        timestamp(floor(nanoseconds(instant), self.width()))
    }

    /// The start of the bucket after the one that contains `instant`.
    #[must_use]
    pub fn next(self, instant: Timestamp) -> Timestamp {
        timestamp(floor(nanoseconds(instant), self.width()).saturating_add(self.width()))
    }

    const fn width(self) -> i64 {
        match self {
            Self::Raw => 1,
            Self::Minute => 60 * SECOND,
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
        }
    }
}

/// The readings of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    /// The start of the interval.
    pub timestamp: Timestamp,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean of the values.
    pub mean: f64,
    /// How many readings.
    pub count: u64,
}

/// The buckets of `samples`, which are sorted by time, as [`merge`](crate::merge) leaves them.
/// Intervals without a reading have no bucket.
#[must_use]
pub fn aggregate(samples: &[Sample], resolution: Resolution) -> Vec<Bucket> {
    let start = |sample: &Sample| floor(nanoseconds(sample.timestamp), resolution.width());
    samples
        .chunk_by(|one, other| start(one) == start(other))
        .filter_map(|chunk| {
            let timestamp = timestamp(start(chunk.first()?));
            let min = chunk.iter().fold(f64::INFINITY, |min, sample| min.min(sample.value));
            let max = chunk.iter().fold(f64::NEG_INFINITY, |max, sample| max.max(sample.value));
            Some(Bucket { timestamp, min, max, mean: mean(chunk).max(min).min(max), count: chunk.len() as u64 })
        })
        .collect()
}

/// The mean of finite values, whose sum may be too large for an `f64`.
fn mean(samples: &[Sample]) -> f64 {
    /// A power of two, so scaling is exact; more samples than its inverse do not fit in memory.
    const SCALE: f64 = 1.0 / (1_u64 << 62) as f64;
    let count = samples.len() as f64;
    let plain = sum(samples.iter().map(|sample| sample.value));
    if plain.is_finite() {
        return plain / count;
    }
    sum(samples.iter().map(|sample| sample.value * SCALE)) / count / SCALE
}

/// Neumaier's sum: the rounding errors are summed apart and added at the end.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}
