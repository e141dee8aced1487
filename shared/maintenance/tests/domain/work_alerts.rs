use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use maintenance::{
    SensorType,
    work::{
        Acknowledgement, Alert, AlertKind, AlertStatus, Attempt, Channel, Choice, Closure, Course, DeliveryOutcome,
        Extension, Notification, NotificationEvent, NotificationRecord, NotificationStatus, Outlook, Policy, Priority,
        Severity, Task, TaskStatus, Urgency, UrgencyRules, WebhookUrl, alert_id, operator_task_id, plan,
        recommended_actions,
    },
};
use proptest::prelude::*;

use crate::work_some::{
    alert, approved, completion, decision, defer_until, finding, id, minutes, monday, office, staffed, task_in,
};

fn seen() -> Acknowledgement {
    Acknowledgement { by: id("op"), at: monday() }
}

fn over() -> Closure {
    Closure { by: id("op"), at: monday(), note: Some("cleaned".to_owned()) }
}

#[test]
fn a_name_follows_from_its_cause_and_from_nothing_else() {
    let (sensor, long) = (id("pump-7"), id(&"x".repeat(64)));
    let alert = alert_id(&sensor, AlertKind::Spike, monday());
    assert_eq!(alert, alert_id(&sensor, AlertKind::Spike, monday()));
    // Names are stored, so they must not change with the code.
    assert_eq!(&*alert, "20260302T080000-alert-2135f8d25b4166f89cd8b003b4e76f50");
    let others = [
        alert_id(&sensor, AlertKind::DistributionDrift, monday()),
        alert_id(&long, AlertKind::Spike, monday()),
        alert_id(&sensor, AlertKind::Spike, monday() + SignedDuration::from_nanos(1)),
        alert_id(&sensor, AlertKind::Spike, Timestamp::MIN),
        operator_task_id(monday(), "one"),
        operator_task_id(monday(), "two"),
    ];
    let names: BTreeSet<Identifier> = others.into_iter().chain([alert.clone()]).collect();
    assert_eq!(names.len(), 7);
    for kind in [AlertKind::LevelShift, AlertKind::Drift, AlertKind::Flatline, AlertKind::Multivariate] {
        assert_eq!(alert_id(&sensor, kind, monday()), alert, "one episode, whatever it looks like first");
    }
}

#[test]
fn an_alert_is_opened_by_a_reading_and_extended_by_more() {
    let policy = Policy::default();
    let mut alert = Alert::open(finding(AlertKind::Spike, 2, 0, 5.0), &policy, monday() + minutes(1));
    assert_eq!((alert.status(), alert.readings), (AlertStatus::Open, 1));
    assert_eq!((alert.opened_at, alert.detected_at), (monday(), monday() + minutes(1)));

    let milder = finding(AlertKind::Flatline, 1, 10, 99.0);
    assert_eq!(alert.extend(&milder, &policy, monday()), Ok(Extension::Same));
    assert_eq!((alert.kind, alert.evidence.score, alert.last_seen_at), (AlertKind::Spike, 5.0, monday() + minutes(10)));

    let stronger = finding(AlertKind::Spike, 2, 20, 6.0);
    assert_eq!(alert.extend(&stronger, &policy, monday()), Ok(Extension::Same));
    assert_eq!(alert.evidence, stronger.evidence);

    let worse = finding(AlertKind::LevelShift, 4, 15, 1.0);
    assert_eq!(alert.extend(&worse, &policy, monday()), Ok(Extension::Escalated));
    assert_eq!((alert.kind, alert.severity.get(), alert.evidence.score), (AlertKind::LevelShift, 4, 1.0));
    assert_eq!(alert.actions, recommended_actions(AlertKind::LevelShift, SensorType::Temperature, alert.severity));
    assert_eq!((alert.readings, alert.opened_at), (4, monday()));
    assert_eq!(alert.last_seen_at, monday() + minutes(20));
}

