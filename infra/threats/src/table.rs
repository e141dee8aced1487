//! Records and results for a terminal.

use std::fmt::Write as _;

use crate::{Model, Outcome, Results};

/// Each record in a line, and each of its tests with its result in a line below.
pub fn table(model: &Model, results: &Results) -> String {
    let mut text = String::new();
    let width = model.records.iter().map(|record| record.id.len()).max().unwrap_or_default();
    for record in &model.records {
        line(&mut text, width, &record.id, record.state.name(), &record.title);
        for test in &record.tests {
            line(&mut text, width, "", word(results.of_test(test)), &test.to_string());
        }
        for assertion in &record.assertions {
            line(&mut text, width, "", word(results.of_assertion(assertion)), &assertion.to_string());
        }
    }
    text
}

fn line(text: &mut String, width: usize, id: &str, state: &str, what: &str) {
    // Writing to a String does not fail.
    _ = writeln!(text, "{id:width$}  {state:14}  {what}");
}

fn word(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Passed) => "passed",
        Some(Outcome::Skipped) => "SKIPPED",
        Some(Outcome::Failed) => "FAILED",
        None => "NOT RUN",
    }
}
