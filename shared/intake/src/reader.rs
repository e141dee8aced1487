//! What readers of messages must know besides them.

use books::Zones;
use inference::CategoryModel;
use jiff::tz::TimeZone;
use kernel::{Fault, Tenant};
use ledger::{Categorised, Guess, Message, Parsed, categorise};
use vault::Moment;

use crate::bundled;

/// Knows the clocks of tenants, and what a payment was for.
pub struct Reader {
    zones: Zones,
    categories: CategoryModel,
}

impl Reader {
    /// By these clocks, with the model that is bundled and that the environment allows.
    ///
    /// # Errors
    /// When the model may not run.
    pub fn from_environment(zones: Zones) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self { zones, categories: bundled::model()? })
    }

    /// The clock of a tenant.
    ///
    /// # Errors
    /// 503 when it cannot be told.
    pub async fn zone(&self, tenant: &Tenant, now: Moment) -> Result<TimeZone, Fault> {
        self.zones.of(tenant, now).await
    }

    /// What a payment was for.
    #[must_use]
    pub fn categorise(&self, message: &Message, parsed: &Parsed) -> Categorised {
        categorise(message.text.reveal(), parsed, |name| self.guess(name))
    }

    /// What the model says of a merchant's name. Where it has no answer, nobody knows what the payment was for; that is
    /// no reason to lose the payment.
    #[must_use]
    pub fn guess(&self, name: &str) -> Option<Guess> {
        self.categories.guess(name).ok()
    }
}
