//! Reports on alerts and tasks, checked against the same figures counted out.

use jiff::{SignedDuration, Timestamp};
use maintenance::{
    report::{
        AlertCounts, AnomalySummary, AnomalySummaryBuilder, Durations, Figures, MaintenanceSummary,
        MaintenanceSummaryBuilder, Period, Report,
    },
    work::{AlertKind, AlertStatus, TaskStatus},
};
use proptest::prelude::*;

use crate::{
    report::close,
    report_some::{AlertTold, Fate, HOURS, TaskTold, Work, alerts, generated_at, later, period, seconds, tasks},
    some::{HOUR, at},
};

pub(crate) fn anomalies(period: Period, generated_at: Timestamp, alerts: &[AlertTold]) -> Report {
    let mut builder = AnomalySummaryBuilder::new(period, generated_at);
    alerts.iter().enumerate().for_each(|(number, told)| builder.alert(&told.alert(number)));
    builder.finish()
}

pub(crate) fn upkeep(period: Period, generated_at: Timestamp, tasks: &[TaskTold]) -> Report {
    let mut builder = MaintenanceSummaryBuilder::new(period, generated_at);
    tasks.iter().enumerate().for_each(|(number, told)| builder.task(&told.task(number)));
    builder.finish()
}

fn of_anomalies(report: &Report) -> &AnomalySummary {
    match &report.figures {
        Figures::AnomalySummary(figures) => figures,
        other => panic!("{other:?}"),
    }
}

fn of_upkeep(report: &Report) -> &MaintenanceSummary {
    match &report.figures {
        Figures::MaintenanceSummary(figures) => figures,
        other => panic!("{other:?}"),
    }
}

/// The part of the period that a report knows, in seconds after its start. Of a second that has begun it knows what
/// happened at its beginning.
fn known(generated_at: Timestamp) -> std::ops::Range<i64> {
    let known = since_start(generated_at);
    0..known.as_secs() + i64::from(known.subsec_nanos() > 0)
}

fn since_start(generated_at: Timestamp) -> SignedDuration {
    generated_at.clamp(period().from(), period().to()).duration_since(period().from())
}

/// The same durations, by the definitions of mean and median.
fn is_of(got: &Durations, mut took: Vec<i64>) -> bool {
    took.sort_unstable();
    let half = took.len() / 2;
    let mean = (!took.is_empty()).then(|| took.iter().sum::<i64>() as f64 / took.len() as f64);
    let median = match took.len() {
        0 => None,
        length if length % 2 == 1 => Some(took[half] as f64),
        _ => Some((took[half - 1] + took[half]) as f64 / 2.0),
    };
    got.count == took.len() as u64
        && close(got.mean_seconds, mean)
        && close(got.median_seconds, median)
        && got.longest_seconds == took.last().copied()
}

/// When each day of the report ends, in seconds after its start, which is at noon.
fn day_ends(known: &std::ops::Range<i64>) -> Vec<i64> {
    let days = if known.is_empty() { 0 } else { (known.end + 12 * 3600 - 1) / 86_400 + 1 };
    (0..days).map(|day| ((day + 1) * 86_400 - 12 * 3600).min(known.end)).collect()
}

