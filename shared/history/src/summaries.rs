//! A sensor's hours, which outlive its readings.

use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Tenant};
use maintenance::{Bucket, HourSummary, Sample, SensorType};
use store::{Beside, Order};

/// The summaries of hours that the pipeline keeps.
pub struct Summaries {
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
    /// What `beside` holds.
    #[must_use]
    pub const fn new(beside: Beside) -> Self {
        Self { beside }
    }

    /// The hours of a sensor from `from` to before `to`; `None` when nothing is known of it before `to`.
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
        let known = (Timestamp::UNIX_EPOCH, end);
        let Some(first) = self.beside.first_hour(tenant, sensor, known, Order::Ascending).await? else {
            return Ok(None);
        };
        let stored = self.beside.hours(tenant, sensor, from, end).await?;
        let hours: Vec<HourSummary> = stored.iter().map(|data| parse(data)).collect::<Result<_, _>>()?;
        let last = match hours.last() {
            Some(last) => last.clone(),
            None => match self.beside.first_hour(tenant, sensor, known, Order::Descending).await? {
                Some(last) => parse(&last)?,
                None => return Ok(None),
            },
        };
        Ok(Some(Hourly {
            first_timestamp: parse(&first)?.bucket.timestamp,
            last: Sample { timestamp: last.last_at, value: last.last_value, quality: None },
            sensor_type: last.sensor_type,
            unit: last.unit,
            hours: hours.into_iter().map(|hour| hour.bucket).collect(),
        }))
    }
}

fn parse(data: &[u8]) -> Result<HourSummary, Fault> {
    serde_json::from_slice(data).map_err(|_| Fault::internal("an hour's summary cannot be read"))
}
