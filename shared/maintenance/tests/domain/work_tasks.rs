use maintenance::work::{
    AlertKind, AutoApproval, Choice, Closure, IllegalTransition, NoFit, NoFitCode, Policy, Priority, Severity, Task,
    TaskEvent, TaskStatus, plan, task_id, transition_table,
};
use proptest::prelude::*;

use crate::work_some::{
    alert, approved, cancellation, completion, decision, defer_until, id, lenient, minutes, monday, new_task, office,
    plain_task, scheduled, staffed, task_in,
};

/// Does to `task` what the event stands for.
fn happen(task: &mut Task, event: TaskEvent) -> Result<(), IllegalTransition> {
    match event {
        TaskEvent::Approve => task.decide(decision(Choice::Approve)),
        TaskEvent::Reject => task.decide(decision(Choice::Reject)),
        TaskEvent::Defer => task.decide(decision(Choice::Defer { defer_until: defer_until() })),
        TaskEvent::Resume => {
            let from = task.status().as_str();
            let resumed = task.resume(defer_until());
            resumed.then_some(()).ok_or(IllegalTransition { object: "task", from, event: "resume" })
        }
        TaskEvent::Schedule => {
            let spare = scheduled(approved(plain_task()));
            task.schedule(spare.assignment().unwrap().clone())
        }
        TaskEvent::Complete => task.complete(completion()),
        TaskEvent::Cancel => task.cancel(cancellation()),
    }
}

/// The machine written down a second time, by event.
fn expected(from: TaskStatus, event: TaskEvent) -> Option<TaskStatus> {
    use TaskStatus as S;
    let undecided = matches!(from, S::AwaitingApproval | S::Deferred);
    let unscheduled = matches!(from, S::AutoApproved | S::Approved);
    match event {
        TaskEvent::Approve => undecided.then_some(S::Approved),
        TaskEvent::Reject => undecided.then_some(S::Rejected),
        TaskEvent::Defer => undecided.then_some(S::Deferred),
        TaskEvent::Resume => (from == S::Deferred).then_some(S::AwaitingApproval),
        TaskEvent::Schedule => unscheduled.then_some(S::Scheduled),
        TaskEvent::Complete => (unscheduled || from == S::Scheduled).then_some(S::Completed),
        TaskEvent::Cancel => (unscheduled || from == S::Scheduled).then_some(S::Cancelled),
    }
}

#[test]
fn every_event_in_every_state_leads_where_the_table_says_or_changes_nothing() {
    for from in TaskStatus::ALL {
        for event in TaskEvent::ALL {
            let before = task_in(*from);
            assert_eq!(before.status(), *from);
            let mut task = before.clone();
            let outcome = happen(&mut task, *event);
            match expected(*from, *event) {
                Some(next) => assert_eq!((outcome, task.status()), (Ok(()), next), "{from} {event}"),
                None => {
                    let illegal = IllegalTransition { object: "task", from: from.as_str(), event: event.as_str() };
                    assert_eq!(outcome, Err(illegal), "{from} {event}");
                    assert_eq!(task, before, "{from} {event}");
                }
            }
            assert_eq!(from.after(*event).ok(), expected(*from, *event));
        }
        let last = matches!(from, TaskStatus::Rejected | TaskStatus::Completed | TaskStatus::Cancelled);
        assert_eq!(from.is_final(), last);
    }
}

#[test]
fn the_table_is_rendered_for_the_documents() {
    let expected = "\
| state | approve | reject | defer | resume | schedule | complete | cancel |
|---|---|---|---|---|---|---|---|
| awaiting_approval | approved | rejected | deferred | 409 | 409 | 409 | 409 |
| auto_approved | 409 | 409 | 409 | 409 | scheduled | completed | cancelled |
| approved | 409 | 409 | 409 | 409 | scheduled | completed | cancelled |
| rejected | 409 | 409 | 409 | 409 | 409 | 409 | 409 |
| deferred | approved | rejected | deferred | awaiting_approval | 409 | 409 | 409 |
| scheduled | 409 | 409 | 409 | 409 | 409 | completed | cancelled |
| completed | 409 | 409 | 409 | 409 | 409 | 409 | 409 |
| cancelled | 409 | 409 | 409 | 409 | 409 | 409 | 409 |
";
    assert_eq!(transition_table(), expected);
}

#[test]
fn only_an_approved_task_that_is_not_scheduled_can_be_planned() {
    for status in TaskStatus::ALL {
        let allowed = matches!(status, TaskStatus::Approved | TaskStatus::AutoApproved);
        assert_eq!(task_in(*status).approved().is_ok(), allowed, "{status}");
        let reason = NoFit { code: NoFitCode::NoSkill, message: "x".to_owned() };
        let mut task = task_in(*status);
        assert_eq!(task.leave_unscheduled(reason.clone()).is_ok(), allowed, "{status}");
        assert_eq!(task.unscheduled_reason(), allowed.then_some(&reason));
        assert_eq!(task.status(), *status);
    }
}

