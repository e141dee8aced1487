//! What is stored of work, and under which names.

use std::sync::LazyLock;

use kernel::{Entity, Identifier};

use super::{Agenda, Alert, Calendar, NotificationRecord, Policy, RetentionPolicy, Task};

/// The one name of what a tenant has once.
static CURRENT: LazyLock<Identifier> = LazyLock::new(|| super::ids::sure("current"));

/// The name of a tenant's policy.
#[must_use]
pub fn policy_id() -> &'static Identifier {
    &CURRENT
}

/// The name of a tenant's calendar.
#[must_use]
pub fn calendar_id() -> &'static Identifier {
    &CURRENT
}

impl Entity for Alert {
    const KIND: &'static str = "alert";

    fn id(&self) -> &Identifier {
        &self.id
    }

    fn status(&self) -> Option<&'static str> {
        Some(Self::status(self).as_str())
    }
}

impl Entity for Task {
    const KIND: &'static str = "task";

    fn id(&self) -> &Identifier {
        &self.id
    }

    fn status(&self) -> Option<&'static str> {
        Some(Self::status(self).as_str())
    }
}

impl Entity for Policy {
    const KIND: &'static str = "policy";

    fn id(&self) -> &Identifier {
        policy_id()
    }

    fn status(&self) -> Option<&'static str> {
        None
    }
}

/// It reads the same object as [`Policy`] does.
impl Entity for RetentionPolicy {
    const KIND: &'static str = Policy::KIND;

    fn id(&self) -> &Identifier {
        policy_id()
    }

    fn status(&self) -> Option<&'static str> {
        None
    }
}

impl Entity for Calendar {
    const KIND: &'static str = "calendar";

    fn id(&self) -> &Identifier {
        calendar_id()
    }

    fn status(&self) -> Option<&'static str> {
        None
    }
}

impl Entity for Agenda {
    const KIND: &'static str = "agenda";

    fn id(&self) -> &Identifier {
        &self.technician_id
    }

    fn status(&self) -> Option<&'static str> {
        None
    }
}

impl Entity for NotificationRecord {
    const KIND: &'static str = "notification";

    fn id(&self) -> &Identifier {
        &self.notification.id
    }

    fn status(&self) -> Option<&'static str> {
        Some(Self::status(self).as_str())
    }
}
