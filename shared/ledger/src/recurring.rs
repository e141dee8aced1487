//! What comes again and again: subscriptions, salaries, bills.
//!
//! Payments are put together by the letters of the merchant's name, the way the money goes and the currency. Such a
//! group recurs when its days keep to a beat and its amounts are like each other:
//!
//! - Days: every occurrence is near its place in the beat (1 day off for weeks, 2 for fortnights, 4 for months, 7 for
//!   quarters, 15 for years, which takes in weekends and holidays), no place has two of them, and at most one gap in four
//!   leaves places empty. The beat of months is a day of the month; where a month is too short for it, its last day.
//! - Number: at least four for weeks, for three come about by chance; two for years; otherwise three.
//! - Amounts: from one to the next they differ by at most 20 %, but for one change in four: prices rise. Bills, interest
//!   and salaries may vary as they like.
//!
//! When a group as a whole does not recur, those of its payments that are of one amount, four or more, are looked at by
//! themselves: a subscription with a shop where other things are bought as well.

mod beat;
mod name;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kernel::{Currency, Money, Secret};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Category, Fact, Kind, fact::Flow};

use beat::Beat;
use name::key;

/// By how much amounts that are like each other may differ, as a part of the larger.
const ALIKE: Decimal = Decimal::from_parts(2, 0, 0, false, 1);
/// The same for equal amounts: a price in another currency moves a little.
const EQUAL: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// The fewest payments of one amount that are looked at by themselves: of the many parts that a group can have, some
/// three will be regular by chance.
const FEWEST_OF_PART: usize = 4;

/// A transaction and whom it is with.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The transaction.
    pub fact: Fact,
    /// The business or person on the other side.
    pub merchant: Option<Secret<String>>,
}

/// What it is that recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecurringKind {
    /// What somebody is paid for work: of the category salary; or what comes at least every month and is at least half of
    /// all that came in meanwhile.
    Salary,
    /// Anything else that comes in.
    Income,
    /// Mostly of the kind bill or of the categories bills and utilities.
    Bill,
    /// Of one price, to whom is neither a bill, a transfer, an investment, a fee nor cash.
    Subscription,
    /// Anything else that goes out: rent, an instalment, a plan of investment.
    Payment,
}

/// How often it recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
#[schemars(rename = "RecurrenceInterval")]
pub enum Interval {
    Weekly,
    Fortnightly,
    Monthly,
    Quarterly,
    Yearly,
}

/// Payments that recur. It holds a name and can therefore not be serialised.
#[derive(Clone, Debug)]
pub struct Recurring {
    /// What it is.
    pub kind: RecurringKind,
    /// Whom it is with, as the latest payment writes it; absent only for a salary without a payer.
    pub merchant: Option<Secret<String>>,
    /// What most of the payments are for; of several, the latest.
    pub category: Category,
    /// What is usual: the middle one of the last three amounts, so that a new price counts from its second time; of two,
    /// the later.
    pub amount: Money,
    /// Whether the amount changes by more than 2 % more than once, and more often than every fourth time.
    pub varies: bool,
    /// How often.
    pub interval: Interval,
    /// How many payments there are.
    pub occurrences: u32,
    /// When the first was.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
    /// When the next is expected, or was.
    pub next_expected: Date,
    /// Whether it goes on: false when the next is overdue by more than half an interval.
    pub active: bool,
    /// How sure it is, from 0 to 1: more for more occurrences, for days close to the beat, for equal amounts and for gaps
    /// that leave nothing out.
    pub confidence: f32,
}

/// What recurs among the payments of one user, given in any order. Those that go on come first, then in the order of
/// the next dates. Days are those of the tenant's `zone`.
#[must_use]
pub fn recurring(payments: &[Payment], now: Timestamp, zone: &TimeZone) -> Vec<Recurring> {
    let today = zone.to_datetime(now).date();
    let mut groups: BTreeMap<Key, Vec<Occurrence<'_>>> = BTreeMap::new();
    for payment in payments {
        let Some(key) = Key::of(payment) else { continue };
        groups.entry(key).or_default().push(Occurrence { payment, date: zone.to_datetime(payment.fact.time).date() });
    }
    let mut found: Vec<(Key, Recurring)> = Vec::new();
    for (key, mut group) in groups {
        group.sort_by(|one, other| one.order().cmp(&other.order()));
        found.extend(within(&group, payments, today).into_iter().map(|recurring| (key.clone(), recurring)));
    }
    // By name as well, so that the order never depends on the one in which they were given.
    found.sort_by(|(key, one), (other_key, other)| {
        let order = |one: &Recurring| (!one.active, one.next_expected);
        (order(one), key, one.amount.value()).cmp(&(order(other), other_key, other.amount.value()))
    });
    found.into_iter().map(|(_, recurring)| recurring).collect()
}

/// What a group has in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    flow: Flow,
    currency: Currency,
}

impl Key {
    fn of(payment: &Payment) -> Option<Self> {
        let fact = &payment.fact;
        let name = match &payment.merchant {
            Some(merchant) => key(merchant.reveal())?,
            None if fact.category == Category::Salary => String::new(),
            None => return None,
        };
        Some(Self { name, flow: fact.flow()?, currency: fact.amount.currency() })
    }
}

