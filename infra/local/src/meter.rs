//! What was called how often, and what DynamoDB would have charged.

use crate::saved::lock;
use crate::wire::Service;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Calls by service and operation.
pub type Calls = BTreeMap<(Service, String), u64>;

/// DynamoDB capacity units that answered calls consumed. Refused and cancelled writes are not in it: their
/// answers name no figure (AWS charges them too).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Write units: one per KiB begun, twice in a transaction.
    pub write: f64,
    /// Read units: one per 4 KiB begun, half if eventually consistent, twice in a transaction.
    pub read: f64,
}

#[derive(Default)]
pub(crate) struct Meter {
    calls: Mutex<Calls>,
    units: Mutex<Units>,
}

impl Meter {
    pub(crate) fn count(&self, service: Service, operation: &str) {
        *lock(&self.calls).entry((service, operation.to_owned())).or_default() += 1;
    }

    pub(crate) fn charge(&self, units: Units) {
        let mut sum = lock(&self.units);
        sum.write += units.write;
        sum.read += units.read;
    }

    pub(crate) fn calls(&self) -> Calls {
        lock(&self.calls).clone()
    }

    pub(crate) fn units(&self) -> Units {
        *lock(&self.units)
    }

    pub(crate) fn reset(&self) {
        lock(&self.calls).clear();
        *lock(&self.units) = Units::default();
    }
}
