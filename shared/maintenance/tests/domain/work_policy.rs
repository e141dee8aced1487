use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, Violation};
use maintenance::{
    Baseline, Limits, Sample, drift,
    work::{Calendar, NotificationEvent, Policy, Priority, RawCalendar, RawPolicy, Retention, Severity},
};
use serde_json::{Value, json};

use crate::work_some::{calendar, id, office, staffed, time};

fn policy(json: &Value) -> Result<Policy, Vec<Violation>> {
    serde_json::from_str::<RawPolicy>(&json.to_string()).unwrap().accept()
}

/// Pointers and codes of what is wrong.
fn named<T>(outcome: Result<T, Vec<Violation>>) -> Vec<(String, String)> {
    let violations = outcome.err().unwrap_or_default();
    violations.into_iter().map(|violation| (violation.pointer, violation.code.into_owned())).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn an_empty_policy_is_the_default_and_approves_nothing_by_itself() {
    let default = Policy::default();
    assert_eq!(policy(&json!({})).unwrap(), default);
    let sections = json!({"detection": {}, "tasks": {}, "auto_approval": null, "urgency": {}, "retention": {},
        "limits": [], "drift_checks": [], "notifications": {}});
    assert_eq!(policy(&sections).unwrap(), default);
    let expected = json!({
        "detection": {"sensitivity": 0.5, "episode_gap_minutes": 60},
        "tasks": {"min_severity": 3, "duration_minutes": 60, "rules": []},
        "urgency": {"due_within_hours": [720, 336, 168, 48, 8]},
        "limits": [],
        "retention": {"raw_days": 90, "aggregate_days": 730},
        "drift_checks": [],
        "notifications": {
            "min_severity": 3,
            "events": ["alert_opened", "alert_escalated", "task_awaiting_approval", "task_scheduled",
                "task_unscheduled", "task_completed"],
            "sns": true,
            "max_per_hour": 60,
        },
    });
    assert_eq!(serde_json::to_value(&default).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Policy>(json!({})).unwrap(), default, "stored before there was anything in it");
}

#[test]
fn a_full_policy_is_accepted_as_it_is_and_can_be_sent_back() {
    let full = json!({
        "detection": {"sensitivity": 1.0, "episode_gap_minutes": 1},
        "tasks": {"min_severity": 5, "duration_minutes": 1440, "skill": "any",
            "rules": [{"sensor_type": "flow", "kind": "drift", "duration_minutes": 5, "skill": "pumps"}]},
        "auto_approval": {"max_priority": 2, "max_duration_minutes": 30, "kinds": ["flatline", "spike"]},
        "urgency": {"due_within_hours": [8760, 8760, 2, 1, 1]},
        "limits": [{"sensor_id": "a", "low": -1.5, "high": 80.0}, {"sensor_id": "b", "high": 3.0}],
        "retention": {"raw_days": 3650, "aggregate_days": 3650},
        "drift_checks": [{"sensor_id": "a", "window_minutes": 10080, "p_value_threshold": 0.001, "psi_threshold": 0.5,
            "min_samples": 100, "reference": "baseline"}],
        "notifications": {"min_severity": 1, "events": ["task_completed"], "sns": false,
            "webhook": "https://hooks.example.com/x", "max_per_hour": 1},
    });
    let policy = policy(&full).unwrap();
    assert_eq!(serde_json::to_value(&policy).unwrap(), full);
    assert_eq!(policy.tasks.min_severity, Severity::MAX);
    assert_eq!(policy.notifications.events, [NotificationEvent::TaskCompleted]);
    assert_eq!(policy.urgency.due_within(Priority::MIN), SignedDuration::from_hours(8760));
    assert_eq!(policy.urgency.due_within(Priority::MAX), SignedDuration::from_hours(1));
    assert_eq!(serde_json::from_value::<Policy>(full).unwrap(), policy);
}

#[test]
fn a_sensor_has_the_limits_that_the_policy_gives_it() {
    let policy = policy(&json!({"limits": [{"sensor_id": "a", "high": 80.0}]})).unwrap();
    let limits = |sensor: &str| policy.limits_of(&Identifier::parse(sensor).unwrap());
    assert_eq!(limits("a"), Some(Limits { low: None, high: Some(80.0) }));
    assert_eq!(limits("b"), None);
}

#[test]
fn drift_is_what_the_test_and_the_size_of_the_change_both_call_drift() {
    let policy = policy(&json!({"drift_checks": [{"sensor_id": "a", "window_minutes": 60}]})).unwrap();
    let check = &policy.drift_checks[0];
    let earlier: Vec<f64> = (0..200).map(f64::from).collect();
    let judged = |shift: f64| {
        let recent: Vec<f64> = earlier.iter().map(|value| value + shift).collect();
        check.judge(&drift(&recent, &earlier, check.rules()), None, Timestamp::UNIX_EPOCH)
    };
    assert_eq!(judged(0.0), None);
    let (mild, evidence) = judged(60.0).unwrap();
    assert!(evidence.value > evidence.expected.high && evidence.expected.low == 0.0, "{evidence:?}");
    assert_eq!(judged(10_000.0).unwrap().0, Severity::MAX);
    assert!(mild >= Severity::saturating(3));
    // The published table: at 1 % the distance of two samples of 100 is called drift from 0.230 on.
    let equal = drift(&earlier[..100], &earlier[..100], check.rules());
    assert!((equal.critical_statistic(0.01) - 0.230).abs() < 0.001, "{}", equal.critical_statistic(0.01));

    // One value moved far: the test sees nothing, whatever the index says.
    let mut recent = earlier.clone();
    recent[0] = 1e9;
    assert_eq!(check.judge(&drift(&recent, &earlier, check.rules()), None, Timestamp::UNIX_EPOCH), None);
}

#[test]
fn against_a_baseline_drift_must_be_more_than_its_own_windows_show() {
    let policy = policy(&json!({"drift_checks": [{"sensor_id": "a", "window_minutes": 1, "reference": "baseline"}]}));
    let policy = policy.unwrap();
    let check = &policy.drift_checks[0];
    let sample = |second: i64| Sample {
        timestamp: Timestamp::from_second(second).unwrap(),
        // Each minute lies elsewhere, so that every window differs from the others.
        value: ((second / 60) % 7) as f64 + ((second % 60) as f64) / 60.0,
        quality: None,
    };
    let samples: Vec<Sample> = (0..60 * 28).map(sample).collect();
    let (from, to) = (samples[0].timestamp, samples[samples.len() - 1].timestamp);
    let baseline = Baseline::new(from, to, &samples, check.window());
    let judged = |values: &[f64]| {
        let found = baseline.drift(values, check.rules());
        assert!(found.drift_detected, "the plain test calls everything drift here");
        check.judge(&found, Some(&baseline), to)
    };
    let minute: Vec<f64> = samples[60..120].iter().map(|sample| sample.value).collect();
    assert_eq!(judged(&minute), None);
    let away: Vec<f64> = minute.iter().map(|value| value + 50.0).collect();
    let (severity, evidence) = judged(&away).unwrap();
    assert_eq!((severity, evidence.timestamp, evidence.expected.high), (Severity::MAX, to, baseline.usual().unwrap()));
}

#[test]
fn a_drift_check_has_defaults() {
    let policy = policy(&json!({"drift_checks": [{"sensor_id": "a", "window_minutes": 60}]})).unwrap();
    let expected = json!({"sensor_id": "a", "window_minutes": 60, "p_value_threshold": 0.01, "psi_threshold": 0.25,
        "min_samples": 50, "reference": "preceding"});
    assert_eq!(serde_json::to_value(&policy.drift_checks).unwrap(), json!([expected]));
}

#[test]
fn each_rule_of_a_policy_has_its_pointer_and_its_code() {
    let check = |changes: Value| {
        let mut check = json!({"sensor_id": "a", "window_minutes": 60});
        check.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({ "drift_checks": [check] })
    };
    let approval = |changes: Value| {
        let mut approval = json!({"max_priority": 2, "max_duration_minutes": 30, "kinds": ["spike"]});
        approval.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({ "auto_approval": approval })
    };
    let rule = |rule: Value| json!({"tasks": {"rules": [{"skill": "x"}, rule]}});
    let out = "out_of_range";
    let cases = [
        (json!({"detection": {"sensitivity": 1.01}}), "/detection/sensitivity", out),
        (json!({"detection": {"sensitivity": -0.1}}), "/detection/sensitivity", out),
        (json!({"detection": {"episode_gap_minutes": 0}}), "/detection/episode_gap_minutes", out),
        (json!({"detection": {"episode_gap_minutes": 1441}}), "/detection/episode_gap_minutes", out),
        (json!({"limits": [{"sensor_id": "a"}]}), "/limits/0", "empty"),
        (json!({"limits": [{"sensor_id": "a b", "low": 1.0}]}), "/limits/0/sensor_id", "invalid"),
        (json!({"limits": [{"sensor_id": "a", "low": 2.0, "high": 2.0}]}), "/limits/0/high", out),
        (
            json!({"limits": [{"sensor_id": "a", "low": 1.0}, {"sensor_id": "a", "high": 1.0}]}),
            "/limits/1/sensor_id",
            "duplicate",
        ),
        (json!({"tasks": {"min_severity": 0}}), "/tasks/min_severity", out),
        (json!({"tasks": {"min_severity": 6}}), "/tasks/min_severity", out),
        (json!({"tasks": {"duration_minutes": 4}}), "/tasks/duration_minutes", out),
        (json!({"tasks": {"duration_minutes": 1441}}), "/tasks/duration_minutes", out),
        (json!({"tasks": {"duration_minutes": i64::MIN}}), "/tasks/duration_minutes", out),
        (json!({"tasks": {"skill": "a b"}}), "/tasks/skill", "invalid"),
        (json!({"tasks": {"rules": vec![json!({"skill": "x"}); 51]}}), "/tasks/rules", "too_many"),
        (rule(json!({})), "/tasks/rules/1", "empty"),
        (rule(json!({"kind": "drift"})), "/tasks/rules/1", "empty"),
        (rule(json!({"kind": "Drift", "skill": "x"})), "/tasks/rules/1/kind", "invalid"),
        (rule(json!({"sensor_type": "heat", "skill": "x"})), "/tasks/rules/1/sensor_type", "invalid"),
        (rule(json!({"duration_minutes": 1})), "/tasks/rules/1/duration_minutes", out),
        (rule(json!({"skill": ""})), "/tasks/rules/1/skill", "invalid"),
        (approval(json!({"max_priority": 9})), "/auto_approval/max_priority", out),
        (approval(json!({"max_duration_minutes": 2000})), "/auto_approval/max_duration_minutes", out),
        (approval(json!({"kinds": []})), "/auto_approval/kinds", "too_few"),
        (approval(json!({"kinds": ["all"]})), "/auto_approval/kinds/0", "invalid"),
        (approval(json!({"kinds": ["spike", "spike"]})), "/auto_approval/kinds/1", "duplicate"),
        (approval(json!({"kinds": vec!["spike"; 7]})), "/auto_approval/kinds", "too_many"),
        (json!({"urgency": {"due_within_hours": [5, 4, 3, 2]}}), "/urgency/due_within_hours", "wrong_length"),
        (json!({"urgency": {"due_within_hours": [5, 4, 3, 2, 1, 1]}}), "/urgency/due_within_hours", "wrong_length"),
        (json!({"urgency": {"due_within_hours": [5, 4, 3, 2, 3]}}), "/urgency/due_within_hours", "not_sorted"),
        (json!({"urgency": {"due_within_hours": [5, 4, 3, 2, 0]}}), "/urgency/due_within_hours/4", out),
        (json!({"urgency": {"due_within_hours": [8761, 4, 3, 2, 1]}}), "/urgency/due_within_hours/0", out),
        (json!({"retention": {"raw_days": 0}}), "/retention/raw_days", out),
        (json!({"retention": {"aggregate_days": 3651}}), "/retention/aggregate_days", out),
        (json!({"retention": {"aggregate_days": 89}}), "/retention/aggregate_days", "too_short"),
        (json!({"retention": {"raw_days": 731}}), "/retention/aggregate_days", "too_short"),
        (check(json!({"sensor_id": "a#b"})), "/drift_checks/0/sensor_id", "invalid"),
        (check(json!({"window_minutes": 0})), "/drift_checks/0/window_minutes", out),
        (check(json!({"window_minutes": 10081})), "/drift_checks/0/window_minutes", out),
        (check(json!({"p_value_threshold": 1.1})), "/drift_checks/0/p_value_threshold", out),
        (check(json!({"psi_threshold": 0.0})), "/drift_checks/0/psi_threshold", out),
        (check(json!({"min_samples": 9})), "/drift_checks/0/min_samples", out),
        (check(json!({"reference": "before"})), "/drift_checks/0/reference", "invalid"),
        (
            json!({"drift_checks": vec![json!({"sensor_id": "a", "window_minutes": 1}); 2]}),
            "/drift_checks/1/sensor_id",
            "duplicate",
        ),
        (
            json!({"drift_checks": vec![json!({"sensor_id": "a", "window_minutes": 1}); 101]}),
            "/drift_checks",
            "too_many",
        ),
        (json!({"notifications": {"min_severity": -1}}), "/notifications/min_severity", out),
        (json!({"notifications": {"events": ["x"]}}), "/notifications/events/0", "invalid"),
        (json!({"notifications": {"max_per_hour": 0}}), "/notifications/max_per_hour", out),
        (json!({"notifications": {"max_per_hour": 3601}}), "/notifications/max_per_hour", out),
        (json!({"notifications": {"webhook": "http://example.com"}}), "/notifications/webhook", "not_https"),
        (json!({"notifications": {"webhook": "https://10.0.0.1"}}), "/notifications/webhook", "host_not_public"),
    ];
    for (json, pointer, code) in cases {
        assert_eq!(named(policy(&json)), one(pointer, code), "{json}");
    }
}

#[test]
fn a_policy_with_a_field_too_many_or_of_another_type_is_no_policy() {
    for json in [
        json!({"extra": 1}),
        json!({"detection": {"extra": 1}}),
        json!({"tasks": {"rules": [{"skill": "x", "extra": 1}]}}),
        json!({"auto_approval": {}}),
        json!({"auto_approval": true}),
        json!({"retention": {"raw_days": 1.5}}),
        json!({"notifications": {"webhook": {"url": "https://example.com"}}}),
        json!({"drift_checks": [{"sensor_id": "a"}]}),
    ] {
        assert!(serde_json::from_str::<RawPolicy>(&json.to_string()).is_err(), "{json}");
    }
}

#[test]
fn every_broken_rule_is_named_at_once_and_no_value_is_repeated() {
    let json = json!({
        "detection": {"sensitivity": 7.25},
        "tasks": {"skill": "s3cr3t !"},
        "drift_checks": [{"sensor_id": "s3cr3t !", "window_minutes": 725}, {"sensor_id": "ok", "window_minutes": 0}],
        "notifications": {"webhook": "https://s3cr3t.local/", "events": ["s3cr3t"]},
    });
    let violations = policy(&json).unwrap_err();
    let pointers: Vec<&str> = violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/detection/sensitivity",
            "/tasks/skill",
            "/drift_checks/0/sensor_id",
            "/drift_checks/1/window_minutes",
            "/notifications/events/0",
            "/notifications/webhook",
        ]
    );
    for violation in violations {
        assert!(!violation.message.contains("s3cr3t") && !violation.message.contains("7.25"), "{violation:?}");
    }
}

