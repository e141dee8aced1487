//! Results of test runs, and what must hold between them and the model.
//!
//! cargo-nextest names a test by its suite (the binary) and its case (the path); pytest by the class (the module, with
//! its packages) and the case (the function, with its parameter). A test that is run again is as its last run ended:
//! nextest says `failure` only if that failed, and `flakyFailure` or `rerunFailure` for the others. A test that several
//! files have is as good as its worst result.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use roxmltree::{Document, Node};

use crate::{Assertion, Fault, Model, Subject, TestName, Violation};

/// How one test ended; a later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Outcome {
    Passed,
    Skipped,
    Failed,
}

/// How the tests ended.
#[derive(Debug, Default)]
pub struct Results {
    /// By binary and path.
    tests: BTreeMap<(String, String), Outcome>,
    /// By module and function, and then by the whole name.
    assertions: BTreeMap<(String, String), BTreeMap<String, Outcome>>,
}

impl Results {
    /// Reads the files; each violation is a file that is none.
    pub fn read(files: &[PathBuf]) -> (Self, Vec<Violation>) {
        let mut results = Self::default();
        let mut violations = Vec::new();
        for file in files {
            if let Err(violation) = results.add(file) {
                violations.push(violation);
            }
        }
        (results, violations)
    }

    fn add(&mut self, file: &Path) -> Result<(), Violation> {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| Violation::unreadable(&name, &error))?;
        let document = Document::parse(&text).map_err(|error| Violation::unreadable(&name, &error))?;
        if !matches!(document.root_element().tag_name().name(), "testsuites" | "testsuite") {
            return Err(Violation::unreadable(&name, &"is not a JUnit file"));
        }
        for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
            let Some(name) = case.attribute("name") else { continue };
            let outcome = outcome(case);
            if let Some(suite) = case.parent().and_then(|suite| suite.attribute("name")) {
                worst(self.tests.entry((suite.to_owned(), name.to_owned())).or_insert(outcome), outcome);
            }
            if let Some(class) = case.attribute("classname") {
                let module = class.rsplit('.').next().unwrap_or(class);
                let function = name.split('[').next().unwrap_or(name);
                let cases = self.assertions.entry((module.to_owned(), function.to_owned())).or_default();
                worst(cases.entry(name.to_owned()).or_insert(outcome), outcome);
            }
        }
        Ok(())
    }

    /// How a Rust test ended; none if it was not run.
    pub fn of_test(&self, test: &TestName) -> Option<Outcome> {
        self.tests.get(&(test.binary.clone(), test.path.clone())).copied()
    }

    /// How an assertion ended, the worst of its parameters; none if it was not run.
    pub fn of_assertion(&self, assertion: &Assertion) -> Option<Outcome> {
        let cases = self.assertions.get(&(assertion.module.clone(), assertion.function.clone()))?;
        match &assertion.parameter {
            None => cases.values().max().copied(),
            Some(parameter) => cases.get(&format!("{}[{parameter}]", assertion.function)).copied(),
        }
    }

    /// Every test and assertion of a record that did not pass.
    pub fn against(&self, model: &Model) -> Vec<Violation> {
        let mut violations = Vec::new();
        for record in &model.records {
            let tests = record.tests.iter().map(|test| (test.to_string(), self.of_test(test)));
            let assertions = record.assertions.iter().map(|one| (one.to_string(), self.of_assertion(one)));
            for (name, outcome) in tests.chain(assertions) {
                let fault = match outcome {
                    Some(Outcome::Passed) => continue,
                    Some(Outcome::Skipped) => Fault::Skipped(name),
                    Some(Outcome::Failed) => Fault::Failed(name),
                    None => Fault::NotRun(name),
                };
                violations.push(fault.of(Subject::Record(record.id.clone())));
            }
        }
        violations
    }
}

fn outcome(case: Node<'_, '_>) -> Outcome {
    let inside = case.children().filter(Node::is_element).map(|node| match node.tag_name().name() {
        "failure" | "error" => Outcome::Failed,
        "skipped" => Outcome::Skipped,
        _ => Outcome::Passed,
    });
    inside.max().unwrap_or(Outcome::Passed)
}

fn worst(kept: &mut Outcome, other: Outcome) {
    *kept = (*kept).max(other);
}
