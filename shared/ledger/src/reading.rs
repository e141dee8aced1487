//! What a message says.

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};
use kernel::{Money, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Message;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Money has moved.
    Transaction,
    /// Money will have to be paid, or will be taken.
    Reminder,
    /// A one-time password.
    Otp,
    /// An offer.
    Promotion,
    /// A payment that did not come about.
    Declined,
    /// What an account or card holds, and nothing else.
    Balance,
    /// Somebody asks for money.
    Request,
    /// Anything else.
    Unrecognised,
}

impl Outcome {
    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Reminder => "reminder",
            Self::Otp => "otp",
            Self::Promotion => "promotion",
            Self::Declined => "declined",
            Self::Balance => "balance",
            Self::Request => "request",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// What kind of movement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "TransactionType")]
pub enum Kind {
    /// To the person.
    Credit,
    /// From the person.
    Debit,
    /// From the person, for a bill.
    Bill,
    /// From the person, to the bank, for its service.
    Fee,
    /// The message does not say.
    Other,
}

/// With what it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Instrument {
    Account,
    Card,
    Upi,
    Wallet,
}

/// The system that carried the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Rail {
    Upi,
    Neft,
    Imps,
    Rtgs,
    Ach,
    Cheque,
    Cash,
}

/// A value, where the message says it, and how surely.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the text of the message.
    pub span: Range<usize>,
    /// From 0 to 1.
    pub confidence: f32,
}

/// Where a time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// The message says it.
    Message,
    /// The message was received then.
    ReceivedAt,
    /// Neither is known: the time of the request.
    Request,
}

/// A movement of money, as a message tells it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// How much; positive.
    pub amount: Found<Money>,
    /// Which way.
    pub kind: Found<Kind>,
    /// The person's own account or card: the digits that the message shows, without what masks the others.
    pub account: Option<Found<Secret<String>>>,
    /// With what.
    pub instrument: Option<Found<Instrument>>,
    /// By which system.
    pub rail: Option<Found<Rail>>,
    /// The business or person on the other side, by name.
    pub merchant: Option<Found<Secret<String>>>,
    /// The account or payment address on the other side.
    pub counterparty: Option<Found<Secret<String>>>,
    /// What the payment is called by: the reference of UPI, NEFT, IMPS, RTGS, a cheque's number.
    pub reference: Option<Found<Secret<String>>>,
    /// When it happened.
    pub time: Timestamp,
    /// Who says so.
    pub time_source: TimeSource,
    /// The bytes that say so.
    pub time_span: Option<Range<usize>>,
    /// What the account holds afterwards.
    pub balance: Option<Found<Money>>,
    /// What the card may still spend.
    pub limit: Option<Found<Money>>,
}

/// What a message is, and what it says if money has moved.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it is.
    pub outcome: Outcome,
    /// How surely, from 0 to 1.
    pub confidence: f32,
    /// The movement; there if and only if the outcome is [`Outcome::Transaction`].
    pub parsed: Option<Parsed>,
}

/// Reads a message. Times without an offset are by the clock of `zone`; `now` is the time of the request.
#[must_use]
pub fn read(message: &Message, now: Timestamp, zone: &TimeZone) -> Reading {
    crate::parse::read(message, now, zone)
}
