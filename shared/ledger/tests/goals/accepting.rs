//! Which goals are taken from clients.

use jiff::civil::date;
use ledger::{Category, Goal, GoalType, Period, RawGoal};
use serde_json::{Value, json};

use crate::some::*;

#[test]
fn a_goal_takes_its_defaults_from_its_type() {
    for (fields, period, starts, category) in [
        (json!({"type": "budget"}), Some(Period::Month), date(2026, 3, 1), None),
        (json!({"type": "spending_limit"}), Some(Period::Month), date(2026, 3, 1), None),
        (json!({"type": "spending_limit", "period": "week"}), Some(Period::Week), date(2026, 3, 9), None),
        (json!({"type": "spending_limit", "period": "day"}), Some(Period::Day), TODAY, None),
        (json!({"type": "savings", "ends": "2026-12-31"}), None, TODAY, None),
        (json!({"type": "savings", "starts": "2026-02-03", "ends": "2026-12-31"}), None, date(2026, 2, 3), None),
        (json!({"type": "investment", "category": "investment", "ends": "2026-12-31"}), None, TODAY, None),
        (
            json!({"type": "bill_payment", "category": "utilities", "period": "month"}),
            Some(Period::Month),
            date(2026, 3, 1),
            Some(Category::Utilities),
        ),
    ] {
        let goal = goal(fields.clone());
        assert_eq!((goal.period, goal.starts, goal.category), (period, starts, category), "{fields}");
    }
}

#[test]
fn every_broken_rule_is_named_by_its_place() {
    let savings = |fields: Value| {
        let mut all = json!({"type": "savings", "ends": "2026-12-31"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    let inr = |value: &str| json!({"value": value, "currency": "INR"});
    for (fields, expected) in [
        (json!({"type": "wish"}), vec!["/type invalid"]),
        (savings(json!({"user_id": "a b"})), vec!["/user_id invalid"]),
        (savings(json!({"target": inr("0")})), vec!["/target out_of_range"]),
        (savings(json!({"target": inr("-5")})), vec!["/target out_of_range"]),
        (savings(json!({"name": " "})), vec!["/name too_short"]),
        (savings(json!({"name": "x".repeat(129)})), vec!["/name too_long"]),
        (savings(json!({"name": "a\nb"})), vec!["/name invalid"]),
        (savings(json!({"category": "fun"})), vec!["/category invalid"]),
        (savings(json!({"starts": "20260301"})), vec!["/starts invalid"]),
        (savings(json!({"starts": "1999-12-31"})), vec!["/starts out_of_range"]),
        (savings(json!({"starts": "1 May", "ends": "2026-03-09"})), vec!["/starts invalid"]),
        (json!({"type": "savings", "starts": "1 May"}), vec!["/starts invalid", "/ends required"]),
        (savings(json!({"ends": "2026-02-30"})), vec!["/ends invalid"]),
        (savings(json!({"ends": "2026-03-09"})), vec!["/ends before_start"]),
        (savings(json!({"ends": "2027-04-15"})), vec!["/ends too_far"]),
        (savings(json!({"period": "year"})), vec!["/period invalid"]),
        (savings(json!({"already": inr("5000")})), vec!["/already out_of_range"]),
        (savings(json!({"already": inr("-1")})), vec!["/already out_of_range"]),
        (savings(json!({"already": {"value": "1", "currency": "USD"}})), vec!["/already invalid"]),
        (savings(json!({"already": inr("1"), "period": "month"})), vec!["/already not_allowed"]),
        (json!({"type": "savings"}), vec!["/ends required"]),
        (json!({"type": "bill_payment"}), vec!["/ends required"]),
        (json!({"type": "budget", "already": inr("1")}), vec!["/already not_allowed"]),
        (json!({"type": "budget", "period": "week"}), vec!["/period not_allowed"]),
        (json!({"type": "budget", "category": "salary"}), vec!["/category not_allowed"]),
        (json!({"type": "investment", "category": "travel", "period": "month"}), vec!["/category not_allowed"]),
        (
            json!({"type": "savings", "target": inr("0"), "category": "fun", "ends": "x"}),
            vec!["/target out_of_range", "/category invalid", "/ends invalid"],
        ),
    ] {
        let broken = accept(fields.clone()).unwrap_err();
        let broken: Vec<_> = broken.iter().map(|one| format!("{} {}", one.pointer, one.code)).collect();
        assert_eq!(broken, expected, "{fields}");
    }
    assert!(accept(savings(json!({"ends": "2027-04-14"}))).is_ok());
}

#[test]
fn what_is_not_known_is_refused_and_what_is_missing_too() {
    let target = json!({"value": "1", "currency": "INR"});
    for body in [
        json!({"user_id": "u1", "type": "budget", "target": target, "spent": 1}),
        json!({"user_id": "u1", "type": "budget"}),
        json!({"user_id": "u1", "type": "budget", "target": {"value": 1, "currency": "INR"}}),
    ] {
        assert!(serde_json::from_value::<RawGoal>(body.clone()).is_err(), "{body}");
    }
}

#[test]
fn a_stored_goal_comes_back_and_says_nothing_personal() {
    let new = accept(json!({"type": "savings", "name": "Wedding of Asha", "ends": "2026-12-31"})).unwrap();
    assert_eq!(new.name.as_ref().unwrap().reveal(), "Wedding of Asha");
    assert_eq!(&*new.user_id, "u1");
    let json = serde_json::to_value(&new.goal).unwrap();
    assert_eq!(
        json,
        json!({
            "goal_id": "g1", "type": "savings", "target": {"value": "5000.00", "currency": "INR"},
            "starts": "2026-03-10", "ends": "2026-12-31",
        })
    );
    let back: Goal = serde_json::from_value(json).unwrap();
    assert_eq!(back, new.goal);
    assert_eq!(back.goal_type, GoalType::Savings);
    assert!(!format!("{new:?}").contains("Asha"));
}
