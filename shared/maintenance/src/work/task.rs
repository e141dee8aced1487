//! Tasks: work on a machine, from the idea to the log of what was done.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Alert, Assignment, Choice, Decision, IllegalTransition, NewTask, NoFit, Policy, Priority, TaskEvent, TaskStatus,
    task_id,
};

/// Who creates tasks, and ends alerts, when nobody in particular does.
const PIPELINE: &str = "pipeline";

/// What was done, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completion {
    /// Who did it.
    pub by: Identifier,
    /// When it was reported done.
    pub at: Timestamp,
    /// The log of the work; 1 to 4000 characters.
    pub notes: String,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_minutes: Option<u32>,
    /// What was found; at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<String>,
}

/// Why approved work was called off, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cancellation {
    /// Who called it off.
    pub by: Identifier,
    /// When.
    pub at: Timestamp,
    /// Why; 1 to 1000 characters.
    pub reason: String,
}

/// The status and what belongs to it. Flat in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(inline)]
enum State {
    AwaitingApproval,
    AutoApproved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unscheduled_reason: Option<NoFit>,
    },
    Approved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unscheduled_reason: Option<NoFit>,
    },
    Rejected,
    Deferred {
        defer_until: Timestamp,
    },
    Scheduled {
        assignment: Assignment,
    },
    Completed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignment: Option<Assignment>,
        completion: Completion,
    },
    Cancelled {
        cancellation: Cancellation,
    },
}

/// Work on a machine.
///
/// Its status changes only through the methods here, and they only along the table of
/// [`transition_table`](super::transition_table).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Task {
    /// Its name.
    pub id: Identifier,
    /// What is to be done, in a line; 1 to 120 characters.
    pub title: String,
    /// What is to be done, at length; at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The sensor that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor_id: Option<Identifier>,
    /// The machine that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<Identifier>,
    /// The alert that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<Identifier>,
    /// How soon it must be done.
    pub priority: Priority,
    /// What a technician must be able to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Identifier>,
    /// How long it is planned to take.
    pub duration_minutes: u32,
    /// By when it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_by: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it; `pipeline` when an alert did.
    pub created_by: Identifier,
    /// Every decision about it, oldest first.
    pub decisions: Vec<Decision>,
    #[serde(flatten)]
    state: State,
}

/// A task that is approved and not yet scheduled: the only thing that can be planned.
#[derive(Clone, Copy, Debug)]
pub struct ApprovedTask<'a>(&'a Task);
