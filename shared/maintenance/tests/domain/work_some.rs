//! Alerts, tasks and calendars to test with.

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use maintenance::{
    SensorType,
    work::{
        Alert, AlertKind, AutoApproval, Calendar, Cancellation, Choice, Completion, Decision, Evidence, Expected,
        Finding, Policy, Priority, RawCalendar, RawTask, Severity, Task, TaskStatus, plan,
    },
};

pub(crate) fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Monday, 09:00 in Berlin.
pub(crate) fn monday() -> Timestamp {
    time("2026-03-02T08:00:00Z")
}

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// An unusual reading so many minutes after monday().
pub(crate) fn finding(kind: AlertKind, severity: i64, minute: i64, score: f64) -> Finding {
    let timestamp = monday() + minutes(minute);
    Finding {
        sensor_id: id("pump-7"),
        sensor_type: SensorType::Temperature,
        unit: "C".to_owned(),
        kind,
        severity: Severity::new(severity).unwrap(),
        evidence: Evidence { timestamp, value: 91.5, expected: Expected { low: 60.0, high: 80.25 }, score },
    }
}

pub(crate) fn alert(kind: AlertKind, severity: i64) -> Alert {
    Alert::open(finding(kind, severity, 0, 1.0), &Policy::default(), monday())
}

/// A policy that approves whatever an alert makes.
pub(crate) fn lenient() -> Policy {
    let mut policy = Policy::default();
    policy.auto_approval =
        Some(AutoApproval { max_priority: Priority::MAX, max_duration_minutes: 1440, kinds: AlertKind::ALL.to_vec() });
    policy
}

pub(crate) fn new_task(json: &str) -> Task {
    let raw: RawTask = serde_json::from_str(json).unwrap();
    let new = raw.accept(monday()).unwrap();
    Task::create(id("t-1"), new, id("boss"), &Policy::default(), monday())
}

pub(crate) fn plain_task() -> Task {
    new_task(r#"{"title":"Grease the bearing","priority":3,"asset_id":"pump"}"#)
}

pub(crate) fn decision(choice: Choice) -> Decision {
    Decision { choice, operator_id: id("op"), justification: Some("because".to_owned()), at: monday() }
}

pub(crate) fn defer_until() -> Timestamp {
    monday() + minutes(600)
}

pub(crate) fn completion() -> Completion {
    let notes = "Replaced the bearing.".to_owned();
    Completion { by: id("ann"), at: monday() + minutes(300), notes, actual_minutes: Some(50), findings: None }
}

pub(crate) fn cancellation() -> Cancellation {
    Cancellation { by: id("op"), at: monday(), reason: "false alarm".to_owned() }
}

pub(crate) fn calendar(json: &str) -> Calendar {
    let raw: RawCalendar = serde_json::from_str(json).unwrap();
    raw.accept().unwrap_or_else(|violations| panic!("{violations:?}"))
}

/// A technician who works on weekdays from 08:00 to 16:00.
pub(crate) fn office(technician: &str, zone: &str, skills: &[&str]) -> serde_json::Value {
    let day = serde_json::json!([{"start": "08:00", "end": "16:00"}]);
    serde_json::json!({
        "id": technician, "time_zone": zone, "skills": skills,
        "working_hours": {"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day},
    })
}

pub(crate) fn staffed(technicians: &[serde_json::Value]) -> Calendar {
    calendar(&serde_json::json!({ "technicians": technicians }).to_string())
}

pub(crate) fn approved(mut task: Task) -> Task {
    task.decide(decision(Choice::Approve)).unwrap();
    task
}

pub(crate) fn scheduled(mut task: Task) -> Task {
    let calendar = staffed(&[office("ann", "Europe/Berlin", &[])]);
    let assignment = plan(&task.approved().unwrap(), &calendar, &[], monday()).unwrap();
    task.schedule(assignment).unwrap();
    task
}

/// A task that came to be in `status` in the ordinary way.
pub(crate) fn task_in(status: TaskStatus) -> Task {
    let mut task = plain_task();
    match status {
        TaskStatus::AwaitingApproval => {}
        TaskStatus::AutoApproved => {
            return Task::for_alert(&alert(AlertKind::Drift, 4), &lenient(), monday()).unwrap();
        }
        TaskStatus::Approved => return approved(task),
        TaskStatus::Rejected => task.decide(decision(Choice::Reject)).unwrap(),
        TaskStatus::Deferred => task.decide(decision(Choice::Defer { defer_until: defer_until() })).unwrap(),
        TaskStatus::Scheduled => return scheduled(approved(task)),
        TaskStatus::Completed => {
            task = scheduled(approved(task));
            task.complete(completion()).unwrap();
        }
        TaskStatus::Cancelled => {
            task = approved(task);
            task.cancel(cancellation()).unwrap();
        }
    }
    task
}
