//! What an API key may do.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// One permission of an API key. Scopes match exactly: no scope implies another, and no
        /// other spelling of one is accepted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The scope as keys and documents spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

scopes! {
    /// Send sensor readings.
    DataIngest = "data:ingest",
    /// Read sensors and their readings.
    DataRead = "data:read",
    /// Ask for failure predictions, forecasts and remaining useful life.
    MlPredict = "ml:predict",
    /// Ask for anomaly detection.
    MlAnomaly = "ml:anomaly",
    /// Ask for drift checks.
    MlDrift = "ml:drift",
    /// Make and read reports.
    ReportsGenerate = "reports:generate",
    /// Create maintenance tasks and change the policy.
    MaintenanceSchedule = "maintenance:schedule",
    /// Read alerts and tasks.
    MaintenanceRead = "maintenance:read",
    /// Decide on and complete tasks, acknowledge alerts.
    TasksUpdate = "tasks:update",
    /// Store transactions.
    TransactionsWrite = "transactions:write",
    /// Classify messages and read transactions.
    TransactionsRead = "transactions:read",
    /// Create, change and delete goals.
    GoalsWrite = "goals:write",
    /// Read goals.
    GoalsRead = "goals:read",
    /// Export what is stored about a person.
    PrivacyExport = "privacy:export",
    /// Erase what is stored about a person.
    PrivacyErase = "privacy:erase",
    /// Read the audit trail.
    AuditRead = "audit:read",
}

/// The text names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownScope;

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a scope")
    }
}

impl std::error::Error for UnknownScope {}

impl std::str::FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_spelling_names_a_scope() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        for spelling in ["data:Ingest", "data:ingest ", "data:", "data", "data:*", "data：ingest", "data:ınsert", ""]
        {
            assert_eq!(spelling.parse::<Scope>(), Err(UnknownScope), "{spelling:?}");
        }
    }
}
