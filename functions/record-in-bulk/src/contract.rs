//! What clients send and are answered.

use kernel::Identifier;
use ledger::{Channel, Rejected};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most messages of a request.
pub const MOST_MESSAGES: usize = 1_000;

/// Many messages. What is said here counts for each message that does not say it itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest<'a> {
    /// Whose messages they are.
    #[schemars(with = "Option<Identifier>")]
    pub user_id: Option<String>,
    /// How they arrived.
    pub channel: Option<Channel>,
    /// The messages, at most 1000: objects, or their texts alone. One that cannot be read is rejected alone.
    #[serde(borrow)]
    #[schemars(with = "Vec<intake::AnyRow>", length(min = 1, max = MOST_MESSAGES))]
    pub messages: Vec<&'a RawValue>,
}

/// What became of the messages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BulkAnswer {
    /// How many messages are done.
    pub processed: usize,
    /// How many of them were stored.
    pub stored: usize,
    /// How many of them were stored before.
    pub duplicates: usize,
    /// Those that are no transactions or cannot be read.
    pub rejected: Vec<Rejected>,
    /// Those that are stored.
    pub results: Vec<BulkResult>,
    /// Whether all messages are done. If not, send the same request again with the same `Idempotency-Key`: what is done
    /// is found and the rest is done.
    pub complete: bool,
    /// The first message that is not done; absent when all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_index: Option<usize>,
}

/// A message that is stored.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BulkResult {
    /// Which one, from 0.
    pub index: u64,
    /// Its transaction.
    pub transaction_id: Identifier,
    /// Whether it was stored before.
    pub duplicate: bool,
}
