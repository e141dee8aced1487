//! A task as it was at the end of a report, told from the times that it keeps.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    report::{period::Calendar, table::Cell},
    work::{Assignment, Choice, Priority, Task, TaskStatus},
};

/// Who approved a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// The tenant's policy.
    Policy,
    /// An operator.
    Operator,
}

impl Approval {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Operator => "operator",
        }
    }
}

/// One task, as it was at the end of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaskFigures {
    /// Which task.
    pub task_id: Identifier,
    /// What was to be done.
    pub title: String,
    /// How soon.
    pub priority: Priority,
    /// Where it was in its life.
    pub status_at_end: TaskStatus,
    /// The sensor that it is about.
    pub sensor_id: Option<Identifier>,
    /// The machine that it is about.
    pub asset_id: Option<Identifier>,
    /// The alert that made it.
    pub alert_id: Option<Identifier>,
    /// When it was created.
    pub created_at: Timestamp,
    /// By when it should be done.
    pub due_by: Option<Timestamp>,
    /// Whether that had passed at the end, and nothing had settled it.
    pub overdue_at_end: bool,
    /// Whether it was completed by then; `null` unless it was completed and had a due time.
    pub on_time: Option<bool>,
    /// Who approved it.
    pub approval: Option<Approval>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// When it was rejected.
    pub rejected_at: Option<Timestamp>,
    /// How often the decision was put off within the period.
    pub deferrals: u64,
    /// Who was to do it.
    pub technician_id: Option<Identifier>,
    /// The booked start.
    pub start: Option<Timestamp>,
    /// The booked end.
    pub end: Option<Timestamp>,
    /// How much of the booking lies within the period, up to the end of the report.
    pub booked_seconds: u64,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// How long it was planned to take.
    pub planned_minutes: u32,
    /// How long it took, as logged.
    pub actual_minutes: Option<u32>,
}

/// What operators had decided.
#[derive(Default)]
struct Decided {
    approved_at: Option<Timestamp>,
    rejected_at: Option<Timestamp>,
    deferred_until: Option<Timestamp>,
    deferrals: u64,
}

impl Decided {
    fn of(task: &Task, calendar: Calendar) -> Self {
        let mut decided = Self::default();
        for decision in task.decisions.iter().filter(|decision| calendar.knows(decision.at)) {
            match decision.choice {
                Choice::Approve => decided.approved_at = Some(decision.at),
                Choice::Reject => decided.rejected_at = Some(decision.at),
                Choice::Defer { defer_until } => {
                    decided.deferred_until = Some(defer_until);
                    decided.deferrals += u64::from(calendar.contains(decision.at));
                }
            }
        }
        decided
    }
}

/// Whether the policy approved the task: it went past approval, and no operator approved it.
fn is_auto_approved(task: &Task) -> bool {
    let undecided = matches!(task.status(), TaskStatus::AwaitingApproval | TaskStatus::Deferred | TaskStatus::Rejected);
    !undecided && !task.decisions.iter().any(|decision| decision.choice == Choice::Approve)
}

