//! What must hold between the model and the results of test runs.

use palisade_threats::{Fault, Results, Subject, Violation, table};

use crate::small::{Small, of_record};

/// A file as cargo-nextest writes it; the first test's inside is given.
fn nextest(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ci" tests="2" failures="0" errors="0">
  <testsuite name="ask::all" tests="1" disabled="0" errors="0" failures="0">
    <testcase name="door::nobody_enters" classname="ask::all" time="0.01">{inside}</testcase>
  </testsuite>
  <testsuite name="ask" tests="1" disabled="0" errors="0" failures="0">
    <testcase name="door::tests::a_key_opens" classname="ask" time="0.01"/>
  </testsuite>
</testsuites>"#
    )
}

/// A file as pytest writes it; the second parameter's inside is given.
fn pytest(class: &str, inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" tests="2">
<testcase classname="{class}" name="test_it_is_sound[one]" time="0.1" />
<testcase classname="{class}" name="test_it_is_sound[two]" time="0.1">{inside}</testcase>
</testsuite></testsuites>"#
    )
}

const TEST: &str = "ask::all door::nobody_enters";
const ASSERTION: &str = "test_template::test_it_is_sound";

#[test]
fn what_passed_is_proven() {
    for class in ["tests.template.test_template", "test_template"] {
        assert_eq!(Small::new().unproven(&[&nextest(""), &pytest(class, "")]), []);
    }
}

#[test]
fn a_test_that_was_not_run_proves_nothing() {
    let small = Small::new();
    let violations = small.unproven(&[&nextest("").replace("nobody_enters", "else"), &pytest("test_template", "")]);
    assert_eq!(violations, of_record(Fault::NotRun(TEST.to_owned())));

    let violations = small.unproven(&[&nextest(""), &pytest("test_else", "")]);
    assert_eq!(violations, of_record(Fault::NotRun(ASSERTION.to_owned())));

    let violations = small.unproven(&["<testsuites/>"]);
    assert_eq!(violations.len(), 3);
}

#[test]
fn a_test_of_the_same_name_in_another_binary_proves_nothing() {
    let elsewhere = nextest("").replace("ask::all", "ask::other");
    let violations = Small::new().unproven(&[&elsewhere, &pytest("test_template", "")]);
    assert_eq!(violations, of_record(Fault::NotRun(TEST.to_owned())));
}

#[test]
fn a_skipped_test_proves_nothing() {
    let small = Small::new();
    let skipped = r#"<skipped type="pytest.xfail" message=""/>"#;
    let violations = small.unproven(&[&nextest("<skipped/>"), &pytest("test_template", skipped)]);
    let expected = [Fault::Skipped(TEST.to_owned()), Fault::Skipped(ASSERTION.to_owned())];
    assert_eq!(violations, expected.into_iter().flat_map(of_record).collect::<Vec<_>>());
}

#[test]
fn a_failed_test_is_a_violation() {
    let small = Small::new();
    for inside in [r#"<failure type="test failure" message="no">no</failure>"#, r#"<error message="teardown"/>"#] {
        let violations = small.unproven(&[&nextest(inside), &pytest("test_template", inside)]);
        let expected = [Fault::Failed(TEST.to_owned()), Fault::Failed(ASSERTION.to_owned())];
        assert_eq!(violations, expected.into_iter().flat_map(of_record).collect::<Vec<_>>());
    }
}

#[test]
fn a_test_that_is_run_again_is_as_its_last_run_ended() {
    let small = Small::new();
    let python = pytest("test_template", "");
    let flaky = r#"<flakyFailure type="test failure" time="0.1"><system-out/></flakyFailure>"#;
    assert_eq!(small.unproven(&[&nextest(flaky), &python]), []);
    let failed = r#"<failure type="test failure"/><rerunFailure type="test failure" time="0.1"/>"#;
    assert_eq!(small.unproven(&[&nextest(failed), &python]), of_record(Fault::Failed(TEST.to_owned())));
}

#[test]
fn one_parameter_may_be_named_alone() {
    let small = Small::new();
    let file = pytest("test_template", "<failure/>");
    small.record(ASSERTION, "test_template::test_it_is_sound[one]");
    assert_eq!(small.unproven(&[&nextest(""), &file]), []);
    small.record("[one]", "[two]");
    let name = "test_template::test_it_is_sound[two]".to_owned();
    assert_eq!(small.unproven(&[&nextest(""), &file]), of_record(Fault::Failed(name)));
    small.record("[two]", "[three]");
    let name = "test_template::test_it_is_sound[three]".to_owned();
    assert_eq!(small.unproven(&[&nextest(""), &file]), of_record(Fault::NotRun(name)));
}

#[test]
fn what_fails_in_one_of_several_files_fails() {
    let small = Small::new();
    let violations = small.unproven(&[&nextest(""), &nextest("<failure/>"), &pytest("test_template", "")]);
    assert_eq!(violations, of_record(Fault::Failed(TEST.to_owned())));
}

#[test]
fn the_tests_of_what_is_open_must_pass_too() {
    let small = Small::new();
    small.record("state = \"proven\"", "state = \"open\"\nreason = \"Half of it is missing.\"");
    let violations = small.unproven(&[&nextest("<failure/>"), &pytest("test_template", "")]);
    assert_eq!(violations, of_record(Fault::Failed(TEST.to_owned())));
}

#[test]
fn a_file_without_results_is_a_violation() {
    let small = Small::new();
    for text in ["", "<testsuites>", "<html/>"] {
        let is_unread = |violation: &Violation| match (&violation.of, &violation.fault) {
            (Subject::File(name), Fault::Unreadable(_)) => name.ends_with("0.xml"),
            _ => false,
        };
        assert!(small.unproven(&[text]).iter().any(is_unread), "{text}");
    }
    let (_, violations) = Results::read(&[small.path("absent.xml")]);
    assert_eq!(violations.len(), 1);
}

#[test]
fn the_table_has_each_record_with_its_results() {
    let small = Small::new();
    std::fs::write(small.path("0.xml"), nextest("<failure/>")).unwrap();
    let (results, _) = Results::read(&[small.path("0.xml")]);
    let expected = "\
SM-01  proven          A stranger asks
       FAILED          ask::all door::nobody_enters
       passed          ask door::tests::a_key_opens
       NOT RUN         test_template::test_it_is_sound
";
    assert_eq!(table(&small.model(), &results), expected);
}