#[test]
fn an_alert_is_acknowledged_once_and_resolved_once_and_then_it_is_over() {
    let policy = Policy::default();
    let mut open = alert(AlertKind::Drift, 3);
    let mut acknowledged = open.clone();
    acknowledged.acknowledge(seen()).unwrap();
    assert_eq!((acknowledged.status(), acknowledged.acknowledged()), (AlertStatus::Acknowledged, Some(&seen())));
    let again = acknowledged.acknowledge(seen()).unwrap_err();
    assert_eq!(again.to_string(), "the alert is acknowledged: `acknowledge` is not possible");
    assert!(acknowledged.extend(&finding(AlertKind::Drift, 3, 1, 1.0), &policy, monday()).is_ok());
    assert_eq!(acknowledged.status(), AlertStatus::Acknowledged);

    acknowledged.resolve(over()).unwrap();
    assert_eq!((acknowledged.acknowledged(), acknowledged.resolved()), (Some(&seen()), Some(&over())));
    open.resolve(over()).unwrap();
    assert_eq!((open.acknowledged(), open.resolved()), (None, Some(&over())));
    for mut resolved in [open, acknowledged] {
        let before = resolved.clone();
        assert!(resolved.acknowledge(seen()).is_err());
        assert!(resolved.resolve(over()).is_err());
        assert!(resolved.extend(&finding(AlertKind::Drift, 5, 1, 9.0), &policy, monday()).is_err());
        assert_eq!(resolved, before);
    }
}

#[test]
fn a_reading_belongs_to_the_episode_within_the_gap_on_either_side() {
    let policy = Policy::default();
    let mut alert = alert(AlertKind::Drift, 3);
    alert.extend(&finding(AlertKind::Drift, 3, 30, 1.0), &policy, monday()).unwrap();
    for (minute, belongs) in [(-61, false), (-60, true), (10, true), (90, true), (91, false)] {
        assert_eq!(alert.continues(&finding(AlertKind::Spike, 1, minute, 1.0), &policy), belongs, "{minute}");
    }
    assert!(!alert.continues(&finding(AlertKind::DistributionDrift, 1, 0, 1.0), &policy));
    let mut other = finding(AlertKind::Drift, 1, 0, 1.0);
    other.sensor_id = id("pump-8");
    assert!(!alert.continues(&other, &policy));
    alert.resolve(over()).unwrap();
    assert!(!alert.continues(&finding(AlertKind::Drift, 1, 0, 1.0), &policy));
}

#[test]
fn an_alert_is_flat_json_and_comes_back_from_it_in_every_state() {
    let open = alert(AlertKind::LevelShift, 4);
    let mut acknowledged = open.clone();
    acknowledged.acknowledge(seen()).unwrap();
    let mut resolved = acknowledged.clone();
    resolved.resolve(over()).unwrap();
    resolved.foresee(
        Outlook { failure_probability: Some(0.7), limit_at: Some(monday()) },
        &Policy::default(),
        monday(),
    );
    let json = serde_json::to_value(&resolved).unwrap();
    assert_eq!((&json["status"], &json["resolved"]["note"]), (&"resolved".into(), &"cleaned".into()));
    assert_eq!(json["acknowledged"]["by"], "op");
    assert_eq!(json["urgency"]["failure_probability"], 0.7);
    assert_eq!(json["evidence"]["expected"], serde_json::json!({"low": 60.0, "high": 80.25}));
    for alert in [open, acknowledged, resolved] {
        let json = serde_json::to_string(&alert).unwrap();
        assert_eq!(serde_json::from_str::<Alert>(&json).unwrap(), alert, "{json}");
    }
    let schema = serde_json::to_string(&schemars::schema_for!(Alert)).unwrap();
    assert!(!schema.contains("[`"));
    for status in AlertStatus::ALL {
        assert!(schema.contains(&format!("\"const\":\"{status}\"")), "{status}");
    }
}

fn course(kind: AlertKind, severity: i64, readings: u64, lasted: i64) -> Course {
    let severity = Severity::new(severity).unwrap();
    Course { kind, severity, opened_at: monday(), last_seen_at: monday() + minutes(lasted), readings }
}

