//! What clients send and are answered.

use kernel::Identifier;
use ledger::{Category, Kind, TransactionAnswer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransactionQuery {
    /// Whose transactions.
    #[schemars(with = "Identifier")]
    pub user_id: String,
    /// Only of this time or later, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub from: Option<String>,
    /// Only of this time or earlier, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub to: Option<String>,
    /// Only for this.
    pub category: Option<Category>,
    /// Only this way.
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// Only of the account or card that ends in these four digits. What was stored a moment ago may be missing.
    pub account: Option<String>,
    /// Only with the other side of this name, whatever its letter case and punctuation. What was stored a moment ago may
    /// be missing.
    pub merchant: Option<String>,
    /// The most transactions to answer; 50 when absent.
    #[schemars(range(min = 1, max = gate::LARGEST_PAGE))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of transactions, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TransactionPage {
    /// The transactions. A page may have fewer than asked for, or none, and the list still go on.
    pub transactions: Vec<TransactionAnswer>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
