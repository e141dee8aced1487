//! What operators decide about tasks.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TaskEvent;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
#[schemars(inline)]
pub enum Choice {
    /// The work is to be done.
    Approve,
    /// The work is not to be done.
    Reject,
    /// To be decided later.
    Defer {
        /// When the task awaits approval again.
        defer_until: Timestamp,
    },
}

impl Choice {
    /// What it does to a task.
    #[must_use]
    pub const fn event(self) -> TaskEvent {
        match self {
            Self::Approve => TaskEvent::Approve,
            Self::Reject => TaskEvent::Reject,
            Self::Defer { .. } => TaskEvent::Defer,
        }
    }
}

/// One decision about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What was decided.
    #[serde(flatten)]
    pub choice: Choice,
    /// Who decided.
    pub operator_id: Identifier,
    /// Why; present at least when the task was rejected. At most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// When.
    pub at: Timestamp,
}