fn counts(alerts: &[AlertTold], known: &std::ops::Range<i64>, of: impl Fn(&AlertTold) -> bool) -> AlertCounts {
    let alerts: Vec<_> = alerts.iter().filter(|alert| alert.opened < known.end && of(alert)).collect();
    let within = |at: Option<i64>| at.is_some_and(|at| known.contains(&at));
    let count = |of: &dyn Fn(&AlertTold) -> bool| alerts.iter().filter(|alert| of(alert)).count() as u64;
    AlertCounts {
        opened: count(&|alert| within(Some(alert.opened))),
        acknowledged: count(&|alert| within(alert.acknowledged)),
        resolved: count(&|alert| within(alert.resolved)),
        open_at_end: count(&|alert| alert.resolved.is_none_or(|at| at >= known.end)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_figure_of_the_anomaly_summary_is_what_counting_gives(alerts in alerts(), generated_at in generated_at()) {
        let known = known(generated_at);
        // Nobody acknowledges before the period what is resolved within it and counts twice.
        let touching: Vec<AlertTold> = alerts
            .iter()
            .filter(|alert| alert.opened < known.end && alert.resolved.is_none_or(|at| at >= 0))
            .cloned()
            .collect();
        let report = anomalies(period(), generated_at, &alerts);
        let figures = of_anomalies(&report);
        prop_assert_eq!(report.inputs.alerts, touching.len() as u64);
        prop_assert_eq!(figures.alerts.len(), touching.len());
        prop_assert_eq!(figures.totals, counts(&touching, &known, |_| true));
        let AlertCounts { opened, resolved, open_at_end, .. } = figures.totals;
        prop_assert_eq!(figures.open_at_start + opened - resolved, open_at_end);
        for row in &figures.by_severity {
            prop_assert_eq!(row.counts, counts(&touching, &known, |alert| alert.severity == row.severity.get()));
        }
        for row in &figures.by_kind {
            prop_assert_eq!(row.counts, counts(&touching, &known, |alert| alert.kind == row.kind));
        }
        for row in &figures.by_sensor {
            prop_assert_eq!(row.counts, counts(&touching, &known, |alert| *row.sensor_id == *format!("s{}", alert.sensor)));
        }
        prop_assert!(figures.by_sensor.is_sorted_by(|one, other| one.counts.opened >= other.counts.opened));

        let within = |at: &i64| known.contains(at);
        let acknowledged = touching.iter().filter_map(|alert| Some(alert.acknowledged.filter(within)? - alert.detected));
        prop_assert!(is_of(&figures.time_to_acknowledge, acknowledged.collect()));
        let resolved = touching.iter().filter_map(|alert| Some(alert.resolved.filter(within)? - alert.detected));
        prop_assert!(is_of(&figures.time_to_resolve, resolved.collect()));

        let ends = day_ends(&known);
        prop_assert_eq!(figures.days.len(), ends.len());
        let mut start = 0;
        for (day, end) in ends.iter().enumerate() {
            let on_day = |at: i64| (start..*end).contains(&at);
            let opened = touching.iter().filter(|alert| on_day(alert.opened)).count() as u64;
            prop_assert_eq!(figures.by_day.opened[day], opened);
            prop_assert_eq!(figures.by_day.opened_by_severity.iter().map(|days| days[day]).sum::<u64>(), opened);
            let open = touching.iter().filter(|alert| alert.opened < *end && alert.resolved.is_none_or(|at| at >= *end));
            prop_assert_eq!(figures.by_day.open_at_day_end[day], open.count() as u64);
            start = *end;
        }
        let now = since_start(generated_at).as_secs();
        let longest = touching.iter().map(|alert| alert.seen.min(now).max(alert.opened) - alert.opened).max();
        prop_assert_eq!(figures.alerts.iter().map(|alert| alert.episode_seconds).max(), longest);
        let named = figures.longest_episodes.first();
        let named = figures.alerts.iter().find(|alert| Some(&alert.alert_id) == named);
        prop_assert_eq!(named.map(|alert| alert.episode_seconds), longest);
    }

    #[test]
    fn every_figure_of_the_maintenance_summary_is_what_counting_gives(tasks in tasks(), generated_at in generated_at()) {
        let known = known(generated_at);
        let report = upkeep(period(), generated_at, &tasks);
        let figures = of_upkeep(&report);
        let lives: Vec<Life> = tasks.iter().map(Life::of).filter(|life| life.touches(&known)).collect();
        prop_assert_eq!(report.inputs.tasks, lives.len() as u64);
        let within = |at: Option<i64>| at.is_some_and(|at| known.contains(&at));
        let count = |of: &dyn Fn(&Life) -> bool| lives.iter().filter(|life| of(life)).count() as u64;
        let totals = figures.totals;
        prop_assert_eq!(totals.created, count(&|life| within(Some(life.created))));
        prop_assert_eq!(totals.auto_approved, count(&|life| within(Some(life.created)) && life.by_policy));
        prop_assert_eq!(totals.approved, count(&|life| !life.by_policy && within(life.approved)));
        prop_assert_eq!(totals.rejected, count(&|life| within(life.rejected)));
        prop_assert_eq!(totals.deferred, count(&|life| within(life.deferred)));
        prop_assert_eq!(totals.cancelled, count(&|life| within(life.cancelled)));
        prop_assert_eq!(totals.completed, count(&|life| within(life.completed)));
        let open_before = |at: i64| count(&|life| life.created < at && life.ended().is_none_or(|ended| ended >= at));
        prop_assert_eq!(figures.backlog_at_start, open_before(0));
        prop_assert_eq!(totals.backlog_at_end, open_before(known.end.max(0)));
        prop_assert_eq!(
            figures.backlog_at_start + totals.created - totals.rejected - totals.completed - totals.cancelled,
            totals.backlog_at_end
        );
        let backlog = figures.backlog_by_status;
        prop_assert_eq!(backlog.awaiting_approval + backlog.deferred + backlog.approved + backlog.scheduled, totals.backlog_at_end);
        let overdue = |life: &Life| life.ended().is_none_or(|at| at >= known.end) && life.due.is_some_and(|due| due < known.end);
        prop_assert_eq!(totals.overdue_at_end, count(&overdue));

        let took = |from: fn(&Life) -> Option<i64>, to: fn(&Life) -> Option<i64>, at: fn(&Life) -> Option<i64>| {
            lives.iter().filter(|life| within(at(life))).filter_map(|life| Some(to(life)? - from(life)?)).collect::<Vec<_>>()
        };
        let decided = |life: &Life| life.approved.filter(|_| !life.by_policy).or(life.rejected);
        prop_assert!(is_of(&figures.created_to_decision, took(|life| Some(life.created), decided, decided)));
        let done = |life: &Life| life.completed;
        prop_assert!(is_of(&figures.created_to_completion, took(|life| Some(life.created), done, done)));
        prop_assert!(is_of(&figures.start_to_completion, took(|life| life.start.map(|(_, start, _)| start), done, done)));
        let on_time = count(&|life| within(life.completed) && life.due.is_some_and(|due| life.completed <= Some(due)));
        prop_assert_eq!(figures.completed_on_time, on_time);
        let with_due = count(&|life| within(life.completed) && life.due.is_some());
        prop_assert!(close(figures.on_time_share, (with_due > 0).then(|| on_time as f64 / with_due as f64)));
        let actual: u64 = lives.iter().filter(|life| within(life.completed)).filter_map(|life| life.actual).map(u64::from).sum();
        prop_assert_eq!(figures.effort.actual_minutes, actual);
        prop_assert_eq!(figures.by_priority.iter().map(|row| row.counts.completed).sum::<u64>(), totals.completed);

        let now = since_start(generated_at).as_secs();
        for row in &figures.by_technician {
            let booked = lives.iter().filter(|life| life.approved.is_some_and(|at| at < known.end)).filter_map(|life| life.start);
            let booked = booked.filter(|(who, _, _)| *row.technician_id == *format!("tech{who}"));
            let booked = booked.map(|(_, start, end)| (end.min(now) - start.max(0)).max(0)).sum::<i64>();
            prop_assert_eq!(i64::try_from(row.booked_minutes).unwrap(), booked / 60);
        }
        let mut start = 0;
        for (day, end) in day_ends(&known).into_iter().enumerate() {
            prop_assert_eq!(figures.by_day.created[day], count(&|life| (start..end).contains(&life.created)));
            prop_assert_eq!(figures.by_day.backlog_at_day_end[day], open_before(end));
            start = end;
        }
    }

    #[test]
    fn the_order_of_alerts_and_tasks_does_not_change_a_byte(alerts in alerts(), tasks in tasks(), generated_at in generated_at()) {
        let mut backwards = AnomalySummaryBuilder::new(period(), generated_at);
        alerts.iter().enumerate().rev().for_each(|(number, told)| backwards.alert(&told.alert(number)));
        let (one, other) = (anomalies(period(), generated_at, &alerts), backwards.finish());
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        prop_assert_eq!((one.csv(), one.html(true)), (other.csv(), other.html(true)));
        let mut backwards = MaintenanceSummaryBuilder::new(period(), generated_at);
        tasks.iter().enumerate().rev().for_each(|(number, told)| backwards.task(&told.task(number)));
        let (one, other) = (upkeep(period(), generated_at, &tasks), backwards.finish());
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        prop_assert_eq!((one.csv(), one.html(true)), (other.csv(), other.html(true)));
    }
}

/// When what happened to a task.
#[derive(Debug, Default)]
struct Life {
    created: i64,
    due: Option<i64>,
    deferred: Option<i64>,
    by_policy: bool,
    approved: Option<i64>,
    rejected: Option<i64>,
    cancelled: Option<i64>,
    completed: Option<i64>,
    /// Who, from when, until when.
    start: Option<(u8, i64, i64)>,
    actual: Option<u32>,
}

impl Life {
    fn of(told: &TaskTold) -> Self {
        let mut life = Self { created: told.created, due: told.due, deferred: told.deferred, ..Self::default() };
        match &told.fate {
            Fate::Waiting => {}
            Fate::Rejected(at) => life.rejected = Some(*at),
            Fate::Approved(approved, work) => {
                life.by_policy = approved.is_none();
                life.approved = Some(approved.unwrap_or(told.created));
                match work {
                    Work::Unscheduled => {}
                    Work::Cancelled(at) => life.cancelled = Some(*at),
                    Work::Scheduled(who, start, minutes, done) => {
                        life.start = Some((*who, *start, start + i64::from(*minutes) * 60));
                        life.completed = done.map(|(at, _)| at);
                        life.actual = done.and_then(|(_, actual)| actual);
                    }
                }
            }
        }
        life
    }

    fn ended(&self) -> Option<i64> {
        self.completed.or(self.cancelled).or(self.rejected)
    }

    fn touches(&self, known: &std::ops::Range<i64>) -> bool {
        self.created < known.end && self.ended().is_none_or(|at| at >= 0)
    }
}

fn alert(opened: i64) -> AlertTold {
    AlertTold {
        sensor: 0,
        kind: AlertKind::Spike,
        severity: 4,
        opened,
        detected: opened + 60,
        seen: opened + 600,
        acknowledged: None,
        resolved: None,
    }
}

#[test]
fn what_happens_after_the_period_does_not_change_its_report() {
    let end = HOURS * 3600;
    let during = AlertTold { acknowledged: Some(200), ..alert(100) };
    let after = AlertTold { resolved: Some(end + 5), seen: end + 3, ..during.clone() };
    let report = |alert: &AlertTold| anomalies(period(), later(), std::slice::from_ref(alert));
    let mut still = during.clone();
    still.seen = end + 1;
    assert_eq!(report(&still), report(&after));
    assert_eq!(of_anomalies(&report(&after)).alerts[0].status_at_end, AlertStatus::Acknowledged);
    assert_eq!(of_anomalies(&report(&after)).alerts[0].last_seen_at, period().to());
}

#[test]
fn an_alert_counts_where_its_reading_was_measured_however_late_it_was_found() {
    let found_late = AlertTold { detected: 400 * 86_400, acknowledged: Some(401 * 86_400), ..alert(100) };
    let report = anomalies(period(), at(500 * 24 * HOUR), &[found_late]);
    let figures = of_anomalies(&report);
    assert_eq!((figures.totals.opened, figures.totals.acknowledged, figures.detected_after_end), (1, 0, 1));
    assert_eq!(figures.time_to_acknowledge.count, 0);
    assert!(report.html(true).contains("1 alert of this report was found after its end"));
}

#[test]
fn a_task_is_shown_as_it_was_at_the_end_of_the_report() {
    let task = |fate, deferred| TaskTold {
        title: "Look".to_owned(),
        priority: 3,
        created: 0,
        due: Some(3600),
        deferred,
        fate,
    };
    let status = |told: &TaskTold, hours: i64| {
        of_upkeep(&upkeep(period(), at(hours * HOUR), std::slice::from_ref(told))).tasks[0].status_at_end
    };
    let hour = 3600;
    let approved =
        task(Fate::Approved(Some(10 * hour), Work::Scheduled(1, 20 * hour, 60, Some((30 * hour, None)))), Some(hour));
    let over_time = [1, 2, 4, 11, 31].map(|hours| status(&approved, hours));
    assert_eq!(
        over_time,
        [
            TaskStatus::AwaitingApproval,
            TaskStatus::Deferred,
            TaskStatus::AwaitingApproval,
            TaskStatus::Scheduled,
            TaskStatus::Completed
        ]
    );
    let by_policy = task(Fate::Approved(None, Work::Cancelled(10 * hour)), None);
    assert_eq!([9, 11].map(|hours| status(&by_policy, hours)), [TaskStatus::AutoApproved, TaskStatus::Cancelled]);
    let rejected = task(Fate::Rejected(10 * hour), None);
    assert_eq!([9, 11].map(|hours| status(&rejected, hours)), [TaskStatus::AwaitingApproval, TaskStatus::Rejected]);
}

#[test]
fn booked_time_is_counted_within_the_period_only() {
    let end = HOURS * 3600;
    let booked = |start: i64, minutes: u32| TaskTold {
        title: "Look".to_owned(),
        priority: 3,
        created: -86_400,
        due: None,
        deferred: None,
        fate: Fate::Approved(None, Work::Scheduled(1, start, minutes, None)),
    };
    let report =
        upkeep(period(), later(), &[booked(-1800, 60), booked(7200, 45), booked(end - 600, 60), booked(end, 60)]);
    let technician = &of_upkeep(&report).by_technician[0];
    assert_eq!((technician.assignments, technician.booked_minutes), (3, 30 + 45 + 10));
    assert_eq!(of_upkeep(&report).totals.scheduled_starts, 2);
    assert_eq!(seconds(end) - SignedDuration::from_hours(HOURS), period().from());
}
