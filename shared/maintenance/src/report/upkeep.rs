//! `maintenance_summary`: what was to be done, and what became of it.

mod task;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Definition, Figures, Frame, Report,
    figures::{Durations, share},
    period::{Calendar, Period},
    table,
};
use crate::work::{Priority, Task, TaskStatus};

pub use task::{Approval, TaskFigures};

/// The figures of a `maintenance_summary` report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MaintenanceSummary {
    /// All tasks together.
    pub totals: TaskCounts,
    /// The backlog when the period began.
    pub backlog_at_start: u64,
    /// The backlog at the end, by status.
    pub backlog_by_status: BacklogCounts,
    /// From creation to the operator's approval or rejection.
    pub created_to_decision: Durations,
    /// From approval, or creation where the policy approved, to the booked start.
    pub approval_to_start: Durations,
    /// From the booked start to completion.
    pub start_to_completion: Durations,
    /// From creation to completion.
    pub created_to_completion: Durations,
    /// Completed tasks that had a due time.
    pub completed_with_due_time: u64,
    /// Those of them that were completed by then.
    pub completed_on_time: u64,
    /// `completed_on_time / completed_with_due_time`.
    pub on_time_share: Option<f64>,
    /// What completed tasks took, against the plan.
    pub effort: Effort,
    /// Every priority, the least urgent first.
    pub by_priority: Vec<PriorityCounts>,
    /// Every technician who has an assignment that the report touches, by id.
    pub by_technician: Vec<TechnicianFigures>,
    /// The days of UTC that the report touches.
    pub days: Vec<Date>,
    /// What happened on each of them.
    pub by_day: TasksByDay,
    /// Every task of this report, by the time of creation and then by id.
    pub tasks: Vec<TaskFigures>,
}

/// What happened to tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaskCounts {
    /// Created within the period.
    pub created: u64,
    /// Those of them that the tenant's policy approved.
    pub auto_approved: u64,
    /// Approved by an operator within the period.
    pub approved: u64,
    /// Rejected within the period.
    pub rejected: u64,
    /// How often a decision was put off within the period.
    pub deferred: u64,
    /// Assignments whose booked start lies within the period.
    pub scheduled_starts: u64,
    /// Completed within the period.
    pub completed: u64,
    /// Cancelled within the period.
    pub cancelled: u64,
    /// Neither rejected, completed nor cancelled at the end.
    pub backlog_at_end: u64,
    /// Those of the backlog that were due before the end.
    pub overdue_at_end: u64,
}

/// The backlog by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BacklogCounts {
    /// To be decided.
    pub awaiting_approval: u64,
    /// To be decided later.
    pub deferred: u64,
    /// Approved, by an operator or the policy, without a technician and a time.
    pub approved: u64,
    /// With a technician and a time.
    pub scheduled: u64,
}

/// Planned and actual minutes of the completed tasks for which both are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Effort {
    /// How many these are.
    pub tasks: u64,
    /// How long they were planned to take.
    pub planned_minutes: u64,
    /// How long they took.
    pub actual_minutes: u64,
    /// `actual_minutes / planned_minutes`.
    pub actual_to_planned: Option<f64>,
}

/// The tasks of one priority.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PriorityCounts {
    /// How soon.
    pub priority: Priority,
    /// How many.
    #[serde(flatten)]
    pub counts: TaskCounts,
    /// From creation to completion.
    pub created_to_completion: Durations,
    /// What the completed ones took.
    pub effort: Effort,
}

/// The work of one technician.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TechnicianFigures {
    /// Who.
    pub technician_id: Identifier,
    /// Assignments that the period touches.
    pub assignments: u64,
    /// Their minutes within the period, up to the end of the report.
    pub booked_minutes: u64,
    /// Tasks of the technician that were completed within the period.
    pub completed: u64,
    /// What these took.
    pub effort: Effort,
}