fn judged(course: &Course, failure_probability: Option<f64>, days: Option<i64>) -> Urgency {
    let limit_at = days.map(|days| monday() + minutes(days * 24 * 60));
    Urgency::of(course, Outlook { failure_probability, limit_at }, &UrgencyRules::default(), monday())
}

#[test]
fn urgency_follows_its_formula() {
    let drift = |severity| course(AlertKind::Drift, severity, 1, 0);
    let cases = [
        (drift(3), None, None, 3, 168),
        (course(AlertKind::Spike, 3, 1, 0), None, None, 2, 336),
        (course(AlertKind::Spike, 1, 1, 0), None, None, 1, 720),
        (course(AlertKind::Spike, 3, 2, 0), None, None, 3, 168),
        (course(AlertKind::Drift, 3, 3, 60), None, None, 4, 48),
        (course(AlertKind::Drift, 3, 3, 59), None, None, 3, 168),
        (course(AlertKind::Drift, 3, 2, 600), None, None, 3, 168),
        (course(AlertKind::Drift, 5, 9, 600), None, None, 5, 8),
        (drift(1), Some(0.19), None, 1, 720),
        (drift(1), Some(0.2), None, 3, 168),
        (drift(1), Some(0.5), None, 4, 48),
        (drift(1), Some(0.8), None, 5, 8),
        (drift(4), Some(0.0), None, 4, 48),
        (drift(1), None, Some(8), 1, 192),
        (drift(1), None, Some(7), 3, 168),
        (drift(1), None, Some(3), 4, 48),
        (drift(1), None, Some(1), 5, 8),
        (drift(1), None, Some(-5), 5, 0),
        (drift(5), None, Some(300), 5, 8),
    ];
    for (course, probability, days, priority, hours) in cases {
        let urgency = judged(&course, probability, days);
        assert_eq!(i64::from(urgency.priority.get()), priority, "{course:?} {probability:?} {days:?}");
        assert_eq!(urgency.due_by, monday() + minutes(hours * 60), "{course:?} {probability:?} {days:?}");
    }
    let far = Urgency::of(&drift(1), Outlook::default(), &UrgencyRules::default(), Timestamp::MAX);
    assert_eq!(far.due_by, Timestamp::MAX);
}

prop_compose! {
    fn any_course()(
        kind in prop::sample::select(AlertKind::ALL), severity in 1..=5_i64, readings in 1..20_u64, lasted in 0..200_i64,
    ) -> Course {
        course(kind, severity, readings, lasted)
    }
}

proptest! {
    #[test]
    fn what_is_worse_is_never_less_urgent(
        course in any_course(),
        probability in prop::option::of(0.0..=1.0_f64),
        days in prop::option::of(-10..60_i64),
        (worse, longer, more) in (0..3_i64, 0..100_i64, 0..5_u64),
        (likelier, sooner) in (0.0..0.5_f64, 0..10_i64),
    ) {
        let before = judged(&course, probability, days);
        let grown = Course {
            severity: Severity::saturating(i64::from(course.severity.get()) + worse),
            last_seen_at: course.last_seen_at + minutes(longer),
            readings: course.readings + more,
            ..course
        };
        let after = judged(&grown, probability.map(|p| (p + likelier).min(1.0)), days.map(|days| days - sooner));
        prop_assert!(after.priority >= before.priority);
        prop_assert!(after.due_by <= before.due_by);
        prop_assert!(after.due_by >= monday());
    }
}

#[test]
fn an_alert_never_becomes_less_urgent() {
    let policy = Policy::default();
    let mut alert = alert(AlertKind::Drift, 1);
    let threatening = Outlook { failure_probability: Some(0.9), limit_at: None };
    alert.foresee(threatening, &policy, monday());
    let told = alert.urgency;
    assert_eq!(told.priority, Priority::MAX);
    alert.extend(&finding(AlertKind::Drift, 2, 1, 1.0), &policy, monday() + minutes(99)).unwrap();
    assert_eq!(alert.urgency, told);
    alert.foresee(Outlook::default(), &policy, monday() + minutes(99));
    assert_eq!((alert.urgency.priority, alert.urgency.due_by), (told.priority, told.due_by));
    assert_eq!(alert.urgency.outlook, Outlook::default());
}

