//! A transaction, as it is stored and as it is answered.
//!
//! It is stored in two halves: [`TransactionFacts`] can be read without the person's key, because goals and lists are made of
//! them; [`Particulars`] are sealed, each by itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{Identifier, Money, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Categorised, Category, Channel, Fact, Found, GoalImpact, Instrument, Kind, Outcome, Parsed, Rail, Reason,
    TimeSource,
    mask::{masked, masked_address, name_without_numbers},
};

/// What is stored of a transaction in clear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionFacts {
    /// Its id; ids are in the order of the transactions' times.
    pub transaction_id: Identifier,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who says so.
    pub time_source: TimeSource,
    /// How much; positive.
    pub amount: Money,
    /// Which way.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Instrument>,
    /// By which system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rail: Option<Rail>,
    /// How the message arrived.
    pub channel: Channel,
    /// What it was for.
    pub category: Category,
    /// What kind of it.
    pub subcategories: Vec<String>,
    /// How surely, from 0 to 1.
    pub confidence: f32,
    /// Why.
    pub reason: Reason,
    /// When it was stored.
    pub recorded_at: Timestamp,
}

/// What is sealed of a transaction.
#[derive(Clone, Debug, Default)]
pub struct Particulars {
    /// The person's own account or card: the digits the message shows.
    pub account: Option<Secret<String>>,
    /// The name of the other side.
    pub merchant: Option<Secret<String>>,
    /// The account or payment address of the other side.
    pub counterparty: Option<Secret<String>>,
    /// What the payment is called by.
    pub reference: Option<Secret<String>>,
    /// What the account held afterwards.
    pub balance: Option<Money>,
}

/// A transaction.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// What is not sealed.
    pub facts: TransactionFacts,
    /// What is.
    pub particulars: Particulars,
}

impl Transaction {
    /// What a message tells.
    #[must_use]
    pub fn new(
        transaction_id: Identifier,
        parsed: &Parsed,
        categorised: &Categorised,
        channel: Channel,
        recorded_at: Timestamp,
    ) -> Self {
        let facts = TransactionFacts {
            transaction_id,
            timestamp: parsed.time,
            time_source: parsed.time_source,
            amount: parsed.amount.value,
            kind: parsed.kind.value,
            instrument: parsed.instrument.as_ref().map(|found| found.value),
            rail: parsed.rail.as_ref().map(|found| found.value),
            channel,
            category: categorised.category,
            subcategories: categorised.subcategories.iter().map(|name| (*name).to_owned()).collect(),
            confidence: categorised.confidence,
            reason: categorised.reason,
            recorded_at,
        };
        let particulars = Particulars {
            account: parsed.account.as_ref().map(|found| found.value.clone()),
            merchant: parsed.merchant.as_ref().map(|found| found.value.clone()),
            counterparty: parsed.counterparty.as_ref().map(|found| found.value.clone()),
            reference: parsed.reference.as_ref().map(|found| found.value.clone()),
            balance: parsed.balance.as_ref().map(|found| found.value),
        };
        Self { facts, particulars }
    }

    /// The transaction as clients see it: of accounts and references the last four characters.
    #[must_use]
    pub fn answer(&self, goal_impacts: Vec<GoalImpact>) -> TransactionAnswer {
        let Self { facts, particulars } = self;
        let shown =
            |value: &Option<Secret<String>>, how: fn(&str) -> String| value.as_ref().map(|value| how(value.reveal()));
        let account = shown(&particulars.account, masked);
        let reference = shown(&particulars.reference, masked);
        TransactionAnswer {
            transaction_id: facts.transaction_id.clone(),
            outcome: Outcome::Transaction,
            parsed: ParsedAnswer {
                amount: facts.amount,
                kind: facts.kind,
                account_last4: account.as_ref().map(|account| account.trim_start_matches('*').to_owned()),
                instrument: facts.instrument,
                rail: facts.rail,
                merchant: shown(&particulars.merchant, name_without_numbers),
                counterparty: shown(&particulars.counterparty, masked_address),
                reference: reference.clone(),
                timestamp: facts.timestamp,
                time_source: facts.time_source,
                balance: particulars.balance,
                limit: None,
            },
            category: facts.category,
            subcategories: facts.subcategories.clone(),
            confidence: facts.confidence,
            reason: facts.reason,
            account,
            reference,
            channel: facts.channel,
            recorded_at: facts.recorded_at,
            goal_impacts,
        }
    }
}