impl TaskFigures {
    pub(super) fn of(task: &Task, calendar: Calendar) -> Self {
        let known = |at: Timestamp| calendar.knows(at).then_some(at);
        let decided = Decided::of(task, calendar);
        let completion = task.completion().filter(|completion| calendar.knows(completion.at));
        let completed_at = completion.map(|completion| completion.at);
        let cancelled_at = task.cancellation().and_then(|cancellation| known(cancellation.at));
        let approval = match decided.approved_at {
            Some(_) => Some(Approval::Operator),
            None => is_auto_approved(task).then_some(Approval::Policy),
        };
        // Nothing is scheduled before it is approved.
        let assignment = task.assignment().filter(|_| approval.is_some());
        let status_at_end = match (&decided, approval, assignment) {
            _ if completed_at.is_some() => TaskStatus::Completed,
            _ if cancelled_at.is_some() => TaskStatus::Cancelled,
            (_, Some(_), Some(_)) => TaskStatus::Scheduled,
            (_, Some(Approval::Operator), None) => TaskStatus::Approved,
            (_, Some(Approval::Policy), None) => TaskStatus::AutoApproved,
            (Decided { rejected_at: Some(_), .. }, None, _) => TaskStatus::Rejected,
            (Decided { deferred_until: Some(until), .. }, None, _) if !calendar.knows(*until) => TaskStatus::Deferred,
            (_, None, _) => TaskStatus::AwaitingApproval,
        };
        let is_open = matches!(status_at_end, TaskStatus::AwaitingApproval | TaskStatus::Deferred)
            || matches!(status_at_end, TaskStatus::AutoApproved | TaskStatus::Approved | TaskStatus::Scheduled);
        Self {
            task_id: task.id.clone(),
            title: task.title.clone(),
            priority: task.priority,
            status_at_end,
            sensor_id: task.sensor_id.clone(),
            asset_id: task.asset_id.clone(),
            alert_id: task.alert_id.clone(),
            created_at: task.created_at,
            due_by: task.due_by,
            overdue_at_end: is_open && task.due_by.is_some_and(|due| calendar.knows(due)),
            on_time: completed_at.zip(task.due_by).map(|(at, due)| at <= due),
            approval,
            approved_at: approval.map(|_| decided.approved_at.unwrap_or(task.created_at)),
            rejected_at: decided.rejected_at,
            deferrals: decided.deferrals,
            technician_id: assignment.map(|assignment| assignment.technician_id.clone()),
            start: assignment.map(|assignment| assignment.start),
            end: assignment.map(|assignment| assignment.end),
            booked_seconds: assignment.map_or(0, |assignment| booked(assignment, calendar)),
            completed_at,
            cancelled_at,
            planned_minutes: task.duration_minutes,
            actual_minutes: completion.and_then(|completion| completion.actual_minutes),
        }
    }

    /// When it left the backlog.
    pub(super) fn ended_at(&self) -> Option<Timestamp> {
        self.completed_at.or(self.cancelled_at).or(self.rejected_at)
    }

    /// Whether it was in the backlog just before `instant`.
    pub(super) fn is_open_before(&self, instant: Timestamp) -> bool {
        self.created_at < instant && self.ended_at().is_none_or(|at| at >= instant)
    }

    /// When an operator approved or rejected it.
    pub(super) fn decided_at(&self) -> Option<Timestamp> {
        match self.approval {
            Some(Approval::Policy) => None,
            Some(Approval::Operator) => self.approved_at,
            None => self.rejected_at,
        }
    }

    pub(super) fn seconds_to_decision(&self) -> Option<i64> {
        seconds(Some(self.created_at), self.decided_at())
    }

    pub(super) fn seconds_to_start(&self) -> Option<i64> {
        seconds(self.approved_at, self.start)
    }

    pub(super) fn seconds_of_work(&self) -> Option<i64> {
        seconds(self.start, self.completed_at)
    }

    pub(super) fn seconds_to_completion(&self) -> Option<i64> {
        seconds(Some(self.created_at), self.completed_at)
    }
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.duration_since(from?).as_secs())
}

/// How much of an assignment lies within the report.
fn booked(assignment: &Assignment, calendar: Calendar) -> u64 {
    let (from, to) = (assignment.start.max(calendar.start()), assignment.end.min(calendar.as_of));
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}

pub(super) const COLUMNS: [&str; 20] = [
    "task_id",
    "title",
    "priority",
    "status_at_end",
    "sensor_id",
    "asset_id",
    "alert_id",
    "created_at",
    "due_by",
    "overdue_at_end",
    "approval",
    "approved_at",
    "rejected_at",
    "technician_id",
    "start",
    "end",
    "completed_at",
    "cancelled_at",
    "planned_minutes",
    "actual_minutes",
];

impl TaskFigures {
    pub(super) fn row(&self) -> [Cell; COLUMNS.len()] {
        let identifier = |id: &Option<Identifier>| Cell::maybe(id.as_ref(), Cell::text);
        [
            Cell::text(&self.task_id),
            Cell::text(&self.title),
            Cell::number(self.priority),
            Cell::text(self.status_at_end),
            identifier(&self.sensor_id),
            identifier(&self.asset_id),
            identifier(&self.alert_id),
            Cell::text(self.created_at),
            self.due_by.into(),
            Cell::text(self.overdue_at_end),
            Cell::maybe(self.approval.map(Approval::as_str), Cell::text),
            self.approved_at.into(),
            self.rejected_at.into(),
            identifier(&self.technician_id),
            self.start.into(),
            self.end.into(),
            self.completed_at.into(),
            self.cancelled_at.into(),
            Cell::number(self.planned_minutes),
            Cell::maybe(self.actual_minutes, Cell::number),
        ]
    }
}
