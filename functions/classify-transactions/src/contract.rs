//! What clients send and are answered.

use std::collections::BTreeMap;

use ledger::{Categorised, Category, Evidence, Outcome, ParsedAnswer, RawMessage, Reading, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most messages of a request.
pub const MOST_MESSAGES: usize = 100;

/// Several messages.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManyMessages {
    /// The messages, at most 100.
    #[schemars(length(min = 1, max = MOST_MESSAGES))]
    pub messages: Vec<RawMessage>,
}

/// One message, or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what the handler tells apart by the member `messages`")]
pub enum ClassifyRequest {
    /// One message.
    One(RawMessage),
    /// Several.
    Many(ManyMessages),
}

/// The answer in the form of the request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ClassifyAnswer {
    /// For one message.
    One(Box<ClassifyOneAnswer>),
    /// For several.
    Many(ClassifiedMessages),
}

/// What the message is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClassifyOneAnswer {
    /// What it is, and what it says if money has moved.
    #[serde(flatten)]
    pub message: ClassifiedMessage,
}

/// What a message is, and what it says if money has moved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClassifiedMessage {
    /// What it is.
    pub outcome: Outcome,
    /// What it says; only of a transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parsed: Option<ParsedAnswer>,
    /// What the payment was for; `other` where there is none.
    pub category: Category,
    /// What kind of it, from the general to the particular.
    pub subcategories: Vec<String>,
    /// How surely the category is right, from 0 to 1; where there is no payment, how surely there is none.
    pub confidence: f32,
    /// Why.
    pub reason: Reason,
    /// Where the message says what: by the name of the field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<&'static str, Evidence>,
}

/// What each message is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClassifiedMessages {
    /// In the order of the messages.
    pub results: Vec<ClassifiedMessage>,
}

impl ClassifiedMessage {
    /// What was read and what it was for.
    #[must_use]
    pub fn new(reading: &Reading, categorised: Option<Categorised>) -> Self {
        let categorised = categorised.unwrap_or_else(|| Categorised {
            category: Category::Other,
            subcategories: Vec::new(),
            confidence: reading.confidence,
            reason: Reason::NoTransaction,
        });
        Self {
            outcome: reading.outcome,
            parsed: reading.parsed.as_ref().map(ParsedAnswer::unmasked),
            category: categorised.category,
            subcategories: categorised.subcategories.iter().map(|name| (*name).to_owned()).collect(),
            confidence: categorised.confidence,
            reason: categorised.reason,
            evidence: reading.parsed.as_ref().map(ledger::Parsed::evidence).unwrap_or_default(),
        }
    }
}
