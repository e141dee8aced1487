//! What clients send and are answered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::Identifier;
use ledger::{Channel, Import};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest file, in bytes.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// A file of messages: one JSON object on each line, as in `POST /v1/transactions/bulk`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Whose messages they are.
    #[schemars(with = "Identifier")]
    pub user_id: String,
    /// How they arrived, where a line does not say it.
    pub channel: Option<Channel>,
    /// How long the file is, in bytes; no other length can be uploaded.
    #[schemars(range(min = 1, max = LARGEST_FILE))]
    pub size: u64,
}

/// An import that waits for its file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StartedImport {
    /// The import.
    #[serde(flatten)]
    pub import: Import,
    /// How to upload the file. It is worked off as soon as it is there.
    pub upload: Upload,
}

/// How to upload a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Upload {
    /// The method of the request.
    pub method: &'static str,
    /// Its address. Whoever knows it can upload the file: keep it as a key.
    pub url: String,
    /// The headers it must have.
    pub headers: BTreeMap<String, String>,
    /// Until when.
    pub expires_at: Timestamp,
}
