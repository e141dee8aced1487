//! The real files, without results of test runs.

use std::path::Path;

use palisade_threats::{Book, examine};

#[test]
fn everything_holds_that_needs_no_test_run() {
    let findings = examine(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let violations: Vec<_> = findings.violations.iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "violations: {}\n{}", violations.len(), violations.join("\n"));
}

/// A model that was read from nowhere would hold everything.
#[test]
fn every_book_and_document_is_there() {
    let model = examine(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).model;
    for book in Book::ALL {
        assert!(model.records.iter().any(|record| record.book == book), "{book:?}");
    }
    for document in ["smart-maintenance-threat-model.md", "amifi-threat-model.md"] {
        assert!(model.statements.iter().any(|statement| statement.document == document), "{document}");
    }
}
