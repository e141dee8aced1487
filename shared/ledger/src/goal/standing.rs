//! How a goal is going.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kernel::Money;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Days, Goal, GoalType, words};
use crate::Fact;

/// By how much of the target one may be off the even pace and still be on track.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// By how much of the way one is far behind.
const FAR_BEHIND: Decimal = Decimal::from_parts(2, 0, 0, false, 1);
/// From which share on a limit is nearly used up.
const NEARLY_ALL: Decimal = Decimal::from_parts(9, 0, 0, false, 1);
/// From which part of the span on the pace so far says something about its end.
const SOME_WAY: Decimal = Decimal::from_parts(2, 0, 0, false, 1);
/// How much of the limit the pace so far may lead to before it is a risk.
const TOO_FAST: Decimal = Decimal::from_parts(12, 0, 0, false, 1);
/// In the last days before a bill is due, in days, paying it is urgent.
const URGENT: u32 = 3;

/// How a goal is going, in the span that it is in.
///
/// `share` is `current` divided by the target; `elapsed` is the part of the span's time that is over, from 0 to 1.
///
/// - `budget`, `spending_limit`: on track while `share <= elapsed + 0.1` and `share <= 1`. At risk above the target; and,
///   when not on track, with more than 90 % of the target spent, or, once a fifth of the span is over, when the pace so
///   far leads to more than 120 % of it by the end.
/// - `savings`, `investment`: the way goes from what was there before to the target. On track while the part of the way
///   that is done is at least `elapsed - 0.1`; at risk when it is at most `elapsed - 0.2`. When the span is over, only the
///   target counts: on track if it was reached, else at risk.
/// - `bill_payment`: on track when paid in full, or while there are more than 3 days left; otherwise at risk.
///
/// What is at risk is never on track.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// The share of the target that is saved, invested, paid or spent: from 0 to 1, and 1 also beyond the target.
    #[schemars(range(min = 0, max = 1))]
    pub progress: f64,
    /// How much is saved, invested, paid or spent. Negative when more went the other way.
    pub current: Money,
    /// How much is missing from the target, or may still be spent; 0 beyond the target.
    pub remaining: Money,
    /// Whether the goal will be met at an even pace.
    pub on_track: bool,
    /// Whether it probably will not, or is not.
    pub at_risk: bool,
    /// Days left after today, by the calendar: 0 on the last day and after it.
    pub days_remaining: u32,
    /// The first day that is counted.
    pub from: Date,
    /// The last day that is counted: for a bill, the day on which it is due.
    pub until: Date,
    /// How many transactions of these days are left out because they are in another currency than the target.
    pub ignored_currencies: u32,
    /// The same in plain English.
    pub message: String,
}

/// What a goal's message and verdict are made from.
pub(super) struct Account<'a> {
    pub(super) goal: &'a Goal,
    pub(super) days: Days,
    pub(super) today: Date,
    pub(super) sum: Decimal,
    pub(super) over: bool,
    pub(super) days_remaining: u32,
    elapsed: Decimal,
}

/// How it is going, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    OnTrack,
    Behind,
    AtRisk,
}

impl Goal {
    /// How the goal is going at `now`. The facts are all that the user has in the goal's [span](Self::span) at `now`, in
    /// any order; others are left out.
    #[must_use]
    pub fn standing(&self, facts: &[Fact], now: Timestamp, zone: &TimeZone) -> Standing {
        let today = zone.to_datetime(now).date();
        let days = self.days(today);
        let (sum, ignored_currencies) = self.sum(facts, days, zone);
        let account = Account::new(self, days, today, sum, now, zone);
        let verdict = account.verdict();
        Standing {
            progress: self.progress(sum),
            current: self.money(sum),
            remaining: self.money(self.target.value().saturating_sub(sum).max(Decimal::ZERO)),
            on_track: verdict == Verdict::OnTrack,
            at_risk: verdict == Verdict::AtRisk,
            days_remaining: account.days_remaining,
            from: days.first,
            until: days.last,
            ignored_currencies,
            message: words::standing(&account, verdict),
        }
    }

    /// What the facts of these days come to, and how many are left out for their currency.
    fn sum(&self, facts: &[Fact], days: Days, zone: &TimeZone) -> (Decimal, u32) {
        let (mut sum, mut ignored) = (self.start(), 0);
        for fact in facts {
            let Some(change) = self.change(fact) else { continue };
            if !days.contain(zone.to_datetime(fact.time).date()) {
                continue;
            }
            if fact.amount.currency() == self.target.currency() {
                sum = sum.saturating_add(change);
            } else {
                ignored += 1;
            }
        }
        (sum, ignored)
    }
}

impl<'a> Account<'a> {
    fn new(goal: &'a Goal, days: Days, today: Date, sum: Decimal, now: Timestamp, zone: &TimeZone) -> Self {
        let instants = days.instants(zone);
        let whole = Decimal::from(instants.end.duration_since(instants.start).as_secs());
        let past = Decimal::from(now.duration_since(instants.start).as_secs());
        let elapsed = past.checked_div(whole).unwrap_or(Decimal::ONE).clamp(Decimal::ZERO, Decimal::ONE);
        let left = today.until(days.last).map_or(0, |left| left.get_days());
        let days_remaining = u32::try_from(left).unwrap_or(0);
        Self { goal, days, today, sum, over: now >= instants.end, days_remaining, elapsed }
    }

    pub(super) fn reached(&self) -> bool {
        self.sum >= self.goal.target.value()
    }

    fn verdict(&self) -> Verdict {
        match self.goal.goal_type {
            GoalType::Budget | GoalType::SpendingLimit => self.of_spending(),
            GoalType::Savings | GoalType::Investment => self.of_saving(),
            GoalType::BillPayment if self.reached() => Verdict::OnTrack,
            GoalType::BillPayment if self.days_remaining > URGENT => Verdict::OnTrack,
            GoalType::BillPayment => Verdict::AtRisk,
        }
    }

    fn of_spending(&self) -> Verdict {
        let share = self.goal.share(self.sum);
        let projected = share.checked_div(self.elapsed).filter(|_| self.elapsed >= SOME_WAY);
        if share > Decimal::ONE {
            Verdict::AtRisk
        } else if share <= self.elapsed + TOLERANCE {
            Verdict::OnTrack
        } else if share > NEARLY_ALL || projected.is_some_and(|projected| projected > TOO_FAST) {
            Verdict::AtRisk
        } else {
            Verdict::Behind
        }
    }

    fn of_saving(&self) -> Verdict {
        let start = self.goal.start();
        let way = self.goal.target.value().saturating_sub(start);
        let done = self.sum.saturating_sub(start).checked_div(way).unwrap_or(Decimal::ONE);
        let behind = self.elapsed.saturating_sub(done);
        if self.reached() {
            Verdict::OnTrack
        } else if self.over || behind >= FAR_BEHIND {
            Verdict::AtRisk
        } else if behind <= TOLERANCE {
            Verdict::OnTrack
        } else {
            Verdict::Behind
        }
    }
}
