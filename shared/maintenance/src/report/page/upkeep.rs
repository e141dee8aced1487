//! The page of `maintenance_summary`.

use std::cmp::Reverse;

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    parts::{Column, Kind, MOST_ROWS, Tile, bar_cell, left_out, nothing, number, section, table, tiles},
    text::{ABSENT, breakable, count, counted, duration, instant, mean_duration, percent},
};
use crate::report::{
    Durations,
    chart::{Arrangement, Caption, Series, bars, lines},
    upkeep::{Effort, MaintenanceSummary, TaskFigures},
};

pub(super) fn body(figures: &MaintenanceSummary, as_of: Timestamp, include_charts: bool) -> Markup {
    if figures.tasks.is_empty() {
        return nothing("No task was created or open in the period.");
    }
    html! {
        (overview(figures))
        @if include_charts { (courses(figures)) }
        (outcomes(figures))
        (lead_times(figures))
        (priorities(figures))
        (technicians(figures, include_charts))
        (overdue(figures, as_of))
    }
}

fn overview(figures: &MaintenanceSummary) -> Markup {
    let totals = &figures.totals;
    let tile = |name, value, remark: String| Tile { name, value, remark };
    tiles(&[
        tile("Created", count(totals.created), format!("{} approved by policy", count(totals.auto_approved))),
        tile(
            "Completed",
            count(totals.completed),
            format!("median after {}", mean_duration(figures.created_to_completion.median_seconds)),
        ),
        tile(
            "On time",
            percent(figures.on_time_share),
            format!(
                "{} of {} with a due time",
                count(figures.completed_on_time),
                count(figures.completed_with_due_time)
            ),
        ),
        tile("Backlog at the start", count(figures.backlog_at_start), String::new()),
        tile("Backlog at the end", count(totals.backlog_at_end), format!("{} overdue", count(totals.overdue_at_end))),
        tile(
            "Actual to planned",
            percent(figures.effort.actual_to_planned),
            format!("of the minutes of {}", counted(figures.effort.tasks, "task")),
        ),
    ])
}

fn courses(figures: &MaintenanceSummary) -> Markup {
    let work = Caption {
        id: "work",
        title: "Tasks created and completed",
        vertical: "tasks",
        description: "For each day or week two bars side by side: tasks created and tasks completed.",
    };
    let series = [
        Series { name: "created", class: "c2", values: &figures.by_day.created },
        Series { name: "completed", class: "c1", values: &figures.by_day.completed },
    ];
    let backlog = Caption {
        id: "backlog",
        title: "Backlog",
        vertical: "tasks open at the end of the day",
        description: "A line through the number of tasks in the backlog when each day ended.",
    };
    section(
        "course",
        "Course by day",
        &html! {
            (bars(&work, &figures.days, &series, Arrangement::SideBySide))
            (lines::counts(&backlog, &figures.days, &figures.by_day.backlog_at_day_end))
        },
    )
}

fn outcomes(figures: &MaintenanceSummary) -> Markup {
    let totals = &figures.totals;
    let backlog = &figures.backlog_by_status;
    let columns = [Column("In the period", "", Kind::Text), Column("Tasks", "", Kind::Number)];
    let happened = [
        ("Created", totals.created),
        ("Approved by policy", totals.auto_approved),
        ("Approved by an operator", totals.approved),
        ("Rejected", totals.rejected),
        ("Deferrals", totals.deferred),
        ("Booked starts", totals.scheduled_starts),
        ("Completed", totals.completed),
        ("Cancelled", totals.cancelled),
    ];
    let remaining = [
        ("Awaiting approval", backlog.awaiting_approval),
        ("Deferred", backlog.deferred),
        ("Approved, not scheduled", backlog.approved),
        ("Scheduled", backlog.scheduled),
    ];
    let rows = |rows: &[(&str, u64)]| {
        html! { tbody { @for (name, value) in rows { tr { th scope="row" { (name) } (number(&count(*value))) } } } }
    };
    let backlog_columns = [Column("At the end", "", Kind::Text), Column("Tasks", "", Kind::Number)];
    let with_total = html! {
        (rows(&remaining))
        tfoot {
            tr { th scope="row" { "Backlog" } (number(&count(totals.backlog_at_end))) }
            tr { th scope="row" { "of it overdue" } (number(&count(totals.overdue_at_end))) }
        }
    };
    section(
        "outcomes",
        "What became of the tasks",
        &html! {
            div.halves {
                div { (table("What happened to tasks", &columns, &rows(&happened))) }
                div { (table("What remained to be done", &backlog_columns, &with_total)) }
            }
        },
    )
}

fn lead_times(figures: &MaintenanceSummary) -> Markup {
    let columns = [
        Column("From", "", Kind::Text),
        Column("Tasks", "", Kind::Number),
        Column("Mean", "", Kind::Number),
        Column("Median", "", Kind::Number),
        Column("Longest", "", Kind::Number),
    ];
    let row = |name: &str, durations: &Durations| {
        html! {
            tr {
                th scope="row" { (name) }
                (number(&count(durations.count)))
                (number(&mean_duration(durations.mean_seconds)))
                (number(&mean_duration(durations.median_seconds)))
                (number(&duration(durations.longest_seconds)))
            }
        }
    };
    let rows = html! {
        tbody {
            (row("creation to decision", &figures.created_to_decision))
            (row("approval to booked start", &figures.approval_to_start))
            (row("booked start to completion", &figures.start_to_completion))
            (row("creation to completion", &figures.created_to_completion))
        }
    };
    section("lead-times", "Lead times", &table("Steps that were finished in the period", &columns, &rows))
}

