//! What people and other systems are told.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Alert, NotificationRules, Severity, Task, ids::notification_id, machine::words};

words! {
    /// What is told.
    NotificationEvent {
        /// A sensor does something unusual.
        AlertOpened = "alert_opened",
        /// It became worse.
        AlertEscalated = "alert_escalated",
        /// A task needs a decision.
        TaskAwaitingApproval = "task_awaiting_approval",
        /// A technician has a task at a time.
        TaskScheduled = "task_scheduled",
        /// No technician fits an approved task.
        TaskUnscheduled = "task_unscheduled",
        /// A task was done.
        TaskCompleted = "task_completed",
    }
}

/// One thing told. Its JSON is the body of a webhook call and of an SNS message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Notification {
    /// Its name. The same event of the same subject always has the same one, so that what was told is
    /// not told again.
    pub id: Identifier,
    /// What happened.
    pub event: NotificationEvent,
    /// To which alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<Identifier>,
    /// To which task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Identifier>,
    /// Of which sensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor_id: Option<Identifier>,
    /// How bad the alert is; of a task, its priority.
    pub severity: Severity,
    /// The same for people.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
}
