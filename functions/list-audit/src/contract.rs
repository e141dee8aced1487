//! What clients send and are answered.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// The earliest time, included; RFC 3339. The beginning when absent.
    #[schemars(extend("format" = "date-time"))]
    pub from: Option<String>,
    /// The latest time, included; RFC 3339. The end when absent.
    #[schemars(extend("format" = "date-time"))]
    pub to: Option<String>,
    /// The most entries to answer; 50 when absent.
    #[schemars(range(min = 1, max = gate::LARGEST_PAGE))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before, with otherwise the same query.
    pub cursor: Option<String>,
}

/// A page of the audit trail, the newest entries first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditPage {
    /// The entries. What was written a moment ago may be missing.
    pub entries: Vec<AuditItem>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}

/// One link of a chain of entries.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditItem {
    /// Who wrote it: one process of one function. Its entries are numbered without gaps.
    pub writer: String,
    /// Its number in the writer's chain, from 0.
    pub sequence: u64,
    /// Whether it is, in this place, what was written; `false` when it was changed since.
    pub authentic: bool,
    /// What it says; absent when it was changed so that nothing can be read.
    #[serde(flatten)]
    pub entry: Option<AuditStatement>,
}

/// What an entry says.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditStatement {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: Timestamp,
    /// With which key; absent when the product did it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The scope the route asks for; absent if it asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The function.
    pub route: String,
    /// `stored`, `exported`, or why it was refused: `denied_scope`, `denied_key`, `denied_context`.
    pub decision: String,
    /// What was written, each as `kind/id`.
    pub objects: Vec<String>,
    /// A keyed hash of the request's path, query and body; absent where there was nothing to store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The request, as its answer and its log line name it.
    pub request_id: String,
}