/// A figure for each day of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TasksByDay {
    /// Tasks created on the day.
    pub created: Vec<u64>,
    /// Tasks completed on the day.
    pub completed: Vec<u64>,
    /// The backlog when the day ended.
    pub backlog_at_day_end: Vec<u64>,
}

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition::new(
        "tasks",
        "Tasks created before the end of the report and neither rejected, completed nor cancelled before its period began.",
    ),
    Definition::new(
        "created, completed, cancelled",
        "Tasks to which that happened within the period, whenever they were created.",
    ),
    Definition::new(
        "auto_approved",
        "Tasks created within the period that went on without an operator's approval, because the tenant's policy gave it.",
    ),
    Definition::new(
        "approved, rejected, deferred",
        "Decisions of operators within the period. A task can be deferred more than once.",
    ),
    Definition::new(
        "scheduled_starts",
        "Assignments whose booked start lies within the period, up to the end of the report.",
    ),
    Definition::new(
        "backlog",
        "Tasks created but neither rejected, completed nor cancelled: at the end, backlog_at_start + created - rejected - completed - cancelled.",
    ),
    Definition::new(
        "scheduled",
        "Of the approved backlog, what has a technician and a time by the time of generation: the assignment that is stored tells its start, not when it was made.",
    ),
    Definition::new("overdue_at_end", "Backlog whose due time lies before the end of the report."),
    Definition::new("created_to_decision", "From creation to an operator's approval or rejection within the period."),
    Definition::new(
        "approval_to_start",
        "From approval (creation, where the policy approved) to the booked start, over starts within the period.",
    ),
    Definition::new(
        "start_to_completion, created_to_completion",
        "Over tasks completed within the period; the first over those that had a booked start, less than zero where work was \
         reported done before it.",
    ),
    Definition::new(
        "on_time_share",
        "completed_on_time / completed_with_due_time: of the tasks completed within the period that have a due time, those completed not later.",
    ),
    Definition::new(
        "effort",
        "Over tasks completed within the period whose actual minutes were logged: planned_minutes, actual_minutes and their ratio actual_to_planned.",
    ),
    Definition::new(
        "booked_minutes",
        "Minutes of assignments within the period, up to the end of the report. Assignments of cancelled tasks are free again and do not count.",
    ),
];

/// Collects what a `maintenance_summary` report is computed from. The order does not matter.
#[derive(Debug)]
pub struct MaintenanceSummaryBuilder {
    frame: Frame,
    tasks: Vec<TaskFigures>,
}

impl MaintenanceSummaryBuilder {
    /// A report on `period`, generated at `generated_at`.
    #[must_use]
    pub fn new(period: Period, generated_at: Timestamp) -> Self {
        Self { frame: Frame::new(period, generated_at), tasks: Vec::new() }
    }

