//! What was done and what was found, for people and for programs.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::Setting;

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The moment that the tables are of.
    pub moment: Timestamp,
    /// The restored tables.
    pub tables: Vec<String>,
    /// How many receipts of erasures were carried over by this run.
    pub receipts: u64,
    /// How many rows are under keys that were destroyed; the clock removes them once the table is in use.
    pub unreadable: u64,
    /// What speaks against using the tables; empty when nothing does.
    pub findings: Vec<Finding>,
}

/// Something that speaks against using a restored table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// A setting is not that of the table in use.
    Setting {
        /// The restored table.
        table: String,
        /// Which setting.
        setting: Setting,
        /// As it is in use; `None` for off.
        wanted: Option<String>,
        /// As it is.
        is: Option<String>,
    },
    /// Rows are under a key that no longer stands, and no receipt says that it was destroyed: nobody would remove them.
    NoReceipt {
        /// The restored table.
        table: String,
        /// The name of the key.
        key: String,
        /// How many rows.
        rows: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { table, setting, wanted, is } => {
                let or_off = |value: &Option<String>| value.clone().unwrap_or_else(|| "off".to_owned());
                write!(f, "{table}: {setting} is {}, not {}", or_off(is), or_off(wanted))
            }
            Self::NoReceipt { table, key, rows } => {
                write!(f, "{table}: {rows} rows are under the key {key}, which no longer stands; there is no receipt")
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            writeln!(f, "{table} is as it was at {}", self.moment)?;
        }
        let Self { receipts, unreadable, .. } = self;
        writeln!(f, "{receipts} receipts of erasures were carried over; {unreadable} rows wait to be removed")?;
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.findings.is_empty() { writeln!(f, "nothing speaks against using them") } else { Ok(()) }
    }
}