const EFFORT: [Column; 3] = [
    Column("Planned", "minutes", Kind::Number),
    Column("Actual", "minutes", Kind::Number),
    Column("Actual", "to planned", Kind::Number),
];

fn effort(effort: &Effort) -> Markup {
    html! {
        @if effort.tasks == 0 {
            @for _ in EFFORT { (number(ABSENT)) }
        } @else {
            (number(&count(effort.planned_minutes)))
            (number(&count(effort.actual_minutes)))
            (number(&percent(effort.actual_to_planned)))
        }
    }
}

fn priorities(figures: &MaintenanceSummary) -> Markup {
    let mut columns = vec![
        Column("Priority", "5 is the most urgent", Kind::Text),
        Column("Created", "", Kind::Number),
        Column("Completed", "", Kind::Number),
        Column("Median to completion", "from creation", Kind::Number),
        Column("Backlog", "at the end", Kind::Number),
        Column("Overdue", "at the end", Kind::Number),
    ];
    columns.extend(EFFORT);
    let rows = html! {
        tbody {
            @for row in figures.by_priority.iter().rev() {
                tr {
                    th scope="row" { "Priority " (row.priority) }
                    (number(&count(row.counts.created)))
                    (number(&count(row.counts.completed)))
                    (number(&mean_duration(row.created_to_completion.median_seconds)))
                    (number(&count(row.counts.backlog_at_end)))
                    (number(&count(row.counts.overdue_at_end)))
                    (effort(&row.effort))
                }
            }
        }
        tfoot {
            tr {
                th scope="row" { "All" }
                (number(&count(figures.totals.created)))
                (number(&count(figures.totals.completed)))
                (number(&mean_duration(figures.created_to_completion.median_seconds)))
                (number(&count(figures.totals.backlog_at_end)))
                (number(&count(figures.totals.overdue_at_end)))
                (effort(&figures.effort))
            }
        }
    };
    section("priorities", "By priority", &table("Tasks by priority, the most urgent first", &columns, &rows))
}

fn technicians(figures: &MaintenanceSummary, include_charts: bool) -> Markup {
    let mut technicians: Vec<_> = figures.by_technician.iter().collect();
    technicians.sort_by_key(|technician| Reverse(technician.booked_minutes));
    let most = technicians.first().map_or(0, |technician| technician.booked_minutes);
    let mut columns = vec![Column("Technician", "", Kind::Text)];
    if include_charts {
        columns.push(Column("Booked", "", Kind::Bar));
    }
    columns.extend([
        Column(if include_charts { "" } else { "Booked" }, "minutes", Kind::Number),
        Column("Assignments", "", Kind::Number),
        Column("Completed", "", Kind::Number),
    ]);
    columns.extend(EFFORT);
    let rows = html! {
        tbody {
            @for row in technicians.iter().take(MOST_ROWS) {
                tr {
                    th scope="row" { span.id { (breakable(&row.technician_id)) } }
                    @if include_charts { (bar_cell("c1", row.booked_minutes, most)) }
                    (number(&count(row.booked_minutes)))
                    (number(&count(row.assignments)))
                    (number(&count(row.completed)))
                    (effort(&row.effort))
                }
            }
        }
        tfoot {
            tr {
                th scope="row" { "All " (count(technicians.len() as u64)) " technicians" }
                @if include_charts { td.b {} }
                (number(&count(technicians.iter().map(|row| row.booked_minutes).sum())))
                (number(&count(technicians.iter().map(|row| row.assignments).sum())))
                (number(&count(technicians.iter().map(|row| row.completed).sum())))
                td colspan="3" {}
            }
        }
    };
    section(
        "technicians",
        "By technician",
        &html! {
            @if technicians.is_empty() {
                (nothing("No technician had an assignment in the period."))
            } @else {
                (table("Booked time in the period, most first", &columns, &rows))
                (left_out(technicians.len().min(MOST_ROWS), technicians.len(), "technicians"))
            }
        },
    )
}

fn overdue(figures: &MaintenanceSummary, as_of: Timestamp) -> Markup {
    let mut overdue: Vec<&TaskFigures> = figures.tasks.iter().filter(|task| task.overdue_at_end).collect();
    overdue.sort_by_key(|task| (Reverse(task.priority), task.due_by));
    let columns = [
        Column("Task", "", Kind::Text),
        Column("Priority", "", Kind::Number),
        Column("Status", "", Kind::Text),
        Column("Due", "UTC", Kind::Text),
        Column("Overdue by", "", Kind::Number),
        Column("Technician", "", Kind::Text),
    ];
    let rows = html! {
        tbody {
            @for task in overdue.iter().take(MOST_ROWS) {
                tr {
                    th scope="row" { span.id { (task.title) } span.remark { (breakable(&task.task_id)) } }
                    (number(&task.priority.to_string()))
                    td.t { (task.status_at_end.as_str().replace('_', " ")) }
                    td.t { (instant(task.due_by)) }
                    (number(&duration(task.due_by.map(|due| as_of.duration_since(due).as_secs()))))
                    td.t { @if let Some(technician) = &task.technician_id { span.id { (breakable(technician)) } } @else { (ABSENT) } }
                }
            }
        }
    };
    section(
        "overdue",
        "Overdue at the end",
        &html! {
            @if overdue.is_empty() {
                (nothing("No task of the backlog was overdue at the end of the report."))
            } @else {
                (table("Tasks that were due before the end, the most urgent first", &columns, &rows))
                (left_out(overdue.len().min(MOST_ROWS), overdue.len(), "overdue tasks"))
            }
        },
    )
}
