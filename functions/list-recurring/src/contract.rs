//! What clients are answered.

use jiff::{Timestamp, civil::Date};
use kernel::Money;
use ledger::{Category, Interval, Recurring, RecurringKind, name_without_numbers};
use schemars::JsonSchema;
use serde::Serialize;

/// What recurs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecurringPayments {
    /// Each series of payments.
    pub recurring: Vec<RecurringAnswer>,
}

/// Payments that are alike and come at equal intervals.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecurringAnswer {
    /// What kind of series it is.
    pub kind: RecurringKind,
    /// The other side, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    /// What it is for.
    pub category: Category,
    /// How much it is now.
    pub amount: Money,
    /// Whether the amounts differ.
    pub varies: bool,
    /// How often it comes.
    pub interval: Interval,
    /// How many payments there were.
    pub occurrences: u32,
    /// When the first one was.
    pub first: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
    /// The day on which the next one is expected.
    pub next_expected: Date,
    /// Whether it still goes on: the next one is not overdue by more than half an interval.
    pub active: bool,
    /// How surely it is a series, from 0 to 1.
    pub confidence: f32,
}

impl From<Recurring> for RecurringAnswer {
    fn from(found: Recurring) -> Self {
        Self {
            kind: found.kind,
            merchant: found.merchant.map(|name| name_without_numbers(name.reveal())),
            category: found.category,
            amount: found.amount,
            varies: found.varies,
            interval: found.interval,
            occurrences: found.occurrences,
            first: found.first,
            last: found.last,
            next_expected: found.next_expected,
            active: found.active,
            confidence: found.confidence,
        }
    }
}
