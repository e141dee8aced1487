//! A goal as a client sends it.

use std::borrow::Cow;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use kernel::{Identifier, Money, Secret, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, de::IntoDeserializer};

use super::{Goal, GoalType, LONGEST_SPAN, Period, income};
use crate::Category;

/// The longest name, in characters.
const LONGEST_NAME: usize = 128;
/// The first day that a goal can start on.
const FIRST_DAY: Date = date(2000, 1, 1);
/// The last day that it can end on.
const LAST_DAY: Date = date(2099, 12, 31);

/// What a person wants to do with their money. It replaces the stored goal of this id.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewGoal")]
pub struct RawGoal {
    /// Whose goal it is.
    #[schemars(with = "Identifier")]
    pub user_id: String,
    /// What kind of goal it is.
    #[serde(rename = "type")]
    #[schemars(with = "GoalType")]
    pub goal_type: String,
    /// What the person calls it.
    #[schemars(length(min = 1, max = LONGEST_NAME), extend("pattern" = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"))]
    pub name: Option<String>,
    /// How much to save, invest or pay at least, or to spend at most; more than zero. Only transactions in its currency
    /// count.
    pub target: Money,
    /// What the money is for. When absent, `budget` and `spending_limit` count all spending, `savings` what came in and
    /// was not spent, and `bill_payment` all bills. An `investment` always counts the category `investment`.
    #[schemars(with = "Option<Category>")]
    pub category: Option<String>,
    /// The first day that counts, as `YYYY-MM-DD`. When absent, that of the goal that is replaced; of a new goal, the first
    /// day of the period in which it is stored, or without a period the day of it.
    #[schemars(with = "Option<Date>")]
    pub starts: Option<String>,
    /// The last day that counts, as `YYYY-MM-DD`. Required without a period, and then at most 400 days after the start:
    /// the day by which the target is to be reached or the bill paid.
    #[schemars(with = "Option<Date>")]
    pub ends: Option<String>,
    /// How often it begins anew, by the calendar of the tenant's time zone. A `budget` does every month; a
    /// `spending_limit` does every month when this is absent; the others do not when this is absent.
    #[schemars(with = "Option<Period>")]
    pub period: Option<String>,
    /// What was saved or invested before the start and counts as well: less than the target. Only for `savings` and
    /// `investment` without a period.
    pub already: Option<Money>,
}

/// A goal, and what is personal about it: whose it is, and what they call it, which may say anything.
#[derive(Clone, Debug)]
pub struct NewGoal {
    /// Whose it is.
    pub user_id: Identifier,
    /// What the person calls it; at most 128 characters.
    pub name: Option<Secret<String>>,
    /// What is counted.
    pub goal: Goal,
}

impl RawGoal {
    /// Makes it the goal of this id. `today` is the day, in the tenant's zone.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, goal_id: Identifier, today: Date) -> Result<NewGoal, Vec<Violation>> {
        let mut broken = Broken::default();
        let user_id = Identifier::parse(&self.user_id)
            .map_err(|error| broken.note("/user_id", "invalid", error.to_string()))
            .ok();
        let goal_type: Option<GoalType> = broken.word("/type", &self.goal_type);
        let name = self.name.and_then(|name| broken.name(name));
        if self.target.value().is_sign_negative() || self.target.value().is_zero() {
            broken.note("/target", "out_of_range", "must be more than zero");
        }
        let category = self.category.and_then(|category| broken.word("/category", &category));
        let starts = self.starts.map(|starts| broken.date("/starts", &starts));
        let ends = self.ends.map(|ends| broken.date("/ends", &ends));
        let period = self.period.map(|period| broken.word("/period", &period));
        let (Some(user_id), Some(goal_type)) = (user_id, goal_type) else { return Err(broken.0) };
        broken.category(goal_type, category);
        // A date or period that is not read is not missing as well.
        let unread = ends == Some(None) || period == Some(None);
        let (ends, period) = (ends.flatten(), broken.period(goal_type, period.flatten()));
        // Nothing is too early or too late for a start that is not read.
        let starts = starts.unwrap_or_else(|| Some(period.map_or(today, |period| period.around(today).first)));
        if !unread {
            broken.span(starts, ends, period);
        }
        broken.already(self.already, goal_type, &self.target, period);
        let (true, Some(starts)) = (broken.0.is_empty(), starts) else { return Err(broken.0) };
        let category = category.filter(|_| goal_type != GoalType::Investment);
        let goal =
            Goal { goal_id, goal_type, target: self.target, category, starts, ends, period, already: self.already };
        Ok(NewGoal { user_id, name: name.map(Secret::new), goal })
    }
}

