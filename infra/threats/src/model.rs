//! Statements, elements and records as they are written, read into types.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

use crate::{
    FOLDER, Fault, Subject, Violation,
    record::{Book, Record, Written},
};

/// What the files say, without what breaks a rule of their format.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Model {
    pub statements: Vec<Statement>,
    pub elements: Vec<Element>,
    pub records: Vec<Record>,
    /// Ids of the statements that some record names, sound or not.
    pub(crate) answered: BTreeSet<String>,
}

/// What one of the first threat models states.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Statement {
    pub id: String,
    pub document: String,
    pub section: String,
    pub kind: StatementKind,
    /// In our own words.
    pub summary: String,
}

/// What a statement is in its document.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum StatementKind {
    Threat,
    Mitigation,
    Control,
    Recommendation,
    Risk,
    Finding,
    Posture,
}

/// Someone or something that data comes from, goes through or stays in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Element {
    pub id: String,
    pub kind: Kind,
    pub name: String,
    /// Logical ids of the template.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Folders of `functions/`; their routes come with them.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Ids of other elements.
    #[serde(default)]
    pub flows_to: Vec<String>,
    /// The trust boundary around it.
    pub zone: Option<String>,
}

/// What an element is in the diagram.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    External,
    Process,
    Store,
}

impl Model {
    /// Reads the files, from the root of the repository.
    pub fn read(root: &Path) -> (Self, Vec<Violation>) {
        let mut model = Self::default();
        let mut violations = Vec::new();
        for table in tables(root, "sources.toml", "statement", &mut violations) {
            if let Some(statement) = typed::<Statement>(table, Subject::Statement, &mut violations) {
                let texts = [("id", &statement.id), ("document", &statement.document), ("summary", &statement.summary)];
                not_blank(&texts, &Subject::Statement(statement.id.clone()), &mut violations);
                model.statements.push(statement);
            }
        }
        for table in tables(root, "elements.toml", "element", &mut violations) {
            if let Some(element) = typed::<Element>(table, Subject::Element, &mut violations) {
                let texts = [("id", &element.id), ("name", &element.name)];
                not_blank(&texts, &Subject::Element(element.id.clone()), &mut violations);
                model.elements.push(element);
            }
        }
        for book in Book::ALL {
            for table in tables(root, &format!("records/{}", book.file()), "record", &mut violations) {
                model.record(book, table, &mut violations);
            }
        }
        violations.extend(foreign_files(root));
        violations.extend(model.repeated());
        (model, violations)
    }

    fn record(&mut self, book: Book, table: Table, violations: &mut Vec<Violation>) {
        let sources = table.get("sources").and_then(Value::as_array);
        self.answered.extend(sources.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        let Some(written) = typed::<Written>(table, Subject::Record, violations) else {
            return;
        };
        let subject = Subject::Record(written.id.clone());
        match written.into_record(book) {
            Ok(record) => self.records.push(record),
            Err(faults) => violations.extend(faults.into_iter().map(|fault| fault.of(subject.clone()))),
        }
    }

    fn repeated(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        let mut once = |ids: Vec<&String>, subject: fn(String) -> Subject| {
            let mut seen = BTreeSet::new();
            let repeated: BTreeSet<_> = ids.into_iter().filter(|id| !seen.insert(*id)).collect();
            violations.extend(repeated.into_iter().map(|id| Fault::Repeated.of(subject(id.clone()))));
        };
        once(self.statements.iter().map(|one| &one.id).collect(), Subject::Statement);
        once(self.elements.iter().map(|one| &one.id).collect(), Subject::Element);
        once(self.records.iter().map(|one| &one.id).collect(), Subject::Record);
        violations
    }

    pub(crate) fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.id == id)
    }
}

/// The entries of one file, which has nothing else.
fn tables(root: &Path, name: &str, key: &str, violations: &mut Vec<Violation>) -> Vec<Table> {
    let file = format!("{FOLDER}/{name}");
    let mut unread = |why: &dyn fmt::Display| violations.push(Violation::unreadable(&file, &why));
    let text = match fs::read_to_string(root.join(&file)) {
        Ok(text) => text,
        Err(error) => {
            unread(&error);
            return Vec::new();
        }
    };
    let mut tables = Vec::new();
    match text.parse::<Table>() {
        Err(error) => unread(&error),
        Ok(entries) => {
            for (other, value) in entries {
                match value {
                    Value::Array(items) if other == key => {
                        for item in items {
                            match item {
                                Value::Table(table) => tables.push(table),
                                _ => unread(&format!("an entry of {key} is not a table")),
                            }
                        }
                    }
                    _ => unread(&format!("{other} is not [[{key}]]")),
                }
            }
        }
    }
    tables
}

fn typed<T: DeserializeOwned>(table: Table, subject: fn(String) -> Subject, all: &mut Vec<Violation>) -> Option<T> {
    let id = table.get("id").and_then(Value::as_str).unwrap_or("without id").to_owned();
    let read = Value::Table(table).try_into::<T>();
    let why = |error: toml::de::Error| error.message().to_owned();
    read.map_err(|error| all.push(Fault::Fields(why(error)).of(subject(id)))).ok()
}

fn not_blank(texts: &[(&'static str, &String)], subject: &Subject, violations: &mut Vec<Violation>) {
    let blank = texts.iter().filter(|(_, text)| text.trim().is_empty());
    violations.extend(blank.map(|(field, _)| Fault::Blank(field).of(subject.clone())));
}

/// Files of `records/` that no book has: what stands there would be read by nobody.
fn foreign_files(root: &Path) -> Vec<Violation> {
    let names = fs::read_dir(root.join(FOLDER).join("records")).into_iter().flatten().flatten();
    names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".toml") && Book::ALL.iter().all(|book| book.file() != name))
        .map(|name| Violation::unreadable(&format!("{FOLDER}/records/{name}"), &"is not one of the known books"))
        .collect()
}

impl fmt::Display for StatementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threat => "threat",
            Self::Mitigation => "mitigation",
            Self::Control => "control",
            Self::Recommendation => "recommendation",
            Self::Risk => "risk",
            Self::Finding => "finding",
            Self::Posture => "posture",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::External => "external",
            Self::Process => "process",
            Self::Store => "store",
        })
    }
}
