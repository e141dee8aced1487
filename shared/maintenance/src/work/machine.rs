//! The life of a task, as one table.

use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as clients spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The one that clients spell `text`, exactly.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a task is in its life.
    TaskStatus {
        /// Nobody has decided yet.
        AwaitingApproval = "awaiting_approval",
        /// The tenant's policy approved it; nobody had to.
        AutoApproved = "auto_approved",
        /// An operator approved it.
        Approved = "approved",
        /// An operator refused it. Final.
        Rejected = "rejected",
        /// An operator put the decision off until a time.
        Deferred = "deferred",
        /// A technician has it at a time.
        Scheduled = "scheduled",
        /// It was done. Final.
        Completed = "completed",
        /// Approved work that turned out not to be needed. Final. It differs from a rejection in that the
        /// work had been approved, and a technician's time may have to be given back.
        Cancelled = "cancelled",
    }
}

words! {
    /// What can happen to a task.
    TaskEvent {
        /// An operator approves.
        Approve = "approve",
        /// An operator refuses.
        Reject = "reject",
        /// An operator puts the decision off.
        Defer = "defer",
        /// The time has come to which the decision was put off.
        Resume = "resume",
        /// A technician gets it.
        Schedule = "schedule",
        /// It was done.
        Complete = "complete",
        /// Approved work is called off.
        Cancel = "cancel",
    }
}

/// Every legal step. A pair that is not here is illegal.
///
/// - Scheduling starts from an approval only; there is no other way to `Scheduled`.
/// - A decision is made once: who approves what another has rejected, or the reverse, is told so. A
///   deferred one can be made early.
/// - Approved work can be completed without having been scheduled, because an outside contractor does
///   not stand in the calendar.
const STEPS: [(TaskStatus, TaskEvent, TaskStatus); 15] = {
    use {TaskEvent as E, TaskStatus as S};
    [
        (S::AwaitingApproval, E::Approve, S::Approved),
        (S::AwaitingApproval, E::Reject, S::Rejected),
        (S::AwaitingApproval, E::Defer, S::Deferred),
        (S::Deferred, E::Approve, S::Approved),
        (S::Deferred, E::Reject, S::Rejected),
        (S::Deferred, E::Defer, S::Deferred),
        (S::Deferred, E::Resume, S::AwaitingApproval),
        (S::AutoApproved, E::Schedule, S::Scheduled),
        (S::Approved, E::Schedule, S::Scheduled),
        (S::AutoApproved, E::Complete, S::Completed),
        (S::Approved, E::Complete, S::Completed),
        (S::Scheduled, E::Complete, S::Completed),
        (S::AutoApproved, E::Cancel, S::Cancelled),
        (S::Approved, E::Cancel, S::Cancelled),
        (S::Scheduled, E::Cancel, S::Cancelled),
    ]
};

/// Something happened to an object in a state in which it cannot happen. Over HTTP this is a 409.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalTransition {
    /// What it is: `alert` or `task`.
    pub object: &'static str,
    /// The state it is in.
    pub from: &'static str,
    /// What should have happened.
    pub event: &'static str,
}

impl fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} is {}: `{}` is not possible", self.object, self.from, self.event)
    }
}

impl std::error::Error for IllegalTransition {}

impl TaskStatus {
    /// The state after `event`.
    ///
    /// # Errors
    /// [`IllegalTransition`] when it cannot happen in this state.
    pub fn after(self, event: TaskEvent) -> Result<Self, IllegalTransition> {
        STEPS
            .iter()
            .find(|(from, by, _)| (*from, *by) == (self, event))
            .map(|(_, _, to)| *to)
            .ok_or(IllegalTransition { object: "task", from: self.as_str(), event: event.as_str() })
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !STEPS.iter().any(|(from, _, _)| *from == self)
    }
}

/// The machine as a Markdown table for the documents: a row for each state, a column for each event.
#[must_use]
pub fn transition_table() -> String {
    let mut table = String::from("| state |");
    for event in TaskEvent::ALL {
        // Writing to a string cannot fail.
        let _ = write!(table, " {event} |");
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(TaskEvent::ALL.len()));
    for status in TaskStatus::ALL {
        let _ = write!(table, "\n| {status} |");
        for event in TaskEvent::ALL {
            let _ = match status.after(*event) {
                Ok(next) => write!(table, " {next} |"),
                Err(_) => write!(table, " 409 |"),
            };
        }
    }
    table.push('\n');
    table
}
