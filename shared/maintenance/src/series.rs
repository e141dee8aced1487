//! Reading segments back.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::segment::{Segment, SegmentError};

/// One stored measurement, without what is the same for the whole sensor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sample {
    /// When it was measured.
    pub timestamp: Timestamp,
    /// What was measured.
    pub value: f64,
    /// How good the measurement is, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub quality: Option<f64>,
}

/// A segment and when it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Larger was written later, as the number of a ULID.
    pub order: u128,
    /// What was written.
    pub segment: Segment,
}

/// The unique samples of any number of runs, by time. Of several at the same time the one with the
/// largest order stays; of several with the same order the last.
#[must_use]
pub fn merge(runs: impl IntoIterator<Item = (u128, Vec<Sample>)>) -> Vec<Sample> {
    let mut runs: Vec<_> = runs.into_iter().collect();
    runs.sort_by_key(|(order, _)| *order);
    let mut samples: Vec<Sample> = runs.into_iter().flat_map(|(_, run)| run).collect();
    // The sort is stable and finds the sorted runs by itself.
    samples.sort_by_key(|sample| sample.timestamp);
    samples.dedup_by(|later, kept| {
        let same = later.timestamp == kept.timestamp;
        if same {
            *kept = *later;
        }
        same
    });
    samples
}

/// The unique samples of segments in any order, by time; the last write wins.
///
/// # Errors
/// [`SegmentError`] when a segment does not decode. Nothing is left out silently.
pub fn read(written: &[Written]) -> Result<Vec<Sample>, SegmentError> {
    let runs: Result<Vec<_>, _> =
        written.iter().map(|written| Ok((written.order, written.segment.samples()?))).collect();
    runs.map(merge)
}
