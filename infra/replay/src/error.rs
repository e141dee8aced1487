//! Why a run cannot be carried out.

use std::{fmt, io, path::PathBuf};

use crate::client::Problem;

/// Why a run cannot be carried out.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, and Display says it in words")]
pub enum ReplayError {
    File { path: PathBuf, error: io::Error },
    Csv { path: PathBuf, error: csv::Error },
    NoColumn { path: PathBuf, name: String },
    NoRows { path: PathBuf },
    Row { path: PathBuf, line: u64, what: &'static str },
    NoBase,
    NoKey,
    BadKey,
    DevFile(serde_json::Error),
    Client(reqwest::Error),
    Body(serde_json::Error),
    GaveUp { attempts: u32, last: String },
    Refused(Problem),
    Answer { status: u16 },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Csv { path, error } => write!(f, "{}: {error}", path.display()),
            Self::NoColumn { path, name } => write!(f, "{}: there is no column {name:?}", path.display()),
            Self::NoRows { path } => write!(f, "{}: there are no rows", path.display()),
            Self::Row { path, line, what } => write!(f, "{}, line {line}: {what}", path.display()),
            Self::NoBase => f.write_str("give --base, or run `make dev`, which writes .local/dev.json"),
            Self::NoKey => f.write_str("give --key; the key in .local/dev.json is sent to the base named there only"),
            Self::BadKey => f.write_str("the key has characters that no key has"),
            Self::DevFile(error) => write!(f, ".local/dev.json: {error}"),
            Self::Client(error) => write!(f, "no HTTP client: {error}"),
            Self::Body(error) => write!(f, "a row cannot be written as JSON: {error}"),
            Self::GaveUp { attempts, last } => write!(f, "gave up after {attempts} attempts: {last}"),
            Self::Refused(problem) => problem.fmt(f),
            Self::Answer { status } => write!(f, "the answer with status {status} is not what the API documents"),
        }
    }
}

impl std::error::Error for ReplayError {}
