//! Reading one message.

use books::Zones;
use jiff::tz::TimeZone;
use kernel::{Fault, Tenant};
use ledger::{Categorised, Guess, Message, Parsed, Reading, categorise, read};
use vault::Moment;

/// Reads messages by the clock of their tenant.
pub struct Reader {
    zones: Zones,
}

impl Reader {
    /// By these clocks.
    #[must_use]
    pub const fn new(zones: Zones) -> Self {
        Self { zones }
    }

    /// The clock of a tenant.
    ///
    /// # Errors
    /// 503 when it cannot be told.
    pub async fn zone(&self, tenant: &Tenant, now: Moment) -> Result<TimeZone, Fault> {
        self.zones.of(tenant, now).await
    }

    /// What a message says.
    #[must_use]
    pub fn read(&self, message: &Message, zone: &TimeZone, now: Moment) -> Reading {
        read(message, now.wall, zone)
    }

    /// What a payment was for.
    #[must_use]
    pub fn categorise(&self, message: &Message, parsed: &Parsed) -> Categorised {
        categorise(message.text.reveal(), parsed, |name| self.guess(name))
    }

    /// What the model says of a merchant's name.
    #[must_use]
    pub fn guess(&self, _name: &str) -> Option<Guess> {
        None
    }
}