#[test]
fn there_is_something_to_do_about_every_alert() {
    for kind in AlertKind::ALL {
        for sensor_type in SensorType::ALL {
            for severity in Severity::ALL {
                let actions = recommended_actions(*kind, *sensor_type, severity);
                assert!((2..=4).contains(&actions.len()), "{actions:?}");
                assert_eq!(actions.iter().collect::<BTreeSet<_>>().len(), actions.len());
                assert!(actions.iter().all(|action| action.ends_with('.') && action.len() < 128), "{actions:?}");
                assert_eq!(actions[0].starts_with("Stop the machine"), severity == Severity::MAX);
                assert_eq!(actions[0].starts_with("Reduce the load"), severity.get() == 4);
            }
        }
    }
    let drift = recommended_actions(AlertKind::Drift, SensorType::Vibration, Severity::MAX);
    assert_eq!(drift[2], "Inspect bearings, balance, alignment and mounting.");
    let dead = recommended_actions(AlertKind::Flatline, SensorType::Vibration, Severity::MIN);
    assert_eq!(
        dead,
        [
            "Check the power, the cable and the transmitter of the sensor.",
            "Watch the sensor; act when it happens again.",
        ]
    );
}

#[test]
fn a_notification_says_what_was_measured() {
    let mut alert = alert(AlertKind::LevelShift, 4);
    let opened = Notification::alert_opened(&alert);
    assert_eq!(
        opened.text,
        "Severity 4: level shift on sensor pump-7. \
        At 2026-03-02T08:00:00Z it measured 91.5 C, expected 60 to 80.25."
    );
    assert_eq!((opened.event, opened.severity.get(), opened.at), (NotificationEvent::AlertOpened, 4, monday()));
    assert_eq!((opened.alert_id.as_ref(), opened.task_id.as_ref()), (Some(&alert.id), None));
    for (value, text) in [
        (1e300, "1.0000e300"),
        (-5e-324, "-4.9407e-324"),
        (0.0, "0"),
        (-0.05, "-0.05"),
        (123_456.7, "123457"),
        (100.0, "100"),
        (1e6, "1000000"),
    ] {
        alert.evidence.value = value;
        assert!(Notification::alert_opened(&alert).text.contains(&format!("measured {text} C")), "{value}");
    }
}

