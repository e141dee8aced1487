//! Tasks: work on a machine, from the idea to the log of what was done.

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SensorType;

use super::{
    Alert, AlertStatus, Assignment, Booking, Choice, Decision, IllegalTransition, NewTask, NoFit, Policy, Priority,
    TaskEvent, TaskStatus, pipeline, task_id,
};

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
// The status is private: it changes only through the methods here, and they only along the table of `machine`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Task {
    /// Its name.
    pub id: Identifier,
    /// What is to be done, in a line; 1 to 160 characters.
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

impl Task {
    /// The task that an operator asked for. It awaits approval, whatever the policy approves by itself.
    #[must_use]
    pub fn create(id: Identifier, new: NewTask, created_by: Identifier, policy: &Policy, now: Timestamp) -> Self {
        Self {
            id,
            title: new.title,
            description: new.description,
            sensor_id: new.sensor_id,
            asset_id: new.asset_id,
            alert_id: new.alert_id,
            priority: new.priority,
            skill: new.skill,
            duration_minutes: new.duration_minutes.unwrap_or(policy.tasks.duration_minutes),
            due_by: new.due_by,
            created_at: now,
            created_by,
            decisions: Vec::new(),
            state: State::AwaitingApproval,
        }
    }

    /// The task that `alert` makes, approved already when the policy says so; `None` when the alert is
    /// milder than the policy asks for, has a task or is resolved.
    #[must_use]
    pub fn for_alert(alert: &Alert, policy: &Policy, now: Timestamp) -> Option<Self> {
        let wanted = alert.severity >= policy.tasks.min_severity
            && alert.task_id.is_none()
            && alert.status() != AlertStatus::Resolved;
        if !wanted {
            return None;
        }
        let (duration_minutes, skill) = policy.tasks.work(alert.kind, alert.sensor_type);
        let priority = alert.urgency.priority;
        let approved =
            policy.auto_approval.as_ref().is_some_and(|rule| rule.covers(alert.kind, priority, duration_minutes));
        Some(Self {
            id: task_id(alert),
            title: title(alert),
            description: Some(alert.actions.join("\n")),
            sensor_id: Some(alert.sensor_id.clone()),
            asset_id: None,
            alert_id: Some(alert.id.clone()),
            priority,
            skill: skill.cloned(),
            duration_minutes,
            due_by: Some(alert.urgency.due_by),
            created_at: now,
            created_by: pipeline(),
            decisions: Vec::new(),
            state: if approved { State::AutoApproved { unscheduled_reason: None } } else { State::AwaitingApproval },
        })
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn status(&self) -> TaskStatus {
        self.state.status()
    }

    /// Who does it and when, or did, when it was scheduled.
    #[must_use]
    pub const fn assignment(&self) -> Option<&Assignment> {
        match &self.state {
            State::Scheduled { assignment } => Some(assignment),
            State::Completed { assignment, .. } => assignment.as_ref(),
            _ => None,
        }
    }

    /// The technician's time that it takes, while it is scheduled.
    #[must_use]
    pub fn booking(&self) -> Option<Booking> {
        let State::Scheduled { assignment: Assignment { technician_id, start, end, .. } } = &self.state else {
            return None;
        };
        Some(Booking { technician_id: technician_id.clone(), task_id: self.id.clone(), start: *start, end: *end })
    }

    /// Why it has no technician although it is approved, when planning was tried.
    #[must_use]
    pub const fn unscheduled_reason(&self) -> Option<&NoFit> {
        match &self.state {
            State::AutoApproved { unscheduled_reason } | State::Approved { unscheduled_reason } => {
                unscheduled_reason.as_ref()
            }
            _ => None,
        }
    }

    /// When it awaits approval again, while it is deferred.
    #[must_use]
    pub const fn defer_until(&self) -> Option<Timestamp> {
        match self.state {
            State::Deferred { defer_until } => Some(defer_until),
            _ => None,
        }
    }

    /// What was done, when it was.
    #[must_use]
    pub const fn completion(&self) -> Option<&Completion> {
        match &self.state {
            State::Completed { completion, .. } => Some(completion),
            _ => None,
        }
    }

    /// Why it was called off, when it was.
    #[must_use]
    pub const fn cancellation(&self) -> Option<&Cancellation> {
        match &self.state {
            State::Cancelled { cancellation } => Some(cancellation),
            _ => None,
        }
    }

    /// An operator decides. The decision is kept with the task.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it awaits approval or is deferred.
    pub fn decide(&mut self, decision: Decision) -> Result<(), IllegalTransition> {
        let state = match decision.choice {
            Choice::Approve => State::Approved { unscheduled_reason: None },
            Choice::Reject => State::Rejected,
            Choice::Defer { defer_until } => State::Deferred { defer_until },
        };
        self.step(decision.choice.event(), state)?;
        self.decisions.push(decision);
        Ok(())
    }

    /// Lets a deferred task await approval again once its time has come; says whether it did.
    pub fn resume(&mut self, now: Timestamp) -> bool {
        self.defer_until().is_some_and(|until| until <= now)
            && self.step(TaskEvent::Resume, State::AwaitingApproval).is_ok()
    }

    /// The task as something that can be planned.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it is approved and not scheduled.
    pub fn approved(&self) -> Result<ApprovedTask<'_>, IllegalTransition> {
        self.status().after(TaskEvent::Schedule).map(|_| ApprovedTask(self))
    }