#[test]
fn a_calendar_is_kept_sorted_with_touching_hours_joined() {
    let zoe = json!({
        "id": "zoe", "name": "Zoë", "skills": ["b", "a"], "time_zone": "europe/berlin",
        "days_off": ["2026-12-25", "2026-01-01"],
        "working_hours": {"monday": [
            {"start": "12:00", "end": "24:00"}, {"start": "00:00", "end": "08:00"}, {"start": "08:00", "end": "10:30"},
        ]},
    });
    let calendar = staffed(&[zoe, office("ann", "UTC", &[])]);
    let ids: Vec<&str> = calendar.technicians.iter().map(|technician| &*technician.id).collect();
    assert_eq!((ids, calendar.lead_minutes), (vec!["ann", "zoe"], 60));
    let json = serde_json::to_value(&calendar).unwrap();
    let zoe = &json["technicians"][1];
    assert_eq!(
        zoe["working_hours"]["monday"],
        json!([
            {"start": "00:00", "end": "10:30"}, {"start": "12:00", "end": "24:00"},
        ])
    );
    assert_eq!((&zoe["time_zone"], &zoe["skills"]), (&json!("Europe/Berlin"), &json!(["a", "b"])));
    assert_eq!(zoe["days_off"], json!(["2026-01-01", "2026-12-25"]));
    assert_eq!(serde_json::from_value::<Calendar>(json.clone()).unwrap(), calendar);
    assert_eq!(self::calendar(&json.to_string()), calendar, "what is answered can be sent back");
    assert!(calendar.technicians[1].skills.contains(&id("a")));
}

