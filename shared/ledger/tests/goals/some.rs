//! Goals and transactions to test with.

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use kernel::{Currency, Identifier, Money, Violation};
use ledger::{Category, Fact, Goal, Kind, NewGoal, RawGoal};
use serde_json::{Value, json};

pub(crate) const TODAY: Date = date(2026, 3, 10);

pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

pub(crate) fn kolkata() -> TimeZone {
    zone("Asia/Kolkata")
}

/// The time that a clock in Kolkata shows as `text`.
pub(crate) fn time(text: &str) -> Timestamp {
    text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(kolkata()).unwrap().timestamp()
}

pub(crate) fn money(value: &str, currency: &str) -> Money {
    Money::new(value.parse().unwrap(), currency.parse().unwrap()).unwrap()
}

pub(crate) fn inr(value: &str) -> Money {
    money(value, Currency::INR.as_str())
}

pub(crate) fn accept(fields: Value) -> Result<NewGoal, Vec<Violation>> {
    let Value::Object(mut body) = fields else { panic!("{fields}") };
    body.entry("user_id").or_insert_with(|| "u1".into());
    body.entry("target").or_insert_with(|| json!({"value": "5000", "currency": "INR"}));
    let raw: RawGoal = serde_json::from_value(body.into()).unwrap();
    raw.accept(Identifier::parse("g1").unwrap(), TODAY)
}

/// A goal of 5000 rupees, or what `fields` say.
pub(crate) fn goal(fields: Value) -> Goal {
    accept(fields).unwrap().goal
}

pub(crate) fn fact(id: usize, time: Timestamp, value: &str, kind: Kind, category: Category) -> Fact {
    Fact { id: Identifier::parse(&format!("t{id}")).unwrap(), time, amount: inr(value), kind, category }
}
