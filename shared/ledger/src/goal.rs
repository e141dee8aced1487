//! What a person wants to do with their money, and how it is going.
//!
//! Nothing that is computed is stored: [`impacts`] and [`Goal::standing`] read the goals and the [`Fact`]s of the days
//! concerned and count anew. So a corrected transaction or a changed goal counts at once, and nothing can disagree.
//!
//! A goal has a span of whole days by the clock of the tenant's zone: the calendar day, week (from Monday) or month that
//! a time falls in, cut off where the goal starts and ends; or, without a period, all days from `starts` to `ends`. What
//! happens outside of it does not count, and every span starts from nothing. No span is longer than 400 days.
//!
//! What counts is money in the currency of the target, and:
//!
//! | Goal | Adds | Takes away |
//! |---|---|---|
//! | `budget`, `spending_limit` with a category | out, of the category | in, of the category |
//! | the same without | out, except transfers and investments | in, of a category one spends on: a refund |
//! | `bill_payment` with a category | out, of the category | in, of the category |
//! | the same without | bills, and out of the category `bills` | in, of the category `bills` |
//! | `savings` with salary, interest or cashback | in, of the category | out, of the category |
//! | the same with another category | out, of the category: put aside | in, of the category: taken back |
//! | the same without | in, except transfers and investments | out, except transfers and investments |
//! | `investment` | out, of the category `investment` | in, of the category `investment` |
//!
//! Transfers and investments are left out because they move money without spending it. Transactions whose kind is
//! `other` never count: nobody knows which way the money went.

mod impact;
mod raw;
mod standing;
mod words;

use std::ops::Range;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{Currency, Identifier, Money};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use impact::{GoalImpact, impacts};
pub use raw::{NewGoal, RawGoal};
pub use standing::Standing;

use crate::{Category, Fact, Kind, fact::Flow};

/// The most days of a span.
const LONGEST_SPAN: i32 = 400;
/// The largest amount that [`Money`] can hold: one less than 10^19, in places of which there are four.
const LARGEST: Decimal = Decimal::from_parts(2_313_682_943, 2_328_306_436, 0, false, 4);

/// What kind of goal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoalType {
    /// To keep at least so much of what comes in.
    Savings,
    /// To spend at most so much in a month.
    Budget,
    /// To pay so much for a bill in time.
    BillPayment,
    /// To spend at most so much in a day, a week or a month.
    SpendingLimit,
    /// To invest at least so much.
    Investment,
}

impl GoalType {
    /// Whether the target is not to be passed; otherwise it is to be reached.
    const fn limits(self) -> bool {
        matches!(self, Self::Budget | Self::SpendingLimit)
    }
}

/// How often a goal begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "GoalPeriod")]
pub enum Period {
    /// Every day.
    Day,
    /// Every Monday.
    Week,
    /// On the first of every month.
    Month,
}

impl Period {
    /// The days of the period that `date` is in.
    fn around(self, date: Date) -> Days {
        match self {
            Self::Day => Days { first: date, last: date },
            Self::Week => {
                let first = date.saturating_sub(date.weekday().to_monday_zero_offset().days());
                Days { first, last: first.saturating_add(6.days()) }
            }
            Self::Month => Days { first: date.first_of_month(), last: date.last_of_month() },
        }
    }
}

/// What a person wants to do with their money. What they call it is personal and therefore not part of it; see
/// [`NewGoal`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Goal {
    /// Unique among the goals of the user.
    pub goal_id: Identifier,
    /// What kind of goal it is.
    #[serde(rename = "type")]
    pub goal_type: GoalType,
    /// How much to save, invest or pay at least, or to spend at most; positive.
    pub target: Money,
    /// What the money is for. Absent, what each type says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The first day that counts.
    pub starts: Date,
    /// The last day that counts; without a period, the day by which the target is to be reached or the bill paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// How often it begins anew. Absent, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What was there before the start and counts as well; only without a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub already: Option<Money>,
}

/// Days of a calendar, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    first: Date,
    last: Date,
}

