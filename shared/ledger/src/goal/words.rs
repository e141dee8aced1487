//! What is said of goals, in plain English: amounts, categories and days, and nothing that is personal.

use std::fmt::Write;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Days, Goal, GoalType, Period,
    impact::Step,
    income,
    standing::{Account, Verdict},
};
use crate::Category;

/// What one transaction means for one goal.
pub(super) fn impact(step: &Step<'_>) -> String {
    let Step { goal, days, before, after, .. } = *step;
    let target = goal.target.value();
    let change = amount(goal, step.change.abs());
    let what = format!("{change} {}", happened(step));
    let when = when(goal, days);
    let state = format!("{} of {} {} {when}", amount(goal, after), amount(goal, target), done(goal.goal_type));
    if !goal.goal_type.limits() {
        return match (before >= target, after >= target) {
            (false, true) => format!("{what}: {state}, all of it."),
            (true, false) => format!("{what}: {state}, no longer all of it."),
            _ => format!("{what}: {state}."),
        };
    }
    let over = amount(goal, after.saturating_sub(target));
    let limit = format!("the {} of {} {when}", limit(goal), amount(goal, target));
    match (before > target, after > target) {
        (false, true) => format!("{what}: this breaks {limit} by {over}."),
        (true, true) => format!("{what}: {over} over {limit}."),
        (true, false) => format!("{what}: {state}, within the {} again.", self::limit(goal)),
        (false, false) => format!("{what}: {state}."),
    }
}

/// How a goal is going.
pub(super) fn standing(account: &Account<'_>, verdict: Verdict) -> String {
    let &Account { goal, days, today, sum, over, days_remaining: left, .. } = account;
    let target = goal.target.value();
    let when = if over || today < days.first { when(goal, days) } else { now(goal, days) };
    let mut text = format!("{} of {} {}", amount(goal, sum), amount(goal, target), done(goal.goal_type));
    if let Some(category) = goal.category {
        let _ = write!(text, " {} {}", relation(goal.goal_type), name(category));
    }
    let missing = amount(goal, target.saturating_sub(sum).max(Decimal::ZERO));
    let time = time_left(left);
    let how = match goal.goal_type {
        _ if today < days.first => format!("starts on {}", written(days.first)),
        GoalType::Budget | GoalType::SpendingLimit => match verdict {
            _ if sum > target => format!("{} too much", amount(goal, sum.saturating_sub(target))),
            _ if over => format!("within the {}", limit(goal)),
            Verdict::OnTrack => format!("on track, {missing} left {time}"),
            Verdict::Behind => format!("faster than planned, {missing} left {time}"),
            Verdict::AtRisk => format!("at risk, {missing} left {time}"),
        },
        GoalType::BillPayment => match verdict {
            _ if account.reached() => "paid in full".to_owned(),
            _ if over => format!("{missing} not paid in time"),
            _ => format!("{missing} due by {}, {time}", written(days.last)),
        },
        GoalType::Savings | GoalType::Investment => match verdict {
            _ if account.reached() => "all of it".to_owned(),
            _ if over => format!("{missing} short of the goal"),
            Verdict::OnTrack => format!("on track, {missing} to go {time}"),
            Verdict::Behind => format!("behind, {missing} to go {time}"),
            Verdict::AtRisk => format!("far behind, {missing} to go {time}"),
        },
    };
    let _ = write!(text, " {when}: {how}.");
    text
}

/// What happened, after its amount.
fn happened(step: &Step<'_>) -> String {
    let adds = step.change.is_sign_positive();
    let verb = match (step.goal.goal_type, step.goal.category) {
        (GoalType::Budget | GoalType::SpendingLimit, _) => ["spent on", "given back for"],
        (GoalType::BillPayment, _) => ["paid for", "given back for"],
        (GoalType::Investment, _) => {
            return (if adds { "put into" } else { "taken out of" }).to_owned() + " investments";
        }
        (GoalType::Savings, Some(category)) if !income(category) => ["put into", "taken back from"],
        (GoalType::Savings, _) => ["came in as", "went out for"],
    };
    let [adding, taking] = verb;
    format!("{} {}", if adds { adding } else { taking }, name(step.fact.category))
}

