//! The newest readings of a sensor and those just before them.

use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Tenant};
use maintenance::{Sample, SensorType};

use crate::{History, Recorded};

/// The window of a sensor that ends with its newest reading, and the one before.
#[derive(Clone, Debug)]
pub struct Windows {
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// The recent window begins after this time; the earlier one ends with it.
    pub border: Timestamp,
    /// The time of the newest reading.
    pub newest: Timestamp,
    /// The values of the earlier window.
    pub earlier: Vec<f64>,
    /// The values of the recent window.
    pub recent: Vec<f64>,
}

impl History {
    /// The newest window of this length and the one before; `None` for a sensor without readings.
    ///
    /// # Errors
    /// As [`History::range`].
    pub async fn windows(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        window: SignedDuration,
    ) -> Result<Option<Windows>, Fault> {
        let recorded = self.newest_window(tenant, sensor, window * 2).await?;
        recorded.map_or(Ok(None), |recorded| divide(recorded, window))
    }

    /// The newest window of this length alone: the earlier one is empty.
    ///
    /// # Errors
    /// As [`History::range`].
    pub async fn window(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        window: SignedDuration,
    ) -> Result<Option<Windows>, Fault> {
        let recorded = self.newest_window(tenant, sensor, window).await?;
        let divided = recorded.map_or(Ok(None), |recorded| divide(recorded, window))?;
        Ok(divided.map(|windows| Windows { earlier: Vec::new(), ..windows }))
    }
}

fn divide(recorded: Recorded, window: SignedDuration) -> Result<Option<Windows>, Fault> {
    let Recorded { sensor_type, unit, samples } = recorded;
    let Some(newest) = samples.last().map(|sample| sample.timestamp) else { return Ok(None) };
    let border = newest.checked_sub(window).map_err(Fault::internal)?;
    let (earlier, recent): (Vec<Sample>, Vec<Sample>) = samples.iter().partition(|sample| sample.timestamp <= border);
    let values = |samples: &[Sample]| samples.iter().map(|sample| sample.value).collect();
    Ok(Some(Windows { sensor_type, unit, border, newest, earlier: values(&earlier), recent: values(&recent) }))
}
