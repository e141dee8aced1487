//! The rules of the fields of statements, elements and records.

use palisade_threats::{Fault, Subject, Violation};

use crate::small::{RECORD, Small, of_record};

/// The record changed, and what is said of it.
fn after(old: &str, new: &str) -> Vec<Violation> {
    let small = Small::new();
    small.record(old, new);
    small.violations()
}

/// That the only violation is one of fields, with these words.
fn says(violations: &[Violation], subject: &Subject, words: &str) {
    match violations {
        [Violation { of, fault: Fault::Fields(why) }] if of == subject => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn the_record() -> Subject {
    Subject::Record("SM-01".to_owned())
}

#[test]
fn a_small_repository_holds() {
    assert_eq!(Small::new().violations_as_it_is(), []);
}

#[test]
fn an_id_is_of_the_form_of_its_book() {
    for (book, good, bad) in [
        ("amifi", "AMF-07", "AMF-x"),
        ("abuse", "ABU-E-02", "ABU-X-02"),
        ("owasp_api", "API10-2023", "API11-2023"),
        ("asvs", "ASVS-11.2.1", "ASVS-11.2"),
    ] {
        let small = Small::new();
        let level = if book == "asvs" { "level = 1\n" } else { "" };
        let record = |id: &str| format!("{}{level}", RECORD.replace("SM-01", id));
        small.write(&format!("infra/threats/records/{book}.toml"), &record(good));
        assert_eq!(small.violations(), [], "{good}");
        small.write(&format!("infra/threats/records/{book}.toml"), &record(bad));
        match small.violations().as_slice() {
            [Violation { of: Subject::Record(id), fault: Fault::Id { .. } }] => assert_eq!(id, bad),
            other => panic!("{bad}: {other:?}"),
        }
    }
    let violations = after("SM-01", "SM-one");
    let of = Subject::Record("SM-one".to_owned());
    assert_eq!(violations, [Violation { of, fault: Fault::Id { shape: "SM-01" } }]);
}

#[test]
fn an_id_is_used_once() {
    let small = Small::new();
    small.write("infra/threats/records/smart_maintenance.toml", &RECORD.repeat(2));
    assert_eq!(small.violations(), of_record(Fault::Repeated));

    let small = Small::new();
    small.replace("infra/threats/elements.toml", "id = \"people\"", "id = \"answers\"");
    let of = Subject::Element("answers".to_owned());
    assert_eq!(small.violations(), [Violation { of, fault: Fault::Repeated }]);

    let small = Small::new();
    let sources = std::fs::read_to_string(small.path("infra/threats/sources.toml")).unwrap();
    small.write("infra/threats/sources.toml", &sources.repeat(2));
    let of = Subject::Statement("first/asking/threat".to_owned());
    assert_eq!(small.violations(), [Violation { of, fault: Fault::Repeated }]);
}

#[test]
fn fields_are_known_and_of_their_type() {
    says(&after("stride =", "strides ="), &the_record(), "unknown field `strides`");
    says(&after("title = \"A stranger asks\"", ""), &the_record(), "missing field `title`");
    says(&after("stride = [\"S\"]", "stride = [\"X\"]"), &the_record(), "unknown variant `X`");
    says(&after("state = \"proven\"", "state = \"done\""), &the_record(), "unknown variant `done`");

    let small = Small::new();
    small.replace("infra/threats/elements.toml", "\"external\"", "\"flow\"");
    says(&small.violations(), &Subject::Element("people".to_owned()), "unknown variant `flow`");

    let small = Small::new();
    small.replace("infra/threats/sources.toml", "kind = \"threat\"", "kind = \"fear\"");
    let of_statement = Subject::Statement("first/asking/threat".to_owned());
    let violations = small.violations();
    says(violations.get(..1).unwrap(), &of_statement, "unknown variant `fear`");
    assert_eq!(violations.get(1..).unwrap(), of_record(Fault::NoSuchSource("first/asking/threat".to_owned())));
}

#[test]
fn what_must_be_said_is_said() {
    assert_eq!(after("\"A stranger asks\"", "\" \""), of_record(Fault::Blank("title")));
    assert_eq!(after("\"Somebody without a key asks.\"", "\"\""), of_record(Fault::Blank("threat")));

    let small = Small::new();
    small.replace("infra/threats/sources.toml", "Strangers may ask.", "");
    let of = Subject::Statement("first/asking/threat".to_owned());
    assert_eq!(small.violations(), [Violation { of, fault: Fault::Blank("summary") }]);

    let small = Small::new();
    small.replace("infra/threats/elements.toml", "\"People\"", "\"\"");
    let of = Subject::Element("people".to_owned());
    assert_eq!(small.violations(), [Violation { of, fault: Fault::Blank("name") }]);
}

#[test]
fn what_is_proven_says_its_control_and_what_remains_and_gives_no_reason() {
    assert_eq!(after("\"Every route asks for a key.\"", "\"\""), of_record(Fault::Missing("control")));
    assert_eq!(after("residual = \"Whoever has a key may ask.\"", ""), of_record(Fault::Missing("residual")));
    assert_eq!(after("residual =", "reason = \"So.\"\nresidual ="), of_record(Fault::Unwanted("reason")));
}

#[test]
fn what_is_proven_has_evidence_and_something_that_enforces_it() {
    let tests = "tests = [\"ask::all door::nobody_enters\", \"ask door::tests::a_key_opens\"]\n";
    let template = "assertions = [\"test_template::test_it_is_sound\"]\n";
    let enforced_by = "enforced_by = [\"functions/ask/src/door.rs#open\", \"template.yaml#AskFunction\"]\n";
    assert_eq!(after(&format!("{tests}{template}"), ""), of_record(Fault::NoEvidence));
    assert_eq!(after(&format!("{template}{enforced_by}"), ""), of_record(Fault::NothingEnforces));
    // An assertion on the template is both.
    assert_eq!(after(tests, ""), []);
    assert_eq!(after(enforced_by, ""), []);
}

#[test]
fn what_is_not_proven_has_a_reason() {
    for state in ["accepted", "not_applicable", "open"] {
        let written = |rest: &str| format!("state = \"{state}\"\n{rest}");
        let old = "state = \"proven\"\nresidual = \"Whoever has a key may ask.\"";
        assert_eq!(after(old, &written("")), of_record(Fault::Missing("reason")), "{state}");
        assert_eq!(after(old, &written("reason = \" \"")), of_record(Fault::Missing("reason")), "{state}");
        assert_eq!(after(old, &written("reason = \"So.\"")), [], "{state}");
    }
    let what_remains = after("state = \"proven\"", "state = \"not_applicable\"\nreason = \"So.\"");
    assert_eq!(what_remains, of_record(Fault::Unwanted("residual")));
}

#[test]
fn only_asvs_has_levels_and_always() {
    assert_eq!(after("stride =", "level = 1\nstride ="), of_record(Fault::Unwanted("level")));
    let requirement = |level: &str| {
        let small = Small::new();
        let record = format!("{}{level}\n", RECORD.replace("SM-01", "ASVS-1.2.3"));
        small.write("infra/threats/records/asvs.toml", &record);
        small.violations().into_iter().map(|violation| violation.fault).collect::<Vec<_>>()
    };
    assert_eq!(requirement("level = 3"), []);
    assert_eq!(requirement(""), [Fault::Missing("level")]);
    let four = Fault::Malformed { field: "level", value: "4".to_owned(), shape: "1, 2 or 3" };
    assert_eq!(requirement("level = 4"), [four]);
}

#[test]
fn tests_assertions_and_code_are_named_in_their_forms() {
    for (field, good, bad) in [
        ("tests", "ask door::tests::a_key_opens", "ask::door::tests::a_key_opens"),
        ("assertions", "test_template::test_it_is_sound", "test_it_is_sound"),
        ("enforced_by", "functions/ask/src/door.rs#open", "functions/ask/src/door.rs"),
        ("enforced_by", "functions/ask/src/door.rs#open", "../ask/src/door.rs#open"),
        ("enforced_by", "functions/ask/src/door.rs#open", "/ask/src/door.rs#open"),
    ] {
        match after(good, bad).as_slice() {
            [Violation { fault: Fault::Malformed { field: named, value, .. }, .. }] => {
                assert_eq!((*named, value.as_str()), (field, bad));
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
}

#[test]
fn every_fault_of_a_record_is_named_at_once() {
    let small = Small::new();
    small.record("\"A stranger asks\"", "\"\"");
    small.record("\"Every route asks for a key.\"", "\"\"");
    small.record("residual = \"Whoever has a key may ask.\"", "");
    let faults: Vec<_> = small.violations().into_iter().map(|violation| violation.fault).collect();
    assert_eq!(faults, [Fault::Blank("title"), Fault::Missing("control"), Fault::Missing("residual")]);
}
