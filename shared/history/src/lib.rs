//! A sensor's readings as they are stored, for whatever judges them.
//!
//! [`History`] turns the store's segments into the domain's samples: unique by time, the last write wins.
//! [`Summaries`] has the hours, which outlive the readings; [`Baselines`] has what readings are compared with. This is
//! the one place that knows both store and domain; functions that judge readings depend on it. It judges nothing.

mod baselines;
mod summaries;
mod windows;

use jiff::{SignedDuration, Timestamp};
use kernel::{BEGINNING, Fault, Identifier, Tenant, Violation};
use maintenance::{Sample, Segment, SensorType, Written, read};
use store::{Order, SegmentPager, StoredSegment, Telemetry};

pub use baselines::{Baselines, Kept};
pub use summaries::{Hourly, Summaries};
pub use windows::Windows;

/// The most readings that are read at once: what fits into a small function's memory several times.
pub const MOST: usize = 100_000;

/// The stored readings.
pub struct History {
    telemetry: Telemetry,
}

/// Readings of one sensor, by time, and what was last said about the sensor.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// The readings.
    pub samples: Vec<Sample>,
}

impl History {
    /// What `telemetry` holds.
    #[must_use]
    pub const fn new(telemetry: Telemetry) -> Self {
        Self { telemetry }
    }

    /// The readings from `from` to `to`, both included; `None` for a sensor without any reading at all.
    ///
    /// # Errors
    /// 422 at `/to` when there are more than [`MOST`], 503 when the table does not answer.
    pub async fn range(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Recorded>, Fault> {
        let mut pager = self.telemetry.segments(tenant, sensor, from, to, Order::Ascending);
        let mut hours = Hours::default();
        while let Some(hour) = hours.next(&mut pager).await? {
            hours.add(hour, |sample| from <= sample.timestamp && sample.timestamp <= to)?;
            if hours.samples.len() > MOST {
                let message = "has more than 100000 readings; ask for a shorter range";
                return Err(Fault::validation(vec![Violation::new("/to", "too_many_readings", message)]));
            }
        }
        match hours.finish() {
            None => self
                .latest(tenant, sensor, Timestamp::MAX, 1)
                .await
                .map(|known| known.map(|known| Recorded { samples: Vec::new(), ..known })),
            found => Ok(found),
        }
    }

    /// The newest `most` readings not after `until`; `None` when there is none.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn latest(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        until: Timestamp,
        most: usize,
    ) -> Result<Option<Recorded>, Fault> {
        let mut pager = self.telemetry.segments(tenant, sensor, BEGINNING, until, Order::Descending);
        let mut hours = Hours::default();
        while hours.samples.len() < most
            && let Some(hour) = hours.next(&mut pager).await?
        {
            hours.add(hour, |sample| sample.timestamp <= until)?;
        }
        Ok(hours.finish().map(|mut recorded| {
            recorded.samples.drain(..recorded.samples.len().saturating_sub(most));
            recorded
        }))
    }

    /// The readings of the `window` before the newest one, which is included; `None` for a sensor without readings.
    ///
    /// # Errors
    /// As [`Self::range`].
    async fn newest_window(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        window: SignedDuration,
    ) -> Result<Option<Recorded>, Fault> {
        let Some(newest) = self.latest(tenant, sensor, Timestamp::MAX, 1).await? else { return Ok(None) };
        let Some(last) = newest.samples.last().map(|sample| sample.timestamp) else { return Ok(None) };
        self.range(tenant, sensor, last.checked_sub(window).unwrap_or(Timestamp::MIN), last).await
    }
}

/// Readings gathered hour by hour, because only an hour's segments together say what its readings are.
#[derive(Default)]
struct Hours {
    waiting: Vec<StoredSegment>,
    page: std::collections::VecDeque<StoredSegment>,
    described: Option<(u128, SensorType, String)>,
    samples: Vec<Sample>,
}

impl Hours {
    /// The segments of the next hour, in the pager's order.
    async fn next(&mut self, pager: &mut SegmentPager<'_>) -> Result<Option<Vec<StoredSegment>>, Fault> {
        loop {
            while let Some(stored) = self.page.pop_front() {
                if self.waiting.first().is_some_and(|first| first.hour != stored.hour) {
                    return Ok(Some(std::mem::replace(&mut self.waiting, vec![stored])));
                }
                self.waiting.push(stored);
            }
            match pager.next().await? {
                Some(page) => self.page = page.into(),
                None if self.waiting.is_empty() => return Ok(None),
                None => return Ok(Some(std::mem::take(&mut self.waiting))),
            }
        }
    }

    fn add(&mut self, hour: Vec<StoredSegment>, wanted: impl Fn(&Sample) -> bool) -> Result<(), Fault> {
        let parse =
            |stored: StoredSegment| Segment::parse(stored.data).map(|segment| Written { order: stored.order, segment });
        let written: Vec<Written> = hour.into_iter().map(parse).collect::<Result<_, _>>().map_err(Fault::internal)?;
        for Written { order, segment } in &written {
            if self.described.as_ref().is_none_or(|(known, ..)| order > known) {
                self.described = Some((*order, segment.header().sensor_type, segment.header().unit.clone()));
            }
        }
        self.samples.extend(read(&written).map_err(Fault::internal)?.into_iter().filter(wanted));
        Ok(())
    }

    /// All that was gathered, by time; `None` when there was no segment.
    fn finish(mut self) -> Option<Recorded> {
        let (_, sensor_type, unit) = self.described?;
        self.samples.sort_by_key(|sample| sample.timestamp);
        Some(Recorded { sensor_type, unit, samples: self.samples })
    }
}