impl From<&TransactionFacts> for Fact {
    fn from(facts: &TransactionFacts) -> Self {
        Self {
            id: facts.transaction_id.clone(),
            time: facts.timestamp,
            amount: facts.amount,
            kind: facts.kind,
            category: facts.category,
        }
    }
}

/// What a message says, as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ParsedAnswer {
    /// How much; positive.
    pub amount: Money,
    /// Which way.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The end of the person's own account or card number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_last4: Option<String>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Instrument>,
    /// By which system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rail: Option<Rail>,
    /// The other side, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    /// The account or payment address of the other side, masked where the transaction is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    /// What the payment is called by, masked where the transaction is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who says so.
    pub time_source: TimeSource,
    /// What the account holds afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// What the card may still spend; not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Money>,
}

impl ParsedAnswer {
    /// What was read, with nothing masked but the account: for whom sent the message and has nothing stored.
    #[must_use]
    pub fn unmasked(parsed: &Parsed) -> Self {
        let plain = |found: &Option<Found<Secret<String>>>| found.as_ref().map(|found| found.value.reveal().clone());
        let account = plain(&parsed.account).map(|account| masked(&account).trim_start_matches('*').to_owned());
        Self {
            amount: parsed.amount.value,
            kind: parsed.kind.value,
            account_last4: account,
            instrument: parsed.instrument.as_ref().map(|found| found.value),
            rail: parsed.rail.as_ref().map(|found| found.value),
            merchant: plain(&parsed.merchant),
            counterparty: plain(&parsed.counterparty),
            reference: plain(&parsed.reference),
            timestamp: parsed.time,
            time_source: parsed.time_source,
            balance: parsed.balance.as_ref().map(|found| found.value),
            limit: parsed.limit.as_ref().map(|found| found.value),
        }
    }
}

/// Where a message says something, and how surely that was understood.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "MessageEvidence")]
pub struct Evidence {
    /// The first byte of it in the message.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
    /// From 0 to 1.
    pub confidence: f32,
}

impl Parsed {
    /// Where the message says what, by the name of the field.
    #[must_use]
    pub fn evidence(&self) -> BTreeMap<&'static str, Evidence> {
        fn of<T>(found: &Found<T>) -> Evidence {
            Evidence { start: found.span.start, end: found.span.end, confidence: found.confidence }
        }
        let time = self.time_span.as_ref().map(|span| Evidence { start: span.start, end: span.end, confidence: 1.0 });
        let all = [
            ("amount", Some(of(&self.amount))),
            ("type", Some(of(&self.kind))),
            ("account_last4", self.account.as_ref().map(of)),
            ("instrument", self.instrument.as_ref().map(of)),
            ("rail", self.rail.as_ref().map(of)),
            ("merchant", self.merchant.as_ref().map(of)),
            ("counterparty", self.counterparty.as_ref().map(of)),
            ("reference", self.reference.as_ref().map(of)),
            ("timestamp", time),
            ("balance", self.balance.as_ref().map(of)),
            ("limit", self.limit.as_ref().map(of)),
        ];
        all.into_iter().filter_map(|(name, evidence)| Some((name, evidence?))).collect()
    }
}

/// A stored transaction, as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TransactionAnswer {
    /// Its id.
    pub transaction_id: Identifier,
    /// What the message is: always a transaction.
    pub outcome: Outcome,
    /// What it says.
    pub parsed: ParsedAnswer,
    /// What it was for.
    pub category: Category,
    /// What kind of it, from the general to the particular.
    pub subcategories: Vec<String>,
    /// How surely, from 0 to 1.
    pub confidence: f32,
    /// Why.
    pub reason: Reason,
    /// The person's own account or card: `**` and its last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What the payment is called by: `**` and the last four characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How the message arrived.
    pub channel: Channel,
    /// When it was stored.
    pub recorded_at: Timestamp,
    /// What it does to the person's goals.
    pub goal_impacts: Vec<GoalImpact>,
}