#[test]
fn the_same_event_has_the_same_name_and_another_event_another() {
    let policy = Policy::default();
    let mut alert = alert(AlertKind::LevelShift, 3);
    let opened = Notification::alert_opened(&alert);
    let mut names = vec![opened.id.clone()];
    // Readings that came together with the first make it worse before anybody was told of it.
    alert.extend(&finding(AlertKind::LevelShift, 4, 1, 1.0), &policy, alert.detected_at).unwrap();
    assert_eq!(Notification::alert_escalated(&alert), None);
    let later = alert.detected_at + minutes(1);
    alert.extend(&finding(AlertKind::LevelShift, 5, 2, 1.0), &policy, later).unwrap();
    let escalated = Notification::alert_escalated(&alert).unwrap();
    assert_eq!((escalated.event, escalated.at), (NotificationEvent::AlertEscalated, later));
    alert.extend(&finding(AlertKind::LevelShift, 5, 3, 1.0), &policy, later + minutes(1)).unwrap();
    assert_eq!(Notification::alert_escalated(&alert).unwrap().id, escalated.id, "it is as bad as it was");
    names.push(escalated.id);
    assert_eq!(Notification::alert_opened(&alert).id, opened.id);

    let task = |task: &Task| Notification::task(task, monday()).map(|told| (told.event, told.id));
    let mut deferred = task_in(TaskStatus::AwaitingApproval);
    let awaiting = task(&deferred).unwrap();
    deferred.decide(decision(Choice::Defer { defer_until: defer_until() })).unwrap();
    assert_eq!(task(&deferred), None);
    deferred.resume(defer_until());
    let again = task(&deferred).unwrap();
    assert_eq!(
        (awaiting.0, again.0),
        (NotificationEvent::TaskAwaitingApproval, NotificationEvent::TaskAwaitingApproval)
    );
    names.extend([awaiting.1, again.1]);

    let mut stuck = approved(deferred);
    assert_eq!(task(&stuck), None);
    let reason = plan(&stuck.approved().unwrap(), &staffed(&[]), &[], monday()).unwrap_err();
    stuck.leave_unscheduled(reason).unwrap();
    let unscheduled = task(&stuck).unwrap();
    assert_eq!(unscheduled.0, NotificationEvent::TaskUnscheduled);
    let assignment = plan(&stuck.approved().unwrap(), &staffed(&[office("ann", "UTC", &[])]), &[], monday()).unwrap();
    stuck.schedule(assignment).unwrap();
    let text = Notification::task(&stuck, monday()).unwrap().text;
    assert_eq!(
        text,
        "Task \"Grease the bearing\" (priority 3) is scheduled for ann \
        from 2026-03-02T09:00:00Z to 2026-03-02T10:00:00Z."
    );
    names.extend([unscheduled.1, task(&stuck).unwrap().1]);
    stuck.complete(completion()).unwrap();
    names.push(task(&stuck).unwrap().1);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn a_delivery_is_tried_until_it_is_taken_or_five_times() {
    let rules = Policy::default().notifications;
    let told = Notification::alert_opened(&alert(AlertKind::Spike, 5));
    let fresh = NotificationRecord::new(told, &rules).unwrap();
    assert_eq!((fresh.deliveries.len(), fresh.status()), (1, NotificationStatus::Pending));
    let after = |attempts: &[Attempt]| {
        let mut record = fresh.clone();
        for attempt in attempts {
            record.deliveries[0].note(*attempt, monday());
        }
        (record.deliveries[0].outcome, record.deliveries[0].attempts, record.status())
    };
    let failed = Attempt::Failed(Some(503));
    assert_eq!(after(&[failed; 4]), (DeliveryOutcome::Pending, 4, NotificationStatus::Pending));
    assert_eq!(after(&[failed; 5]), (DeliveryOutcome::Failed, 5, NotificationStatus::Settled));
    let taken = after(&[failed, Attempt::Delivered(Some(204))]);
    assert_eq!(taken, (DeliveryOutcome::Delivered, 2, NotificationStatus::Settled));
    for (attempt, outcome) in
        [(Attempt::Refused, DeliveryOutcome::Refused), (Attempt::RateLimited, DeliveryOutcome::RateLimited)]
    {
        assert_eq!(after(&[attempt]), (outcome, 1, NotificationStatus::Settled));
    }
}

#[test]
fn nothing_is_recorded_that_nobody_wants_to_be_told() {
    let told = Notification::alert_opened(&alert(AlertKind::Spike, 5));
    let mut rules = Policy::default().notifications;
    rules.sns = false;
    assert_eq!(NotificationRecord::new(told.clone(), &rules), None);
    rules.webhook = Some(WebhookUrl::parse("https://hooks.example.com/").unwrap());
    let record = NotificationRecord::new(told.clone(), &rules).unwrap();
    assert_eq!(record.deliveries.iter().map(|delivery| delivery.channel).collect::<Vec<_>>(), [Channel::Webhook]);
    rules.events.clear();
    assert_eq!(NotificationRecord::new(told, &rules), None);
}

#[test]
fn a_tenant_is_told_what_it_wants_to_be_told() {
    let mut rules = Policy::default().notifications;
    let opened = Notification::alert_opened(&alert(AlertKind::Spike, 3));
    assert!(rules.want(&opened));
    assert!(!rules.want(&Notification::alert_opened(&alert(AlertKind::Spike, 2))));
    rules.events.retain(|event| *event != NotificationEvent::AlertOpened);
    assert!(!rules.want(&opened));
}
