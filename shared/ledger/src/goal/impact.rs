//! What single transactions mean for goals.

use jiff::{Timestamp, tz::TimeZone};
use kernel::Identifier;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Days, Goal, GoalType, words};
use crate::Fact;

/// What a transaction means for a goal that it touches.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GoalImpact {
    /// Which goal.
    pub goal_id: Identifier,
    /// What kind of goal.
    pub goal_type: GoalType,
    /// How much it helps, up to 1, or hurts, down to -1; never 0. Its size is the amount's share of the target. It is 1
    /// when the target is reached, or when spending comes back within its limit; it is -1 when spending goes beyond its
    /// limit or happens there, and when what was reached is lost again.
    #[schemars(range(min = -1, max = 1))]
    pub score: f64,
    /// The same in plain English.
    pub message: String,
    /// The share of the target, from 0 to 1, that is saved, invested, paid or spent after this transaction.
    #[schemars(range(min = 0, max = 1))]
    pub progress_after: f64,
}

/// What each of `facts` from the time `from` on means for the goals that it touches, in the order in which they are given;
/// what came before is counted, but none of it is told.
///
/// The facts are counted in the order of their times, and of their ids where these are equal, whatever order they are
/// given in. They must be all that the user has from [`Goal::since`] of `from` on, of every goal. What is not in the
/// currency of a goal's target does not touch it. The cost is that of sorting, and of goals times facts.
#[must_use]
pub fn impacts(goals: &[Goal], facts: &[Fact], from: Timestamp, zone: &TimeZone) -> Vec<Vec<GoalImpact>> {
    let mut order: Vec<(usize, &Fact)> = facts.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| (one.time, &one.id).cmp(&(other.time, &other.id)));
    let mut tallies: Vec<Tally<'_>> = goals.iter().map(|goal| Tally { goal, days: None, sum: Decimal::ZERO }).collect();
    let mut told: Vec<(usize, Vec<GoalImpact>)> = order
        .into_iter()
        .map(|(place, fact)| {
            let date = zone.to_datetime(fact.time).date();
            let steps = tallies.iter_mut().filter_map(|tally| tally.count(fact, date));
            (place, steps.filter(|_| fact.time >= from).map(|step| step.impact()).collect())
        })
        .collect();
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, impacts)| impacts).collect()
}

/// The sum of a goal in the span that the facts have come to.
struct Tally<'a> {
    goal: &'a Goal,
    days: Option<Days>,
    sum: Decimal,
}

impl<'a> Tally<'a> {
    fn count(&mut self, fact: &'a Fact, date: jiff::civil::Date) -> Option<Step<'a>> {
        let days = match self.days {
            Some(days) if days.contain(date) => days,
            _ => {
                let days = self.goal.days(date);
                if !days.contain(date) {
                    return None;
                }
                (self.days, self.sum) = (Some(days), self.goal.start());
                days
            }
        };
        let change = self.goal.change(fact).filter(|_| fact.amount.currency() == self.goal.target.currency())?;
        let before = self.sum;
        self.sum = before.saturating_add(change);
        Some(Step { goal: self.goal, fact, days, change, before, after: self.sum })
    }
}

/// One fact that touches one goal.
pub(super) struct Step<'a> {
    pub(super) goal: &'a Goal,
    pub(super) fact: &'a Fact,
    pub(super) days: Days,
    pub(super) change: Decimal,
    pub(super) before: Decimal,
    pub(super) after: Decimal,
}

impl Step<'_> {
    fn impact(&self) -> GoalImpact {
        GoalImpact {
            goal_id: self.goal.goal_id.clone(),
            goal_type: self.goal.goal_type,
            score: self.score(),
            message: words::impact(self),
            progress_after: self.goal.progress(self.after),
        }
    }

    fn score(&self) -> f64 {
        let target = self.goal.target.value();
        let limits = self.goal.goal_type.limits();
        let adds = self.change.is_sign_positive();
        let whole = match (limits, adds) {
            (true, true) => self.after > target,
            (true, false) => self.before > target && self.after <= target,
            (false, true) => self.before < target && self.after >= target,
            (false, false) => self.before >= target && self.after < target,
        };
        let smallest = Decimal::new(1, 4);
        let size = if whole { Decimal::ONE } else { self.goal.share(self.change.abs()) };
        let size = size.round_dp(4).clamp(smallest, Decimal::ONE).to_f64().unwrap_or(1.0);
        if adds == limits { -size } else { size }
    }
}
