//! What a sensor's readings are compared with.

use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Tenant};
use maintenance::{Baseline, Sample};
use serde::{Deserialize, Serialize};
use store::{Beside, Note, UnitOfWork};

use crate::{History, MOST};

/// The name of the note that holds a baseline.
const NOTE: &str = "baseline";
/// How many windows a baseline is made of when nobody says its period.
const WINDOWS: i32 = 60;

/// The stored baselines.
pub struct Baselines {
    history: History,
    beside: Beside,
}

/// A baseline and how it is kept.
#[derive(Debug)]
pub struct Kept {
    /// The baseline.
    pub baseline: Baseline,
    window: SignedDuration,
    note: Option<Note>,
}

/// The note.
#[derive(Serialize, Deserialize)]
struct Written {
    window_seconds: i64,
    baseline: Baseline,
}

impl Baselines {
    /// What `beside` holds, made of what `history` holds.
    #[must_use]
    pub const fn new(history: History, beside: Beside) -> Self {
        Self { history, beside }
    }

    /// The stored baseline of a sensor.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn get(&self, tenant: &Tenant, sensor: &Identifier) -> Result<Option<Kept>, Fault> {
        let Some(note) = self.beside.note(tenant, sensor, NOTE).await? else { return Ok(None) };
        let read: Result<Written, _> = serde_json::from_slice(&note.data);
        let Written { window_seconds, baseline } = read.map_err(|_| Fault::internal("a baseline cannot be read"))?;
        Ok(Some(Kept { baseline, window: SignedDuration::from_secs(window_seconds), note: Some(note) }))
    }

    /// The baseline of a period, in place of the stored one if there is one; `None` for a sensor without readings.
    /// It tells what is usual in windows of this length.
    ///
    /// # Errors
    /// 422 when the period has too many readings, 503 when the table does not answer.
    pub async fn of_period(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        (from, to): (Timestamp, Timestamp),
        window: SignedDuration,
    ) -> Result<Option<Kept>, Fault> {
        let note = self.beside.note(tenant, sensor, NOTE).await?;
        let Some(recorded) = self.history.range(tenant, sensor, from, to).await? else { return Ok(None) };
        Ok(Some(Kept { baseline: Baseline::new(from, to, &recorded.samples, window), window, note }))
    }

    /// The baseline to judge windows of this length by, and whether it must be stored: the stored one, made anew from
    /// its own period when its windows were of another length; or else one of the readings up to `until`. `None` while
    /// there are too few windows to tell what is usual, and when a baseline of other windows can no more be made anew.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn for_windows(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        window: SignedDuration,
        until: Timestamp,
    ) -> Result<Option<(Kept, bool)>, Fault> {
        let made = match self.get(tenant, sensor).await? {
            Some(kept) if kept.window == window => return Ok(Some((kept, false))),
            Some(kept) => {
                let made = self.of_period(tenant, sensor, kept.baseline.period(), window).await?;
                // When its readings have begun to expire, it stays as it is.
                made.filter(|made| made.baseline.count() >= kept.baseline.count())
            }
            None => {
                let recorded = self.history.latest(tenant, sensor, until, MOST).await?;
                let from = until.checked_sub(window * WINDOWS).unwrap_or(Timestamp::UNIX_EPOCH);
                recorded.map(|mut recorded| {
                    recorded.samples.retain(|sample: &Sample| sample.timestamp > from);
                    let from = recorded.samples.first().map_or(from, |sample| sample.timestamp);
                    Kept { baseline: Baseline::new(from, until, &recorded.samples, window), window, note: None }
                })
            }
        };
        Ok(made.filter(|kept| kept.baseline.usual().is_some()).map(|kept| (kept, true)))
    }

    /// Stores a baseline; a conflict when another was stored meanwhile.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store(
        &self,
        work: &mut UnitOfWork,
        (tenant, sensor): (&Tenant, &Identifier),
        kept: Kept,
    ) -> Result<Baseline, Fault> {
        let Kept { baseline, window, note } = kept;
        let written = Written { window_seconds: window.as_secs(), baseline };
        let data = serde_json::to_vec(&written).map_err(Fault::internal)?;
        self.beside.write_note(work, (tenant, sensor), NOTE, note.as_ref(), data)?;
        work.touch(format!("baseline/{sensor}"));
        Ok(written.baseline)
    }
}