impl Days {
    fn contain(self, date: Date) -> bool {
        (self.first..=self.last).contains(&date)
    }

    /// From the first instant of the first day to the first after the last.
    fn instants(self, zone: &TimeZone) -> Range<Timestamp> {
        let begin = |date: Date| date.to_zoned(zone.clone()).map(|midnight| midnight.timestamp());
        let after = self.last.saturating_add(1.day());
        begin(self.first).unwrap_or(Timestamp::MIN)..begin(after).unwrap_or(Timestamp::MAX)
    }
}

impl Goal {
    /// The instants whose facts matter for the goal at `at`: for its standing then, and for the impact on it of what
    /// happens then. Before the goal starts it is its first span, after it has ended its last.
    #[must_use]
    pub fn span(&self, at: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
        self.days(zone.to_datetime(at).date()).instants(zone)
    }

    /// The earliest time whose facts matter for the goal at `at`: the start of its [span](Self::span).
    #[must_use]
    pub fn since(&self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        self.span(at, zone).start
    }

    fn days(&self, date: Date) -> Days {
        let last = self.ends.unwrap_or_else(|| match self.period {
            Some(_) => Date::MAX,
            None => self.starts.saturating_add(LONGEST_SPAN.days()),
        });
        match self.period {
            None => Days { first: self.starts, last },
            Some(period) => {
                let days = period.around(date.max(self.starts).min(last));
                Days { first: days.first.max(self.starts), last: days.last.min(last) }
            }
        }
    }

    /// By how much a fact changes the sum of the goal, if it is its business at all; in the fact's own currency.
    fn change(&self, fact: &Fact) -> Option<Decimal> {
        use Category as C;

        let flow = fact.flow()?;
        let amount = fact.amount.value();
        let of = |category: Category| category == fact.category;
        let moved = matches!(fact.category, C::Transfer | C::Investment);
        let (counts, adding) = match (self.goal_type, self.category) {
            (GoalType::Investment, _) => (of(C::Investment), Flow::Out),
            (GoalType::Savings, None) => (!moved, Flow::In),
            (GoalType::Savings, Some(category)) => (of(category), if income(category) { Flow::In } else { Flow::Out }),
            (_, Some(category)) => (of(category), Flow::Out),
            (GoalType::BillPayment, None) => (of(C::Bills) || fact.kind == Kind::Bill, Flow::Out),
            (GoalType::Budget | GoalType::SpendingLimit, None) => {
                (!moved && refundable(flow, fact.category), Flow::Out)
            }
        };
        counts.then(|| if flow == adding { amount } else { -amount }).filter(|change| !change.is_zero())
    }

    /// What the sum of a span starts from.
    fn start(&self) -> Decimal {
        self.already.map_or(Decimal::ZERO, |already| already.value())
    }

    fn money(&self, value: Decimal) -> Money {
        money(value, self.target.currency()).unwrap_or(self.target)
    }

    /// A sum as a part of the target: 1 is all of it.
    fn share(&self, sum: Decimal) -> Decimal {
        sum.checked_div(self.target.value()).unwrap_or(Decimal::ONE)
    }

    /// How much of the target a sum is, from 0 to 1, rounded down to four places: 1 is only said when all of it is there.
    fn progress(&self, sum: Decimal) -> f64 {
        let share = self.share(sum).clamp(Decimal::ZERO, Decimal::ONE);
        share.trunc_with_scale(4).to_f64().unwrap_or_default()
    }
}

/// Whether money of a category comes in rather than goes out.
const fn income(category: Category) -> bool {
    matches!(category, Category::Salary | Category::Interest | Category::Cashback)
}

/// Whether money may count against what was spent: what went out, and what came back of it.
const fn refundable(flow: Flow, category: Category) -> bool {
    matches!(flow, Flow::Out) || !(income(category) || matches!(category, Category::Cash | Category::Other))
}

/// A sum as money. What is larger than any amount can be is the largest amount.
fn money(value: Decimal, currency: Currency) -> Option<Money> {
    Money::new(value.clamp(-LARGEST, LARGEST), currency).ok()
}
