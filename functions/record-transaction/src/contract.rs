//! What clients send and are answered.

use kernel::Identifier;
use ledger::{Channel, LONGEST_MESSAGE, LONGEST_SENDER, TransactionAnswer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most equal messages of a person that are all meant.
pub const MOST_OCCURRENCES: u32 = 1_000;

/// A message of a person.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// Whose it is: the tenant's name for the person. Use one that says nothing about the person.
    #[schemars(with = "Identifier")]
    pub user_id: String,
    /// How it arrived.
    pub channel: Channel,
    /// What it says; of an e-mail the subject and the body, which may be HTML. At most 4096 characters.
    #[schemars(length(min = 1, max = LONGEST_MESSAGE))]
    pub message: String,
    /// Who sent it: a header such as `AD-BANKNM`, a number or an address.
    #[schemars(length(min = 1, max = LONGEST_SENDER))]
    pub sender: Option<String>,
    /// When it arrived, RFC 3339. It stands for the time of the transaction where the message does not say it.
    #[schemars(extend("format" = "date-time"))]
    pub received_at: Option<String>,
    /// Which one it is of several messages that are equal and all meant; 1 when absent.
    #[schemars(range(min = 1, max = MOST_OCCURRENCES))]
    pub occurrence: Option<u32>,
}

/// The transaction, stored now or before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordedTransaction {
    /// Whether it was stored before.
    pub duplicate: bool,
    /// The transaction.
    #[serde(flatten)]
    pub transaction: TransactionAnswer,
}