#[test]
fn each_rule_of_a_calendar_has_its_pointer_and_its_code() {
    let with = |field: &str, value: Value| {
        let mut technician = office("ann", "UTC", &[]);
        technician[field] = value;
        json!({ "technicians": [technician] })
    };
    let hours = |intervals: Value| with("working_hours", json!({ "friday": intervals }));
    let at = "/technicians/0";
    let cases = [
        (json!({"technicians": [], "lead_minutes": -1}), "/lead_minutes".to_owned(), "out_of_range"),
        (json!({"technicians": [], "lead_minutes": 10081}), "/lead_minutes".to_owned(), "out_of_range"),
        (json!({"technicians": vec![office("a", "UTC", &[]); 201]}), "/technicians".to_owned(), "too_many"),
        (json!({"technicians": vec![office("a", "UTC", &[]); 2]}), "/technicians/1/id".to_owned(), "duplicate"),
        (with("id", json!("a b")), format!("{at}/id"), "invalid"),
        (with("name", json!("")), format!("{at}/name"), "too_short"),
        (with("name", json!("x".repeat(129))), format!("{at}/name"), "too_long"),
        (with("name", json!("a\nb")), format!("{at}/name"), "invalid"),
        (with("skills", json!(["x", "y z"])), format!("{at}/skills/1"), "invalid"),
        (with("skills", json!(["x", "x"])), format!("{at}/skills/1"), "duplicate"),
        (with("skills", json!(vec!["x"; 51])), format!("{at}/skills"), "too_many"),
        (with("time_zone", json!("Mars/Olympus")), format!("{at}/time_zone"), "invalid"),
        (with("time_zone", json!("")), format!("{at}/time_zone"), "invalid"),
        (with("time_zone", json!("+01:00")), format!("{at}/time_zone"), "invalid"),
        (with("time_zone", json!("Etc/Unknown")), format!("{at}/time_zone"), "invalid"),
        (with("time_zone", json!("../../etc/passwd")), format!("{at}/time_zone"), "invalid"),
        (with("days_off", json!(["2026-02-30"])), format!("{at}/days_off/0"), "invalid"),
        (with("days_off", json!(["20260228"])), format!("{at}/days_off/0"), "invalid"),
        (with("days_off", json!(["2026-02-28T00:00:00"])), format!("{at}/days_off/0"), "invalid"),
        (with("days_off", json!(["2026-02-28", "2026-02-28"])), format!("{at}/days_off/1"), "duplicate"),
        (with("days_off", json!(vec!["2026-02-28"; 367])), format!("{at}/days_off"), "too_many"),
        (hours(json!([{"start": "9:00", "end": "10:00"}])), format!("{at}/working_hours/friday/0/start"), "invalid"),
        (hours(json!([{"start": "09:00", "end": "24:01"}])), format!("{at}/working_hours/friday/0/end"), "invalid"),
        (hours(json!([{"start": "09:60", "end": "11:00"}])), format!("{at}/working_hours/friday/0/start"), "invalid"),
        (hours(json!([{"start": "+9:00", "end": "11:00"}])), format!("{at}/working_hours/friday/0/start"), "invalid"),
        (
            hours(json!([{"start": "09:00", "end": "09:00"}])),
            format!("{at}/working_hours/friday/0/end"),
            "not_after_start",
        ),
        (
            hours(json!([{"start": "22:00", "end": "06:00"}])),
            format!("{at}/working_hours/friday/0/end"),
            "not_after_start",
        ),
        (
            hours(json!([{"start": "09:00", "end": "11:00"}, {"start": "08:00", "end": "09:01"}])),
            format!("{at}/working_hours/friday"),
            "overlap",
        ),
        (
            hours(json!([{"start": "08:00", "end": "12:00"}, {"start": "09:00", "end": "10:00"}])),
            format!("{at}/working_hours/friday"),
            "overlap",
        ),
        (
            hours(json!(vec![json!({"start": "09:00", "end": "10:00"}); 9])),
            format!("{at}/working_hours/friday"),
            "too_many",
        ),
    ];
    for (json, pointer, code) in cases {
        let raw: RawCalendar = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(named(raw.accept()), one(&pointer, code), "{pointer}");
    }
}