    /// Takes in a task; each is handed in once. One that the period does not touch is left out of account.
    pub fn task(&mut self, task: &Task) {
        let calendar = self.frame.calendar;
        let figures = TaskFigures::of(task, calendar);
        if calendar.knows(figures.created_at) && figures.ended_at().is_none_or(|at| at >= calendar.start()) {
            self.frame.inputs.tasks += 1;
            self.tasks.push(figures);
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Report {
        let Self { frame, mut tasks } = self;
        tasks.sort_by(|one, other| (one.created_at, &one.task_id).cmp(&(other.created_at, &other.task_id)));
        let figures = MaintenanceSummary::of(tasks, frame.calendar);
        frame.report(Figures::MaintenanceSummary(figures))
    }
}

impl MaintenanceSummary {
    fn of(tasks: Vec<TaskFigures>, calendar: Calendar) -> Self {
        let within = |at: Option<Timestamp>| at.is_some_and(|at| calendar.contains(at));
        let completed: Vec<&TaskFigures> = tasks.iter().filter(|task| within(task.completed_at)).collect();
        let durations = |tasks: &mut dyn Iterator<Item = &TaskFigures>, took: fn(&TaskFigures) -> Option<i64>| {
            Durations::of(tasks.filter_map(took).collect())
        };
        let of_completed = |took| durations(&mut completed.iter().copied(), took);
        let on_time = |wanted: &[bool]| {
            completed.iter().filter(|task| task.on_time.is_some_and(|on_time| wanted.contains(&on_time))).count() as u64
        };
        let (completed_on_time, completed_with_due_time) = (on_time(&[true]), on_time(&[true, false]));
        let spans: Vec<_> = tasks.iter().map(|task| (task.created_at, task.ended_at())).collect();
        Self {
            totals: TaskCounts::of(tasks.iter(), calendar),
            backlog_at_start: tasks.iter().filter(|task| task.is_open_before(calendar.start())).count() as u64,
            backlog_by_status: BacklogCounts::of(&tasks),
            created_to_decision: durations(
                &mut tasks.iter().filter(|task| within(task.decided_at())),
                TaskFigures::seconds_to_decision,
            ),
            approval_to_start: durations(
                &mut tasks.iter().filter(|task| within(task.start)),
                TaskFigures::seconds_to_start,
            ),
            start_to_completion: of_completed(TaskFigures::seconds_of_work),
            created_to_completion: of_completed(TaskFigures::seconds_to_completion),
            completed_with_due_time,
            completed_on_time,
            on_time_share: share(completed_on_time, completed_with_due_time),
            effort: Effort::of(completed.iter().copied()),
            by_priority: Priority::ALL
                .into_iter()
                .map(|priority| PriorityCounts {
                    priority,
                    counts: TaskCounts::of(tasks.iter().filter(|task| task.priority == priority), calendar),
                    created_to_completion: durations(
                        &mut completed.iter().copied().filter(|task| task.priority == priority),
                        TaskFigures::seconds_to_completion,
                    ),
                    effort: Effort::of(completed.iter().copied().filter(|task| task.priority == priority)),
                })
                .collect(),
            by_technician: by_technician(&tasks, calendar),
            days: calendar.dates(),
            by_day: TasksByDay {
                created: calendar.count_by_day(tasks.iter().map(|task| task.created_at)),
                completed: calendar.count_by_day(tasks.iter().filter_map(|task| task.completed_at)),
                backlog_at_day_end: calendar.balance_by_day(&spans),
            },
            tasks,
        }
    }
}

impl TaskCounts {
    fn of<'a>(tasks: impl Iterator<Item = &'a TaskFigures>, calendar: Calendar) -> Self {
        let within = |at: Option<Timestamp>| u64::from(at.is_some_and(|at| calendar.contains(at)));
        let mut counts = Self::default();
        for task in tasks {
            let created = within(Some(task.created_at));
            counts.created += created;
            counts.auto_approved += if task.approval == Some(Approval::Policy) { created } else { 0 };
            counts.approved += if task.approval == Some(Approval::Operator) { within(task.approved_at) } else { 0 };
            counts.rejected += within(task.rejected_at);
            counts.deferred += task.deferrals;
            counts.scheduled_starts += within(task.start);
            counts.completed += within(task.completed_at);
            counts.cancelled += within(task.cancelled_at);
            counts.backlog_at_end += u64::from(task.ended_at().is_none());
            counts.overdue_at_end += u64::from(task.overdue_at_end);
        }
        counts
    }
}

impl BacklogCounts {
    fn of(tasks: &[TaskFigures]) -> Self {
        let mut counts = Self::default();
        for task in tasks {
            match task.status_at_end {
                TaskStatus::AwaitingApproval => counts.awaiting_approval += 1,
                TaskStatus::Deferred => counts.deferred += 1,
                TaskStatus::AutoApproved | TaskStatus::Approved => counts.approved += 1,
                TaskStatus::Scheduled => counts.scheduled += 1,
                TaskStatus::Rejected | TaskStatus::Completed | TaskStatus::Cancelled => {}
            }
        }
        counts
    }
}

impl Effort {
    fn of<'a>(completed: impl Iterator<Item = &'a TaskFigures>) -> Self {
        let mut effort = Self::default();
        for (planned, actual) in completed.filter_map(|task| Some((task.planned_minutes, task.actual_minutes?))) {
            effort.tasks += 1;
            effort.planned_minutes += u64::from(planned);
            effort.actual_minutes += u64::from(actual);
        }
        effort.actual_to_planned = share(effort.actual_minutes, effort.planned_minutes);
        effort
    }
}

fn by_technician(tasks: &[TaskFigures], calendar: Calendar) -> Vec<TechnicianFigures> {
    let mut technicians: BTreeMap<&Identifier, Vec<&TaskFigures>> = BTreeMap::new();
    for task in tasks {
        if let Some(technician) = &task.technician_id {
            technicians.entry(technician).or_default().push(task);
        }
    }
    technicians
        .into_iter()
        .map(|(technician_id, tasks)| {
            let completed = |task: &&&TaskFigures| task.completed_at.is_some_and(|at| calendar.contains(at));
            TechnicianFigures {
                technician_id: technician_id.clone(),
                assignments: tasks.iter().filter(|task| task.booked_seconds > 0).count() as u64,
                booked_minutes: tasks.iter().map(|task| task.booked_seconds).sum::<u64>() / 60,
                completed: tasks.iter().filter(completed).count() as u64,
                effort: Effort::of(tasks.iter().filter(completed).copied()),
            }
        })
        .filter(|technician| technician.assignments > 0 || technician.completed > 0)
        .collect()
}

impl MaintenanceSummary {
    pub(super) fn csv(&self) -> String {
        table::csv(task::COLUMNS, self.tasks.iter().map(TaskFigures::row))
    }
}
