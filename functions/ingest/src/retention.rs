//! For how long a tenant wants its readings kept.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kernel::{Fault, Tenant};
use maintenance::work::{Retention, RetentionPolicy, policy_id};
use store::Entities;
use vault::Moment;

/// After how long a policy is read again.
const FRESH: Duration = Duration::from_secs(60);

/// The tenants' policies, as last read.
pub struct Retentions {
    policies: Entities<RetentionPolicy>,
    known: Mutex<HashMap<Tenant, (Instant, Retention)>>,
}

impl Retentions {
    /// Reads `policies`.
    #[must_use]
    pub fn new(policies: Entities<RetentionPolicy>) -> Self {
        Self { policies, known: Mutex::default() }
    }

    /// What the tenant wants, or wanted when it was last asked if it cannot be asked again.
    ///
    /// # Errors
    /// 503 when the tenant was never asked and cannot be now.
    pub async fn of(&self, tenant: &Tenant, now: Moment) -> Result<Retention, Fault> {
        let known = self.known().get(tenant).copied();
        if let Some((read, retention)) = known
            && now.monotonic.saturating_duration_since(read) < FRESH
        {
            return Ok(retention);
        }
        match (self.policies.get(tenant, policy_id()).await, known) {
            (Ok(policy), _) => {
                let retention = policy.map(|stored| stored.value.retention).unwrap_or_default();
                self.known().insert(tenant.clone(), (now.monotonic, retention));
                Ok(retention)
            }
            (Err(_), Some((_, retention))) => Ok(retention),
            (Err(error), None) => Err(error.into()),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Tenant, (Instant, Retention)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
