//! By which clock a tenant's messages tell the time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use kernel::{Fault, Tenant};
use ledger::{Settings, settings_id};
use store::Entities;
use vault::Moment;

/// After how long settings are read again.
const FRESH: Duration = Duration::from_secs(60);

/// The tenants' time zones, as last read.
pub struct Zones {
    settings: Entities<Settings>,
    known: Mutex<HashMap<Tenant, (Instant, TimeZone)>>,
}

impl Zones {
    /// Reads `settings`.
    #[must_use]
    pub fn new(settings: Entities<Settings>) -> Self {
        Self { settings, known: Mutex::default() }
    }

    /// The tenant's time zone, at most a minute old.
    ///
    /// # Errors
    /// 503 when the table does not answer: a payment in a wrong month is worse than none.
    pub async fn of(&self, tenant: &Tenant, now: Moment) -> Result<TimeZone, Fault> {
        if let Some((read, zone)) = self.known().get(tenant)
            && now.monotonic.saturating_duration_since(*read) < FRESH
        {
            return Ok(zone.clone());
        }
        let settings = self.settings.get(tenant, settings_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let zone = settings.time_zone.rules().clone();
        self.known().insert(tenant.clone(), (now.monotonic, zone.clone()));
        Ok(zone)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Tenant, (Instant, TimeZone)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