/// A payment on its day.
#[derive(Clone, Copy)]
struct Occurrence<'a> {
    payment: &'a Payment,
    date: Date,
}

impl<'a> Occurrence<'a> {
    const fn fact(&self) -> &'a Fact {
        &self.payment.fact
    }

    fn amount(&self) -> Decimal {
        self.fact().amount.value()
    }

    fn order(&self) -> (Timestamp, &'a str) {
        (self.fact().time, &self.fact().id)
    }
}

/// What recurs in a group: all of it, or its parts of one amount.
fn within(group: &[Occurrence<'_>], all: &[Payment], today: Date) -> Vec<Recurring> {
    if let Some(whole) = one(group, all, today) {
        return vec![whole];
    }
    let mut sorted = group.to_vec();
    sorted.sort_by_key(Occurrence::amount);
    sorted
        .chunk_by(|one, next| one.amount() == next.amount())
        .filter(|part| part.len() >= FEWEST_OF_PART)
        .filter_map(|part| {
            let mut part = part.to_vec();
            part.sort_by(|one, other| one.order().cmp(&other.order()));
            one(&part, all, today)
        })
        .collect()
}

/// A group, in the order of time, as one thing that recurs.
fn one(group: &[Occurrence<'_>], all: &[Payment], today: Date) -> Option<Recurring> {
    // Of several on a day only the first counts: a bank tells some payments twice.
    let mut days = group.to_vec();
    days.dedup_by_key(|occurrence| occurrence.date);
    let dates: Vec<Date> = days.iter().map(|occurrence| occurrence.date).collect();
    let beat = Beat::find(&dates)?;
    let (first, last) = (days.first()?, days.last()?);
    let category = usual(&days)?;
    let billed = days.iter().filter(|one| bill(one.fact())).count() * 2 > days.len();
    let free = billed || matches!(category, Category::Interest | Category::Salary);
    if !free && changes(&days, ALIKE) * 4 > days.len() {
        return None;
    }
    let varies = changes(&days, EQUAL) > (days.len() / 4).max(1);
    let kind = match last.fact().flow()? {
        Flow::In if category == Category::Salary || main_income(&days, &beat, all) => RecurringKind::Salary,
        Flow::In => RecurringKind::Income,
        Flow::Out if billed => RecurringKind::Bill,
        Flow::Out if varies => RecurringKind::Payment,
        Flow::Out => match category {
            Category::Transfer | Category::Investment | Category::Fee | Category::Cash => RecurringKind::Payment,
            _ => RecurringKind::Subscription,
        },
    };
    let active = today <= beat.overdue_after();
    Some(Recurring {
        kind,
        merchant: last.payment.merchant.clone(),
        category,
        amount: typical(&days)?,
        varies,
        interval: beat.interval,
        occurrences: u32::try_from(days.len()).unwrap_or(u32::MAX),
        first: first.fact().time,
        last: last.fact().time,
        next_expected: beat.next,
        active,
        confidence: beat.confidence(varies),
    })
}

const fn bill(fact: &Fact) -> bool {
    matches!(fact.kind, Kind::Bill) || matches!(fact.category, Category::Bills | Category::Utilities)
}

/// The category of most; of several, the one that was the latest.
fn usual(days: &[Occurrence<'_>]) -> Option<Category> {
    let count = |category: Category| days.iter().filter(|one| one.fact().category == category).count();
    days.iter().map(|one| one.fact().category).max_by_key(|category| count(*category))
}

/// How many times one amount is further from the one before than `most`, a part of the larger.
fn changes(days: &[Occurrence<'_>], most: Decimal) -> usize {
    days.iter().zip(days.iter().skip(1)).filter(|(one, next)| apart(one.amount(), next.amount()) > most).count()
}

/// The difference of two amounts as a part of the larger.
fn apart(one: Decimal, other: Decimal) -> Decimal {
    (one - other).abs().checked_div(one.max(other)).unwrap_or_default()
}

fn typical(days: &[Occurrence<'_>]) -> Option<Money> {
    let mut latest: Vec<Money> = days.iter().rev().take(3).map(|one| one.fact().amount).collect();
    if latest.len() == 3 {
        latest.sort_by_key(Money::value);
        return latest.get(1).copied();
    }
    latest.first().copied()
}

/// Whether this comes at least every month and is at least half of all that came in from its first to its last day.
fn main_income(days: &[Occurrence<'_>], beat: &Beat, all: &[Payment]) -> bool {
    let often = matches!(beat.interval, Interval::Weekly | Interval::Fortnightly | Interval::Monthly);
    let earned = |fact: &Fact| !matches!(fact.category, Category::Interest | Category::Cashback | Category::Investment);
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return false };
    let (first, last) = (first.fact(), last.fact());
    let of_these: Decimal = days.iter().map(Occurrence::amount).sum();
    let of_all: Decimal = all
        .iter()
        .map(|payment| &payment.fact)
        .filter(|fact| fact.flow() == Some(Flow::In) && fact.amount.currency() == first.amount.currency())
        .filter(|fact| (first.time..=last.time).contains(&fact.time))
        .map(|fact| fact.amount.value())
        .sum();
    often && earned(last) && of_these * Decimal::TWO >= of_all
}