proptest! {
    #[test]
    fn no_sequence_of_events_schedules_a_task_that_nobody_approved(
        start in prop::sample::select(vec![TaskStatus::AwaitingApproval, TaskStatus::AutoApproved]),
        events in prop::collection::vec(prop::sample::select(TaskEvent::ALL), 0..12),
    ) {
        let mut task = task_in(start);
        let mut approved = start == TaskStatus::AutoApproved;
        for event in events {
            let done = happen(&mut task, event).is_ok();
            approved |= done && event == TaskEvent::Approve;
            if matches!(task.status(), TaskStatus::Scheduled | TaskStatus::Completed | TaskStatus::Cancelled) {
                prop_assert!(approved);
            }
            let approvals = task.decisions.iter().filter(|decision| decision.choice == Choice::Approve).count();
            prop_assert!(approvals <= 1);
            prop_assert_eq!(task.booking().is_some(), task.status() == TaskStatus::Scheduled);
        }
    }
}

#[test]
fn a_task_is_flat_json_and_comes_back_from_it_in_every_state() {
    for status in TaskStatus::ALL {
        let task = task_in(*status);
        let json = serde_json::to_value(&task).unwrap();
        assert_eq!(json["status"], status.as_str());
        assert_eq!(serde_json::from_value::<Task>(json).unwrap(), task, "{status}");
    }
    let scheduled = serde_json::to_value(task_in(TaskStatus::Scheduled)).unwrap();
    let expected = serde_json::json!({
        "id": "t-1", "title": "Grease the bearing", "asset_id": "pump", "priority": 3, "duration_minutes": 60,
        "created_at": "2026-03-02T08:00:00Z", "created_by": "boss", "status": "scheduled",
        "decisions": [{
            "decision": "approve", "operator_id": "op", "justification": "because", "at": "2026-03-02T08:00:00Z",
        }],
        "assignment": {
            "technician_id": "ann", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z", "late": false,
        },
    });
    assert_eq!(scheduled, expected);
    let deferred = serde_json::to_value(task_in(TaskStatus::Deferred)).unwrap();
    assert_eq!(deferred["defer_until"], "2026-03-02T18:00:00Z");
    assert_eq!(deferred["decisions"][0]["defer_until"], "2026-03-02T18:00:00Z");
}

#[test]
fn a_status_without_what_belongs_to_it_is_not_a_task() {
    let mut json = serde_json::to_value(task_in(TaskStatus::Scheduled)).unwrap();
    json.as_object_mut().unwrap().remove("assignment");
    assert!(serde_json::from_value::<Task>(json.clone()).is_err());
    json["status"] = "completed".into();
    assert!(serde_json::from_value::<Task>(json.clone()).is_err());
    json["status"] = "unheard_of".into();
    assert!(serde_json::from_value::<Task>(json).is_err());
}

#[test]
fn a_deferred_task_awaits_approval_again_at_its_time_and_not_before() {
    let mut task = task_in(TaskStatus::Deferred);
    assert!(!task.resume(defer_until() - minutes(1)));
    assert_eq!(task.status(), TaskStatus::Deferred);
    assert!(task.resume(defer_until()));
    assert_eq!((task.status(), task.defer_until()), (TaskStatus::AwaitingApproval, None));
    assert!(!task.resume(defer_until()));
    assert_eq!(task.decisions.len(), 1);
}

#[test]
fn completed_work_remembers_who_was_to_do_it() {
    let task = task_in(TaskStatus::Completed);
    assert_eq!(&*task.assignment().unwrap().technician_id, "ann");
    assert_eq!(task.completion(), Some(&completion()));
    assert_eq!(task.booking(), None);
    let mut unscheduled = task_in(TaskStatus::Approved);
    unscheduled.complete(completion()).unwrap();
    assert_eq!(unscheduled.assignment(), None);
    assert_eq!(task_in(TaskStatus::Cancelled).cancellation(), Some(&cancellation()));
}

#[test]
fn an_alert_makes_one_task_that_says_what_to_do() {
    let mut alert = alert(AlertKind::LevelShift, 4);
    let task = Task::for_alert(&alert, &Policy::default(), monday()).unwrap();
    assert_eq!(task.status(), TaskStatus::AwaitingApproval);
    assert_eq!(task.title, "Inspect temperature sensor pump-7: level shift");
    assert_eq!(task.description.as_deref(), Some(alert.actions.join("\n").as_str()));
    assert_eq!((task.id.clone(), task.alert_id.clone()), (task_id(&alert), Some(alert.id.clone())));
    assert_eq!((task.priority, task.due_by), (Priority::saturating(4), Some(monday() + minutes(48 * 60))));
    assert_eq!((&*task.created_by, task.duration_minutes, task.skill), ("pipeline", 60, None));

    alert.task_id = Some(task.id);
    assert_eq!(Task::for_alert(&alert, &Policy::default(), monday()), None);
    alert.task_id = None;
    alert.resolve(Closure { by: id("op"), at: monday(), note: None }).unwrap();
    assert_eq!(Task::for_alert(&alert, &Policy::default(), monday()), None);
}

