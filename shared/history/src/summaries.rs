//! A sensor's hours, which outlive its readings.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kernel::{BEGINNING, Fault, Identifier, Tenant};
use maintenance::{Bucket, HourSummary, Sample, SensorType};
use store::{Beside, Order, StoredSegment};

use crate::{History, Hours, Recorded};

/// A sensor with at most so many segments in a period is read itself.
const FEW: usize = 256;

/// The summaries of hours that the pipeline keeps, and the readings where it may be behind.
pub struct Summaries {
    history: History,
    beside: Beside,
}

/// A sensor and its hours within a period.
#[derive(Clone, Debug)]
pub struct Hourly {
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// The start of the first hour that is known of it.
    pub first_timestamp: Timestamp,
    /// Its last reading before the end of the period, be it before the start.
    pub last: Sample,
    /// Its hours within the period, the oldest first.
    pub hours: Vec<Bucket>,
}

impl Summaries {
    /// What `beside` holds of the readings in `history`.
    #[must_use]
    pub const fn new(history: History, beside: Beside) -> Self {
        Self { history, beside }
    }

    /// The hours of a sensor from `from` to before `to`; `None` when nothing is known of it before `to`.
    ///
    /// A sensor with few segments in the period is told by its readings, so that nothing that is stored is missing.
    /// Where readings have expired, and for a sensor with many segments, its summaries count, which follow the readings
    /// within seconds.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn hourly(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Hourly>, Fault> {
        let end = to.checked_sub(SignedDuration::from_nanos(1)).map_err(Fault::internal)?;
        let stored = self.beside.hours(tenant, sensor, from, end).await?;
        let mut hours: BTreeMap<Timestamp, HourSummary> = BTreeMap::new();
        for hour in stored.iter().filter_map(|data| parse(data)).chain(self.few(tenant, sensor, from, end).await?) {
            // Of an hour whose readings have begun to expire the summary has more; else the readings are never behind.
            let known = hours.get(&hour.bucket.timestamp).map_or(0, |known| known.bucket.count);
            if hour.bucket.count >= known {
                hours.insert(hour.bucket.timestamp, hour);
            }
        }
        let Some(last) = self.last(tenant, sensor, end).await? else { return Ok(None) };
        let first_timestamp = self.first(tenant, sensor, end).await?.unwrap_or(last.bucket.timestamp);
        Ok(Some(Hourly {
            first_timestamp,
            last: Sample { timestamp: last.last_at, value: last.last_value, quality: None },
            sensor_type: last.sensor_type,
            unit: last.unit,
            hours: hours.into_values().map(|hour| hour.bucket).collect(),
        }))
    }

    /// The hours as the readings tell them, unless there are many segments.
    async fn few(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<HourSummary>, Fault> {
        let mut pager = self.history.telemetry.segments(tenant, sensor, from, end, Order::Ascending);
        let mut segments: Vec<StoredSegment> = Vec::new();
        while let Some(page) = pager.next().await? {
            segments.extend(page);
            if segments.len() > FEW {
                return Ok(Vec::new());
            }
        }
        let of_hour = |hour: &[StoredSegment]| -> Result<Option<HourSummary>, Fault> {
            let mut readings = Hours::default();
            readings.add(hour.to_vec(), |_| true)?;
            Ok(readings.finish().and_then(|known| summary(&known)))
        };
        let hours = segments.chunk_by(|one, other| one.hour == other.hour);
        Ok(hours.map(of_hour).collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect())
    }

    /// The hour of the last reading up to `end`.
    async fn last(&self, tenant: &Tenant, sensor: &Identifier, end: Timestamp) -> Result<Option<HourSummary>, Fault> {
        let kept = self.beside.first_hour(tenant, sensor, (BEGINNING, end), Order::Descending).await?;
        let kept = kept.as_deref().and_then(parse);
        let newest = self.history.latest(tenant, sensor, end, 1).await?.and_then(|known| summary(&known));
        Ok(match (kept, newest) {
            (Some(kept), Some(newest)) if kept.last_at > newest.last_at => Some(kept),
            (kept, newest) => newest.or(kept),
        })
    }

    /// The start of the first hour with a reading up to `end`.
    async fn first(&self, tenant: &Tenant, sensor: &Identifier, end: Timestamp) -> Result<Option<Timestamp>, Fault> {
        let known = (BEGINNING, end);
        let kept = self.beside.first_hour(tenant, sensor, known, Order::Ascending).await?;
        let kept = kept.as_deref().and_then(parse).map(|hour| hour.bucket.timestamp);
        let mut pager = self.history.telemetry.segments(tenant, sensor, known.0, known.1, Order::Ascending);
        let mut hours = Hours::default();
        let read = match hours.next(&mut pager).await? {
            None => None,
            Some(hour) => {
                hours.add(hour, |_| true)?;
                hours.finish().and_then(|known| summary(&known)).map(|hour| hour.bucket.timestamp)
            }
        };
        Ok(kept.into_iter().chain(read).min())
    }
}

fn summary(known: &Recorded) -> Option<HourSummary> {
    HourSummary::of(known.sensor_type, &known.unit, &known.samples)
}

/// A summary of another version is none.
fn parse(data: &[u8]) -> Option<HourSummary> {
    serde_json::from_slice(data).ok()
}
