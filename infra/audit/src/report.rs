//! What was found, for people and for programs.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many chains there are.
    pub chains: usize,
    /// How many entries they have.
    pub entries: u64,
    /// How many checkpoints there are.
    pub checkpoints: usize,
    /// When the last one was made.
    pub last_checkpoint: Option<Timestamp>,
    /// How many entries no checkpoint has seen yet.
    pub unseen: u64,
    /// What is not as it was written; empty when all is well.
    pub findings: Vec<Finding>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The entry is not the one that was written in this place.
    Changed {
        /// The chain.
        chain: String,
        /// The entry's number.
        entry: u64,
    },
    /// The entry is gone, and later ones are there.
    Removed {
        /// The chain.
        chain: String,
        /// The entry's number.
        entry: u64,
    },
    /// The chain ends before this entry, which a checkpoint or a later chain has seen.
    CutOff {
        /// The chain.
        chain: String,
        /// The number of the first entry that is missing.
        entry: u64,
    },
    /// The entry says that it is older than the last checkpoint by more than an hour, and none has seen it.
    Unsigned {
        /// The chain.
        chain: String,
        /// The number of the first such entry.
        entry: u64,
    },
    /// The entry was written with the audit key, but a checkpoint has seen another in its place.
    Rewritten {
        /// The chain.
        chain: String,
        /// The entry's number.
        entry: u64,
        /// The checkpoint's number.
        checkpoint: u64,
    },
    /// There are entries, and for more than an hour nothing has signed how far they came.
    Overdue,
    /// The checkpoint was not signed with the key, or is not in its place.
    Checkpoint {
        /// The checkpoint's number.
        checkpoint: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { chain, entry } => write!(f, "{chain}: entry {entry} is not what was written there"),
            Self::Removed { chain, entry } => write!(f, "{chain}: entry {entry} was removed"),
            Self::CutOff { chain, entry } => write!(f, "{chain}: everything from entry {entry} on was cut off"),
            Self::Unsigned { chain, entry } => {
                write!(
                    f,
                    "{chain}: no checkpoint has seen entry {entry}, which says that it is older than the last one"
                )
            }
            Self::Rewritten { chain, entry, checkpoint } => {
                write!(f, "{chain}: entry {entry} is another than checkpoint {checkpoint} has seen")
            }
            Self::Overdue => write!(f, "no checkpoint was made for more than an hour, or the last ones are hidden"),
            Self::Checkpoint { checkpoint } => {
                write!(f, "checkpoint {checkpoint} was not signed with the key, or not as this one")
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.last_checkpoint.map_or_else(String::new, |time| format!(", the last of {time:.0}"));
        writeln!(f, "{} entries in {} chains, {} checkpoints{last}", self.entries, self.chains, self.checkpoints)?;
        writeln!(f, "{} entries were seen by no checkpoint yet", self.unseen)?;
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.findings.is_empty() { writeln!(f, "everything is as it was written") } else { Ok(()) }
    }
}