#[test]
fn a_title_always_fits_a_line() {
    let mut alert = alert(AlertKind::Multivariate, 5);
    alert.sensor_id = id(&"x".repeat(64));
    for sensor_type in maintenance::SensorType::ALL {
        alert.sensor_type = *sensor_type;
        let title = Task::for_alert(&alert, &Policy::default(), monday()).unwrap().title;
        assert!(title.chars().count() <= 160, "{title}");
    }
}

#[test]
fn an_alert_milder_than_the_policy_asks_for_makes_no_task() {
    let mut policy = Policy::default();
    for severity in 1..=5 {
        for wanted in Severity::ALL {
            policy.tasks.min_severity = wanted;
            let made = Task::for_alert(&alert(AlertKind::Drift, severity), &policy, monday()).is_some();
            assert_eq!(made, severity >= i64::from(wanted.get()));
        }
    }
}

#[test]
fn the_first_rule_that_matches_says_how_long_work_takes_and_which_skill() {
    let json = r#"{"tasks":{"duration_minutes":30,"skill":"any","rules":[
        {"sensor_type":"temperature","kind":"drift","duration_minutes":90},
        {"sensor_type":"temperature","skill":"cooling"},
        {"kind":"flatline","duration_minutes":15,"skill":"electric"}]}}"#;
    let policy = serde_json::from_str::<maintenance::work::RawPolicy>(json).unwrap().accept().unwrap();
    let work = |kind, sensor_type| {
        let (duration, skill) = policy.tasks.work(kind, sensor_type);
        (duration, skill.map(|skill| skill.to_string()).unwrap())
    };
    use maintenance::SensorType::{Flow, Temperature};
    assert_eq!(work(AlertKind::Drift, Temperature), (90, "any".to_owned()));
    assert_eq!(work(AlertKind::Flatline, Temperature), (30, "cooling".to_owned()));
    assert_eq!(work(AlertKind::Flatline, Flow), (15, "electric".to_owned()));
    assert_eq!(work(AlertKind::Spike, Flow), (30, "any".to_owned()));
}

proptest! {
    #[test]
    fn nothing_is_approved_by_itself_that_breaks_a_limit_of_the_policy(
        severity in 3..=5_i64,
        kind in prop::sample::select(AlertKind::ALL),
        max_priority in prop::sample::select(&Priority::ALL[..]),
        max_duration_minutes in 5..=200_u32,
        duration in 5..=200_u32,
        kinds in prop::sample::subsequence(AlertKind::ALL, 0..=AlertKind::ALL.len()),
    ) {
        let mut policy = Policy::default();
        policy.tasks.duration_minutes = duration;
        policy.auto_approval = Some(AutoApproval { max_priority, max_duration_minutes, kinds: kinds.clone() });
        let task = Task::for_alert(&alert(kind, severity), &policy, monday()).unwrap();
        let within = task.priority <= max_priority && duration <= max_duration_minutes && kinds.contains(&kind);
        prop_assert_eq!(task.status() == TaskStatus::AutoApproved, within);
        prop_assert_eq!(task.status() == TaskStatus::AwaitingApproval, !within);
    }
}

#[test]
fn what_an_operator_asks_for_awaits_approval_under_any_policy() {
    let raw: maintenance::work::RawTask = serde_json::from_str(r#"{"title":"x","priority":1,"alert_id":"a"}"#).unwrap();
    let task = Task::create(id("t"), raw.accept(monday()).unwrap(), id("boss"), &lenient(), monday());
    assert_eq!(task.status(), TaskStatus::AwaitingApproval);
}

#[test]
fn an_assignment_that_misses_the_due_time_says_so() {
    let calendar = staffed(&[office("ann", "Europe/Berlin", &[])]);
    for (due, late) in [("2026-03-02T10:00:00Z", false), ("2026-03-02T09:59:59Z", true)] {
        let task = approved(new_task(&format!(r#"{{"title":"x","priority":1,"due_by":"{due}"}}"#)));
        assert_eq!(plan(&task.approved().unwrap(), &calendar, &[], monday()).unwrap().late, late);
    }
}

#[test]
fn the_schema_of_a_task_knows_every_status_and_speaks_to_clients() {
    let schema = serde_json::to_string(&schemars::schema_for!(Task)).unwrap();
    assert!(!schema.contains("[`"));
    for status in TaskStatus::ALL {
        assert!(schema.contains(&format!("\"const\":\"{status}\"")), "{status}");
    }
}
