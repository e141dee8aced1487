//! What can go wrong while a cloud is started or filled from a template.

use std::fmt;

/// Why a cloud could not be started or provisioned. Calls over the wire never produce this: they are
/// answered with the AWS error of their service.
#[derive(Debug)]
pub enum CloudError {
    /// The operating system refused: a port in use, a folder that cannot be written.
    Io {
        /// What was being done, in words.
        doing: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the data folder is not what this version wrote.
    Data {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The template says something the local cloud cannot do or resolve.
    Template {
        /// Where, as a path into the template: `Resources.PepperSecret.Properties.Name`.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// The embedded DynamoDB refused a table of the template.
    Table {
        /// The table's name.
        table: String,
        /// What it said.
        problem: String,
    },
}

impl CloudError {
    pub(crate) fn io(doing: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { doing: doing.into(), source }
    }

    pub(crate) fn template(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Template { place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Data { file, problem } => write!(f, "{file}: {problem}"),
            Self::Template { place, problem } => write!(f, "template, {place}: {problem}"),
            Self::Table { table, problem } => write!(f, "table {table}: {problem}"),
        }
    }
}

impl std::error::Error for CloudError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<std::io::Error> for CloudError {
    fn from(source: std::io::Error) -> Self {
        Self::io("writing the data folder", source)
    }
}
