//! A small repository in which everything holds.

use std::{fs, path::PathBuf};

use palisade_threats::{Fault, Model, PAGE, Results, Subject, Violation, examine, page};
use tempfile::TempDir;

/// Where it is.
pub(crate) struct Small(TempDir);

pub(crate) const RECORD: &str = r#"
[[record]]
id = "SM-01"
title = "A stranger asks"
sources = ["first/asking/threat"]
stride = ["S"]
elements = ["front"]
threat = "Somebody without a key asks."
control = "Every route asks for a key."
tests = ["ask::all door::nobody_enters", "ask door::tests::a_key_opens"]
assertions = ["test_template::test_it_is_sound"]
enforced_by = ["functions/ask/src/door.rs#open", "template.yaml#AskFunction"]
watched_by = ["refusals"]
state = "proven"
residual = "Whoever has a key may ask."
"#;

const FILES: [(&str, &str); 16] = [
    ("infra/threats/records/smart_maintenance.toml", RECORD),
    ("infra/threats/records/amifi.toml", ""),
    ("infra/threats/records/abuse.toml", ""),
    ("infra/threats/records/owasp_api.toml", ""),
    ("infra/threats/records/asvs.toml", ""),
    (
        "infra/threats/sources.toml",
        r#"
[[statement]]
id = "first/asking/threat"
document = "first.md"
section = "1. Asking"
kind = "threat"
summary = "Strangers may ask."
"#,
    ),
    (
        "infra/threats/elements.toml",
        r#"
[[element]]
id = "people"
kind = "external"
name = "People"
flows_to = ["front"]

[[element]]
id = "front"
kind = "process"
name = "The front"
zone = "Cloud"
resources = ["Api", "AskFunction"]
functions = ["ask"]
flows_to = ["answers"]

[[element]]
id = "answers"
kind = "store"
name = "Answers"
zone = "Cloud"
resources = ["AnswersTable"]
"#,
    ),
    (
        "template.yaml",
        "
Resources:
  Api:
    Type: AWS::Serverless::Api
  AskFunction:
    Type: AWS::Serverless::Function
    Metadata:
      Binary: ask
    Properties:
      Role: !GetAtt AskRole.Arn
      Events:
        Get:
          Type: Api
          Properties:
            Method: GET
            Path: /v1/answers
  AnswersTable:
    Type: AWS::DynamoDB::Table
",
    ),
    ("functions/describe-api/openapi.json", r#"{"paths": {"/v1/answers": {"get": {}, "parameters": []}}}"#),
    ("functions/ask/Cargo.toml", "[package]\nname = \"ask\"\n"),
    ("functions/ask/src/lib.rs", "mod door;\n"),
    (
        "functions/ask/src/door.rs",
        "pub struct Door;\n\nimpl Door {\n    pub fn open(&self) {\n        count(\"refusals\");\n    }\n}\n
mod tests {\n    #[test]\n    fn a_key_opens() {}\n}\n",
    ),
    ("functions/ask/tests/all/door.rs", "#[tokio::test]\nasync fn nobody_enters() {}\n"),
    ("tests/contract/test_contract.py", "def test_it_is_kept(run):\n    pass\n"),
    ("tests/template/test_template.py", "def sound(template):\n    pass\n\n\ndef test_it_is_sound(check):\n    pass\n"),
    ("Cargo.toml", "[workspace]\nmembers = [\"functions/*\"]\n"),
];

impl Small {
    pub(crate) fn new() -> Self {
        let small = Self(TempDir::new().unwrap());
        for (path, text) in FILES {
            small.write(path, text);
        }
        // The folder of the contract is a function too.
        small.replace(
            "infra/threats/elements.toml",
            "functions = [\"ask\"]",
            "functions = [\"ask\", \"describe-api\"]",
        );
        small.write_page();
        small
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Changes what stands once in a file.
    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old} in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// Changes the record.
    pub(crate) fn record(&self, old: &str, new: &str) {
        self.replace("infra/threats/records/smart_maintenance.toml", old, new);
    }

    pub(crate) fn model(&self) -> Model {
        Model::read(self.0.path()).0
    }

    fn write_page(&self) {
        self.write(PAGE, &page(&self.model()));
    }

    /// What does not hold, apart from the page's being old.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.write_page();
        examine(self.0.path()).violations
    }

    /// What does not hold, the page included.
    pub(crate) fn violations_as_it_is(&self) -> Vec<Violation> {
        examine(self.0.path()).violations
    }

    /// What does not hold by these JUnit files.
    pub(crate) fn unproven(&self, junit: &[&str]) -> Vec<Violation> {
        let files: Vec<_> = (0..junit.len()).map(|number| self.path(&format!("{number}.xml"))).collect();
        for (file, text) in files.iter().zip(junit) {
            fs::write(file, text).unwrap();
        }
        let (results, mut violations) = Results::read(&files);
        violations.extend(results.against(&self.model()));
        violations
    }
}

pub(crate) fn of_record(fault: Fault) -> Vec<Violation> {
    vec![Violation { of: Subject::Record("SM-01".to_owned()), fault }]
}
