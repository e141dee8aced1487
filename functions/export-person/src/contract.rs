//! What clients send and are answered.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The query parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// `next_cursor` of the part before.
    pub cursor: Option<String>,
}

/// What is stored about a person: nothing is masked.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(dead_code, reason = "the answer is written piece by piece in this shape")]
pub struct ExportedPerson {
    /// Who.
    pub user_id: Identifier,
    /// When.
    pub exported_at: Timestamp,
    /// What is stored. `kind` says what a record is: `message`, `transaction`, `correction`, `goal` or `import`.
    pub records: Vec<Map<String, Value>>,
    /// Where the export goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