/// What is wrong with a goal, found place by place.
#[derive(Default)]
struct Broken(Vec<Violation>);

impl Broken {
    fn note(&mut self, pointer: &str, code: &'static str, message: impl Into<Cow<'static, str>>) {
        self.0.push(Violation::new(pointer, code, message));
    }

    fn word<'a, T: Deserialize<'a>>(&mut self, pointer: &str, text: &'a str) -> Option<T> {
        let text: serde::de::value::StrDeserializer<'a, serde::de::value::Error> = text.into_deserializer();
        T::deserialize(text).map_err(|_| self.note(pointer, "invalid", "must be one of the documented words")).ok()
    }

    fn name(&mut self, name: String) -> Option<String> {
        if name.trim().is_empty() {
            self.note("/name", "too_short", "must not be empty");
        } else if name.chars().nth(LONGEST_NAME).is_some() {
            self.note("/name", "too_long", format!("must be at most {LONGEST_NAME} characters long"));
        } else if name.chars().any(char::is_control) {
            self.note("/name", "invalid", "must not contain control characters");
        } else {
            return Some(name);
        }
        None
    }

    /// A date as `YYYY-MM-DD`. The library's own parser takes more spellings.
    fn date(&mut self, pointer: &str, text: &str) -> Option<Date> {
        let Some(date) = text.parse::<Date>().ok().filter(|date| date.to_string() == text) else {
            self.note(pointer, "invalid", "must be a date as YYYY-MM-DD");
            return None;
        };
        if !(FIRST_DAY..=LAST_DAY).contains(&date) {
            self.note(pointer, "out_of_range", format!("must be from {FIRST_DAY} to {LAST_DAY}"));
            return None;
        }
        Some(date)
    }

    fn category(&mut self, goal_type: GoalType, category: Option<Category>) {
        let Some(category) = category else { return };
        match goal_type {
            GoalType::Savings => {}
            GoalType::Investment if category == Category::Investment => {}
            GoalType::Investment => self.note("/category", "not_allowed", "must be investment or absent here"),
            _ if income(category) => self.note("/category", "not_allowed", "must be one that money is spent on"),
            _ => {}
        }
    }

    fn period(&mut self, goal_type: GoalType, period: Option<Period>) -> Option<Period> {
        match goal_type {
            GoalType::Budget => {
                if period.is_some_and(|period| period != Period::Month) {
                    self.note("/period", "not_allowed", "must be month or absent for a budget");
                }
                Some(Period::Month)
            }
            GoalType::SpendingLimit => period.or(Some(Period::Month)),
            GoalType::Savings | GoalType::Investment | GoalType::BillPayment => period,
        }
    }

    fn span(&mut self, starts: Option<Date>, ends: Option<Date>, period: Option<Period>) {
        match (starts, ends) {
            (_, None) if period.is_none() => self.note("/ends", "required", "is required without a period"),
            (Some(starts), Some(ends)) if ends < starts => {
                self.note("/ends", "before_start", "must not be before the start");
            }
            (Some(starts), Some(ends)) if period.is_none() && ends > starts.saturating_add(LONGEST_SPAN.days()) => {
                self.note("/ends", "too_far", format!("must be at most {LONGEST_SPAN} days after the start"));
            }
            _ => {}
        }
    }

    fn already(&mut self, already: Option<Money>, goal_type: GoalType, target: &Money, period: Option<Period>) {
        let Some(already) = already else { return };
        if !matches!(goal_type, GoalType::Savings | GoalType::Investment) || period.is_some() {
            self.note("/already", "not_allowed", "is only for savings and investment without a period");
        } else if already.currency() != target.currency() {
            self.note("/already", "invalid", "must be in the currency of the target");
        } else if already.value().is_sign_negative() || already.value() >= target.value() {
            self.note("/already", "out_of_range", "must be from zero to less than the target");
        }
    }
}
