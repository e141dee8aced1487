use kernel::Violation;
use maintenance::work::{
    Choice, Decision, NewTask, Priority, RawAcknowledgement, RawCancellation, RawClosure, RawCompletion, RawDecision,
    RawTask,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::work_some::{id, minutes, monday, time};

fn raw<T: DeserializeOwned>(mut json: Value, changes: Value) -> T {
    let Value::Object(changes) = changes else { panic!("changes are fields") };
    json.as_object_mut().unwrap().extend(changes);
    serde_json::from_str(&json.to_string()).unwrap()
}

fn task(changes: Value) -> Result<NewTask, Vec<Violation>> {
    raw::<RawTask>(json!({"title": "Grease", "priority": 3}), changes).accept(monday())
}

fn decided(changes: Value) -> Result<Decision, Vec<Violation>> {
    let plain = json!({"task_id": "t", "decision": "approve", "operator_id": "op"});
    let (task, decision) = raw::<RawDecision>(plain, changes).accept(monday())?;
    assert_eq!(task, id("t"));
    Ok(decision)
}

fn broken<T>(outcome: Result<T, Vec<Violation>>) -> Vec<(String, String)> {
    let violations = outcome.err().unwrap_or_default();
    violations.into_iter().map(|violation| (violation.pointer, violation.code.into_owned())).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn a_task_takes_a_title_and_a_priority_and_may_say_more() {
    let plain = task(json!({})).unwrap();
    assert_eq!(
        (plain.title.as_str(), plain.priority, plain.duration_minutes),
        ("Grease", Priority::saturating(3), None)
    );
    let full =
        task(json!({"description": "Line one.\n\tLine two.", "sensor_id": "s", "asset_id": "a", "alert_id": "x",
        "skill": "oil", "duration_minutes": 1440, "due_by": "2026-03-02T09:00:00.5+01:00"}));
    let full = full.unwrap();
    assert_eq!(full.due_by, Some(time("2026-03-02T08:00:00.5Z")));
    assert_eq!((full.skill, full.duration_minutes), (Some(id("oil")), Some(1440)));
    assert_eq!(task(json!({"title": "é".repeat(160), "description": "é".repeat(4000)})).err(), None);
}

#[test]
fn each_rule_of_a_task_has_its_pointer_and_its_code() {
    for (changes, pointer, code) in [
        (json!({"title": ""}), "/title", "too_short"),
        (json!({"title": "  "}), "/title", "too_short"),
        (json!({"title": "x".repeat(161)}), "/title", "too_long"),
        (json!({"title": "a\nb"}), "/title", "invalid"),
        (json!({"description": ""}), "/description", "too_short"),
        (json!({"description": "x".repeat(4001)}), "/description", "too_long"),
        (json!({"description": "a\u{1b}[0m"}), "/description", "invalid"),
        (json!({"sensor_id": "a/b"}), "/sensor_id", "invalid"),
        (json!({"asset_id": ""}), "/asset_id", "invalid"),
        (json!({"alert_id": "x".repeat(65)}), "/alert_id", "invalid"),
        (json!({"priority": 0}), "/priority", "out_of_range"),
        (json!({"priority": 6}), "/priority", "out_of_range"),
        (json!({"skill": "a b"}), "/skill", "invalid"),
        (json!({"duration_minutes": 4}), "/duration_minutes", "out_of_range"),
        (json!({"duration_minutes": 1441}), "/duration_minutes", "out_of_range"),
        (json!({"due_by": "tomorrow"}), "/due_by", "invalid"),
        (json!({"due_by": "2026-03-02T08:00:00Z"}), "/due_by", "in_the_past"),
        (json!({"due_by": "2036-03-02T08:00:00Z"}), "/due_by", "too_far_ahead"),
    ] {
        assert_eq!(broken(task(changes.clone())), one(pointer, code), "{changes}");
    }
}

#[test]
fn a_rejection_says_why_and_a_deferral_says_until_when() {
    assert_eq!(
        decided(json!({})).unwrap(),
        Decision { choice: Choice::Approve, operator_id: id("op"), justification: None, at: monday() }
    );
    let rejected = decided(json!({"decision": "reject", "justification": "Not worth it."})).unwrap();
    assert_eq!((rejected.choice, rejected.justification.as_deref()), (Choice::Reject, Some("Not worth it.")));
    let until = monday() + minutes(1);
    let deferred = decided(json!({"decision": "defer", "defer_until": until.to_string()})).unwrap();
    assert_eq!(deferred.choice, Choice::Defer { defer_until: until });

    let why = "Because.";
    for (changes, pointer, code) in [
        (json!({"task_id": ""}), "/task_id", "invalid"),
        (json!({"operator_id": "a b"}), "/operator_id", "invalid"),
        (json!({"decision": "Approve"}), "/decision", "invalid"),
        (json!({"decision": "cancel"}), "/decision", "invalid"),
        (json!({"decision": "reject"}), "/justification", "required"),
        (json!({"decision": "reject", "justification": " "}), "/justification", "too_short"),
        (json!({"justification": "x".repeat(1001)}), "/justification", "too_long"),
        (json!({"decision": "defer"}), "/defer_until", "required"),
        (json!({"decision": "defer", "defer_until": "soon"}), "/defer_until", "invalid"),
        (json!({"decision": "defer", "defer_until": monday().to_string()}), "/defer_until", "in_the_past"),
        (json!({"decision": "defer", "defer_until": "9999-01-01T00:00:00Z"}), "/defer_until", "too_far_ahead"),
        (json!({"defer_until": until.to_string()}), "/defer_until", "not_allowed"),
        (json!({"decision": "reject", "justification": why, "defer_until": "x"}), "/defer_until", "not_allowed"),
    ] {
        assert_eq!(broken(decided(changes.clone())), one(pointer, code), "{changes}");
    }
}

#[test]
fn a_completion_has_a_log() {
    let plain = json!({"operator_id": "ann", "notes": "Done.\nTested."});
    let done = |changes| raw::<RawCompletion>(plain.clone(), changes).accept(&id("key"), monday());
    let full = done(json!({"actual_minutes": 10080, "findings": "Worn."})).unwrap();
    assert_eq!((full.by, full.at, full.actual_minutes), (id("ann"), monday(), Some(10_080)));
    assert_eq!((full.notes.as_str(), full.findings.as_deref()), ("Done.\nTested.", Some("Worn.")));
    for (changes, pointer, code) in [
        (json!({"operator_id": ""}), "/operator_id", "invalid"),
        (json!({"notes": ""}), "/notes", "too_short"),
        (json!({"notes": "x".repeat(4001)}), "/notes", "too_long"),
        (json!({"notes": "a\u{0}"}), "/notes", "invalid"),
        (json!({"actual_minutes": 0}), "/actual_minutes", "out_of_range"),
        (json!({"actual_minutes": 10081}), "/actual_minutes", "out_of_range"),
        (json!({"findings": ""}), "/findings", "too_short"),
    ] {
        assert_eq!(broken(done(changes.clone())), one(pointer, code), "{changes}");
    }
}

#[test]
fn seeing_and_closing_an_alert_and_calling_off_work_name_the_operator() {
    let by = json!({"operator_id": "op"});
    let seen = raw::<RawAcknowledgement>(by.clone(), json!({})).accept(&id("key"), monday()).unwrap();
    assert_eq!((seen.by, seen.at), (id("op"), monday()));
    let over = raw::<RawClosure>(by.clone(), json!({"note": "Cleaned."})).accept(&id("key"), monday()).unwrap();
    assert_eq!(over.note.as_deref(), Some("Cleaned."));
    let off =
        raw::<RawCancellation>(by.clone(), json!({"reason": "False alarm."})).accept(&id("key"), monday()).unwrap();
    assert_eq!(off.reason, "False alarm.");

    let unnamed = raw::<RawAcknowledgement>(json!({}), json!({})).accept(&id("key"), monday()).unwrap();
    assert_eq!(unnamed.by, id("key"), "who names nobody acts as the key");

    let nobody = json!({"operator_id": " "});
    assert_eq!(
        broken(raw::<RawAcknowledgement>(nobody.clone(), json!({})).accept(&id("key"), monday())),
        one("/operator_id", "invalid")
    );
    assert_eq!(
        broken(raw::<RawClosure>(by.clone(), json!({"note": ""})).accept(&id("key"), monday())),
        one("/note", "too_short")
    );
    let both = raw::<RawCancellation>(nobody, json!({"reason": ""})).accept(&id("key"), monday());
    assert_eq!(broken(both).len(), 2);
}

#[test]
fn what_is_unknown_or_missing_is_no_request() {
    assert!(serde_json::from_str::<RawTask>(r#"{"title":"x","priority":1,"status":"approved"}"#).is_err());
    assert!(serde_json::from_str::<RawTask>(r#"{"title":"x"}"#).is_err());
    assert!(serde_json::from_str::<RawDecision>(r#"{"task_id":"t","decision":"approve"}"#).is_err());
    assert!(serde_json::from_str::<RawCompletion>(r#"{"operator_id":"x"}"#).is_err());
    assert!(serde_json::from_str::<RawClosure>(r#"{"operator_id":"x","extra":1}"#).is_err());
}