    /// A technician gets it.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it is approved and not scheduled.
    pub fn schedule(&mut self, assignment: Assignment) -> Result<(), IllegalTransition> {
        self.step(TaskEvent::Schedule, State::Scheduled { assignment })
    }

    /// Keeps why nobody fits. The status stays; planning may be tried again.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it is approved and not scheduled.
    pub fn leave_unscheduled(&mut self, reason: NoFit) -> Result<(), IllegalTransition> {
        match &mut self.state {
            State::AutoApproved { unscheduled_reason } | State::Approved { unscheduled_reason } => {
                *unscheduled_reason = Some(reason);
                Ok(())
            }
            _ => self.approved().map(drop),
        }
    }

    /// It was done.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it is approved or scheduled.
    pub fn complete(&mut self, completion: Completion) -> Result<(), IllegalTransition> {
        let assignment = self.assignment().cloned();
        self.step(TaskEvent::Complete, State::Completed { assignment, completion })
    }

    /// Approved work is called off. Its booking, if any, is free again: see [`Task::booking`] before.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless it is approved or scheduled.
    pub fn cancel(&mut self, cancellation: Cancellation) -> Result<(), IllegalTransition> {
        self.step(TaskEvent::Cancel, State::Cancelled { cancellation })
    }

    /// The one place where a status changes: the table allows the event, and `state` is what it leads to.
    fn step(&mut self, event: TaskEvent, state: State) -> Result<(), IllegalTransition> {
        let next = self.status().after(event)?;
        debug_assert_eq!(next, state.status());
        self.state = state;
        Ok(())
    }
}

impl State {
    const fn status(&self) -> TaskStatus {
        match self {
            Self::AwaitingApproval => TaskStatus::AwaitingApproval,
            Self::AutoApproved { .. } => TaskStatus::AutoApproved,
            Self::Approved { .. } => TaskStatus::Approved,
            Self::Rejected => TaskStatus::Rejected,
            Self::Deferred { .. } => TaskStatus::Deferred,
            Self::Scheduled { .. } => TaskStatus::Scheduled,
            Self::Completed { .. } => TaskStatus::Completed,
            Self::Cancelled { .. } => TaskStatus::Cancelled,
        }
    }
}

impl ApprovedTask<'_> {
    /// What a technician must be able to do.
    pub(crate) const fn skill(&self) -> Option<&Identifier> {
        self.0.skill.as_ref()
    }

    /// How long it takes.
    pub(crate) fn duration(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.0.duration_minutes))
    }

    /// By when it should be done.
    pub(crate) const fn due_by(&self) -> Option<Timestamp> {
        self.0.due_by
    }
}

/// What is to be done about `alert`, in a line.
fn title(alert: &Alert) -> String {
    let sensor_type = alert.sensor_type.as_str().replace('_', " ");
    let subject =
        if alert.sensor_type == SensorType::Other { "sensor".to_owned() } else { format!("{sensor_type} sensor") };
    format!("Inspect {subject} {}: {}", alert.sensor_id, alert.kind.words())
}