#[test]
fn a_calendar_with_a_field_too_many_is_no_calendar() {
    let mut technician = office("ann", "UTC", &[]);
    technician["working_hours"]["moonday"] = json!([]);
    for json in [json!({}), json!({"technicians": [], "extra": 1}), json!({ "technicians": [technician] })] {
        assert!(serde_json::from_str::<RawCalendar>(&json.to_string()).is_err(), "{json}");
    }
}

#[test]
fn the_schemas_state_the_rules() {
    let policy = serde_json::to_value(schemars::schema_for!(RawPolicy)).unwrap();
    assert_eq!((&policy["title"], &policy["additionalProperties"]), (&json!("NewPolicy"), &json!(false)));
    let of = |section: &str, field: &str| policy["$defs"][section]["properties"][field].clone();
    assert_eq!(of("NewDetectionRules", "sensitivity")["maximum"], 1.0);
    assert_eq!(of("NewUrgencyRules", "due_within_hours")["items"]["maximum"], 8760);
    assert_eq!(of("NewTaskRules", "rules")["maxItems"], 50);
    assert_eq!(of("NewAutoApproval", "kinds")["minItems"], 1);
    assert_eq!(policy["$defs"]["NewAutoApproval"]["required"].as_array().unwrap().len(), 3);
    let calendar = serde_json::to_value(schemars::schema_for!(RawCalendar)).unwrap();
    assert_eq!(calendar["properties"]["technicians"]["maxItems"], 200);
    assert_eq!(
        calendar["$defs"]["NewInterval"]["properties"]["end"]["pattern"],
        "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
    );
}

#[test]
fn what_is_stored_is_kept_as_many_days_as_the_policy_says() {
    let retention = Retention { raw_days: 7, aggregate_days: 400 };
    let now = time("2026-02-01T12:00:00Z");
    assert_eq!(retention.raw_until(now), time("2026-02-08T12:00:00Z"));
    assert_eq!(retention.aggregates_until(now), time("2027-03-08T12:00:00Z"));
    assert_eq!(retention.raw_until(Timestamp::MAX), Timestamp::MAX);
}