const fn done(goal_type: GoalType) -> &'static str {
    match goal_type {
        GoalType::Savings => "saved",
        GoalType::Budget | GoalType::SpendingLimit => "spent",
        GoalType::BillPayment => "paid",
        GoalType::Investment => "invested",
    }
}

/// How a category stands to what is done with its money.
const fn relation(goal_type: GoalType) -> &'static str {
    match goal_type {
        GoalType::Budget | GoalType::SpendingLimit => "on",
        GoalType::BillPayment => "for",
        GoalType::Savings | GoalType::Investment => "from",
    }
}

const fn limit(goal: &Goal) -> &'static str {
    match goal.goal_type {
        GoalType::Budget => "budget",
        _ => "limit",
    }
}

const fn name(category: Category) -> &'static str {
    match category {
        Category::Shopping => "shopping",
        Category::Utilities => "utilities",
        Category::FoodDining => "food and dining",
        Category::Groceries => "groceries",
        Category::Transportation => "transportation",
        Category::Entertainment => "entertainment",
        Category::Healthcare => "healthcare",
        Category::Education => "education",
        Category::Bills => "bills",
        Category::Transfer => "transfers",
        Category::Investment => "investments",
        Category::Fee => "fees",
        Category::Interest => "interest",
        Category::Cashback => "cashback",
        Category::Salary => "salary",
        Category::Travel => "travel",
        Category::Cash => "cash",
        Category::Other => "other things",
    }
}

/// When, seen from any time.
fn when(goal: &Goal, days: Days) -> String {
    match goal.period {
        Some(Period::Day) => format!("on {}", written(days.first)),
        Some(Period::Week) => format!("in the week of {}", written(days.first)),
        Some(Period::Month) => format!("in {}", days.first.strftime("%B %Y")),
        None => format!("from {} to {}", written(days.first), written(days.last)),
    }
}

/// When, seen from within.
fn now(goal: &Goal, days: Days) -> String {
    match goal.period {
        Some(Period::Day) => "today".to_owned(),
        Some(Period::Week) => "this week".to_owned(),
        Some(Period::Month) => "this month".to_owned(),
        None => format!("since {}", written(days.first)),
    }
}

fn time_left(days: u32) -> String {
    match days {
        0 => "on the last day".to_owned(),
        1 => "with 1 day to go".to_owned(),
        _ => format!("with {days} days to go"),
    }
}

fn written(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// An amount in the currency of the goal's target, with its digits in groups of three.
fn amount(goal: &Goal, value: Decimal) -> String {
    let money = goal.money(value);
    let text = money.value().to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, places) = digits.split_once('.').map_or((digits, None), |(whole, places)| (whole, Some(places)));
    let mut out = format!("{} {sign}", money.currency());
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(places) = places {
        out.push('.');
        out.push_str(places);
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kernel::{Identifier, Money};

    use super::*;

    #[test]
    fn an_amount_is_readable_whatever_its_size_and_places() {
        for (value, currency, text) in [
            ("1250", "INR", "INR 1,250.00"),
            ("999.5", "INR", "INR 999.50"),
            ("-1234567.125", "INR", "INR -1,234,567.125"),
            ("100000", "JPY", "JPY 100,000"),
            ("0", "INR", "INR 0.00"),
        ] {
            let target = Money::new(Decimal::ONE, currency.parse().unwrap()).unwrap();
            let goal = Goal {
                goal_id: Identifier::parse("g").unwrap(),
                goal_type: GoalType::Budget,
                target,
                category: None,
                starts: jiff::civil::date(2026, 1, 1),
                ends: None,
                period: Some(Period::Month),
                already: None,
            };
            assert_eq!(amount(&goal, value.parse().unwrap()), text);
        }
    }
}
