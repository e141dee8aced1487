//! The rows, and what is in them.

use std::collections::BTreeMap;

use kernel::{Identifier, Secret};
use ledger::{Category, Channel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The attributes that are sealed, by the kind of row.
pub const SEALED: [(&str, &[&str]); 4] = [
    ("message", &["message"]),
    ("transaction", &["account", "merchant", "counterparty", "reference", "balance"]),
    ("correction", &["merchant"]),
    ("goal", &["name"]),
];

/// What is stored of a message in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageFacts {
    /// The transaction it tells of.
    pub transaction_id: Identifier,
    /// Which row of which bulk request or import it was, so that this, sent again, is not taken for a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// What is stored of a correction in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectionFacts {
    /// What the merchant's payments are for.
    pub category: Category,
}

/// A message as it is sealed. It can be serialised only to be sealed at once.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedMessage {
    pub(crate) channel: Channel,
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) received_at: Option<jiff::Timestamp>,
    pub(crate) occurrence: u32,
}

/// The values of a row that are to be sealed, by attribute.
pub(crate) type Plain = BTreeMap<&'static str, Secret<String>>;

pub(crate) const MESSAGE: &str = "M#";
pub(crate) const TRANSACTION: &str = "T#";
pub(crate) const CORRECTION: &str = "C#";
pub(crate) const GOAL: &str = "G#";
