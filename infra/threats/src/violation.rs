//! Everything the gate can say: of what, and what is wrong with it.

use std::fmt;

use crate::WRITE;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Of what.
    pub of: Subject,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What a violation is about: the id or the name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Subject {
    File(String),
    Statement(String),
    Element(String),
    Record(String),
    Route(String),
    Resource(String),
    Function(String),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "Display says each in words")]
pub enum Fault {
    /// A file that cannot be read, or is not in its format.
    Unreadable(String),
    /// A field is unknown, absent or of another type.
    Fields(String),
    Id {
        shape: &'static str,
    },
    Repeated,
    Blank(&'static str),
    Missing(&'static str),
    Unwanted(&'static str),
    Malformed {
        field: &'static str,
        value: String,
        shape: &'static str,
    },
    NoEvidence,
    NothingEnforces,
    NoSuchSource(String),
    NoSuchElement(String),
    NoSuchResource(String),
    NoSuchFunction(String),
    NoRecord,
    NoElement,
    Elements(Vec<String>),
    NotServed,
    NoSuchTest(String),
    NoSuchAssertion(String),
    NoSuchFile(String),
    NoSuchItem {
        path: String,
        item: String,
    },
    NotWatched(String),
    NotRun(String),
    Skipped(String),
    Failed(String),
    Stale,
}

impl Violation {
    /// A file that cannot be read or written, or is not in its format.
    pub fn unreadable(file: &str, why: &impl fmt::Display) -> Self {
        let why = why.to_string();
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        Fault::Unreadable(why).of(Subject::File(file.to_owned()))
    }
}

impl Fault {
    pub(crate) fn of(self, of: Subject) -> Violation {
        Violation { of, fault: self }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.of, self.fault)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => f.write_str(name),
            Self::Statement(name) => write!(f, "statement {name}"),
            Self::Element(name) => write!(f, "element {name}"),
            Self::Record(name) => write!(f, "record {name}"),
            Self::Route(name) => write!(f, "route {name}"),
            Self::Resource(name) => write!(f, "resource {name}"),
            Self::Function(name) => write!(f, "function {name}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) | Self::Fields(why) => f.write_str(why),
            Self::Id { shape } => write!(f, "the id is not of the form {shape}"),
            Self::Repeated => f.write_str("the id is used more than once"),
            Self::Blank(field) => write!(f, "{field} is empty"),
            Self::Missing(field) => write!(f, "{field} is missing and required here"),
            Self::Unwanted(field) => write!(f, "{field} has no place here"),
            Self::Malformed { field, value, shape } => write!(f, "{field}: {value:?} is not of the form {shape}"),
            Self::NoEvidence => f.write_str("is proven, and names no test and no assertion"),
            Self::NothingEnforces => f.write_str("is proven, and names neither code nor an assertion"),
            Self::NoSuchSource(id) => write!(f, "there is no statement {id}"),
            Self::NoSuchElement(id) => write!(f, "there is no element {id}"),
            Self::NoSuchResource(id) => write!(f, "the template has no resource {id}"),
            Self::NoSuchFunction(name) => write!(f, "there is no function {name}"),
            Self::NoRecord => f.write_str("no record answers it"),
            Self::NoElement => f.write_str("is in no element"),
            Self::Elements(ids) => write!(f, "is in more than one element: {}", ids.join(", ")),
            Self::NotServed => f.write_str("no function of the template serves it"),
            Self::NoSuchTest(name) => write!(f, "the source has no test `{name}`"),
            Self::NoSuchAssertion(name) => write!(f, "there is no assertion `{name}`"),
            Self::NoSuchFile(path) => write!(f, "there is no file {path}"),
            Self::NoSuchItem { path, item } => write!(f, "{path} defines no {item}"),
            Self::NotWatched(name) => write!(f, "neither the template nor the code has a metric or alarm {name}"),
            Self::NotRun(name) => write!(f, "`{name}` is not among the results"),
            Self::Skipped(name) => write!(f, "`{name}` was skipped"),
            Self::Failed(name) => write!(f, "`{name}` failed"),
            Self::Stale => write!(f, "is not what the records say; `{WRITE}` writes it"),
        }
    }
}
