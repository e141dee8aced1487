//! A message as it arrived.

use jiff::Timestamp;
use kernel::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a message arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "MessageChannel")]
pub enum Channel {
    /// A short message.
    Sms,
    /// An e-mail: subject and body, plain or HTML.
    Email,
}

/// An SMS or e-mail of a bank.
#[derive(Clone, Debug)]
pub struct Message {
    /// How it arrived.
    pub channel: Channel,
    /// What it says, as it arrived.
    pub text: Secret<String>,
    /// Who sent it: a header such as `AD-BANKNM`, a number or an address.
    pub sender: Option<Secret<String>>,
    /// When it arrived.
    pub received_at: Option<Timestamp>,
}
