//! How goals are going: one table for each type.

use jiff::{civil::date, tz::TimeZone};
use ledger::{
    Category::{self, *},
    Fact, Goal,
    Kind::{self, Bill, Credit, Debit},
    Standing, impacts,
};
use serde_json::json;

use crate::some::*;

type Row<'a> = (&'a str, &'a str, Kind, Category);

fn facts(rows: &[Row<'_>]) -> Vec<Fact> {
    rows.iter()
        .enumerate()
        .map(|(id, (at, value, kind, category))| fact(id, time(at), value, *kind, *category))
        .collect()
}

fn standing(goal: &Goal, rows: &[Row<'_>], now: &str) -> Standing {
    goal.standing(&facts(rows), time(now), &kolkata())
}

/// Score, progress and message of each impact, for a goal that each of the rows touches once or not at all.
fn told(goal: &Goal, rows: &[Row<'_>]) -> Vec<(f64, f64, String)> {
    let facts = facts(rows);
    let all = impacts(std::slice::from_ref(goal), &facts, facts[0].time, &kolkata());
    all.into_iter().flatten().map(|impact| (impact.score, impact.progress_after, impact.message)).collect()
}

fn said(standing: &Standing) -> (f64, bool, bool, u32, &str) {
    let Standing { progress, on_track, at_risk, days_remaining, message, .. } = standing;
    (*progress, *on_track, *at_risk, *days_remaining, message)
}

#[test]
fn a_budget_counts_what_was_spent_in_the_month_and_what_came_back() {
    let goal = goal(json!({"type": "budget"}));
    let rows = [
        ("2026-03-01T00:00", "1000", Debit, Groceries),
        ("2026-03-02T09:00", "85000", Credit, Salary),
        ("2026-03-02T10:00", "20000", Debit, Transfer),
        ("2026-03-02T11:00", "3000", Debit, Investment),
        ("2026-03-03T10:00", "700", Kind::Other, Shopping),
        ("2026-03-04T10:00", "1500", Bill, Utilities),
        ("2026-03-05T10:00", "100", Kind::Fee, Category::Fee),
        ("2026-03-06T10:00", "2500", Debit, Shopping),
        ("2026-03-07T10:00", "250.50", Debit, FoodDining),
        ("2026-03-08T10:00", "2500", Credit, Shopping),
        ("2026-03-08T11:00", "40", Credit, Cashback),
        ("2026-04-01T00:00", "4600", Debit, Travel),
    ];
    let expected = [
        (-0.2, 0.2, "INR 1,000.00 spent on groceries: INR 1,000.00 of INR 5,000.00 spent in March 2026."),
        (-0.3, 0.5, "INR 1,500.00 spent on utilities: INR 2,500.00 of INR 5,000.00 spent in March 2026."),
        (-0.02, 0.52, "INR 100.00 spent on fees: INR 2,600.00 of INR 5,000.00 spent in March 2026."),
        (
            -1.0,
            1.0,
            "INR 2,500.00 spent on shopping: this breaks the budget of INR 5,000.00 in March 2026 by INR 100.00.",
        ),
        (-1.0, 1.0, "INR 250.50 spent on food and dining: INR 350.50 over the budget of INR 5,000.00 in March 2026."),
        (
            1.0,
            0.5701,
            "INR 2,500.00 given back for shopping: INR 2,850.50 of INR 5,000.00 spent in March 2026, within the budget \
             again.",
        ),
        (-0.92, 0.92, "INR 4,600.00 spent on travel: INR 4,600.00 of INR 5,000.00 spent in April 2026."),
    ];
    assert_eq!(told(&goal, &rows), expected.map(|(score, progress, text)| (score, progress, text.to_owned())));
}

#[test]
fn a_budget_is_on_track_at_an_even_pace_and_at_risk_beyond_it() {
    let goal = goal(json!({"type": "budget", "category": "groceries"}));
    for (spent, now, expected) in [
        (
            "500",
            "2026-03-01T12:00",
            (
                0.1,
                true,
                false,
                30,
                "INR 500.00 of INR 5,000.00 spent on groceries this month: on track, INR 4,500.00 left with 30 days to go.",
            ),
        ),
        (
            "2500",
            "2026-03-05T12:00",
            (
                0.5,
                false,
                false,
                26,
                "INR 2,500.00 of INR 5,000.00 spent on groceries this month: faster than planned, INR 2,500.00 left with 26 days to go.",
            ),
        ),
        (
            "2500",
            "2026-03-10T12:00",
            (
                0.5,
                false,
                true,
                21,
                "INR 2,500.00 of INR 5,000.00 spent on groceries this month: at risk, INR 2,500.00 left with 21 days to go.",
            ),
        ),
        (
            "4600",
            "2026-03-02T12:00",
            (
                0.92,
                false,
                true,
                29,
                "INR 4,600.00 of INR 5,000.00 spent on groceries this month: at risk, INR 400.00 left with 29 days to go.",
            ),
        ),
        (
            "4600",
            "2026-03-30T12:00",
            (
                0.92,
                true,
                false,
                1,
                "INR 4,600.00 of INR 5,000.00 spent on groceries this month: on track, INR 400.00 left with 1 day to go.",
            ),
        ),
        (
            "5000.01",
            "2026-03-31T12:00",
            (1.0, false, true, 0, "INR 5,000.01 of INR 5,000.00 spent on groceries this month: INR 0.01 too much."),
        ),
        (
            "4999.99",
            "2026-03-31T12:00",
            (
                0.9999,
                true,
                false,
                0,
                "INR 4,999.99 of INR 5,000.00 spent on groceries this month: on track, INR 0.01 left on the last day.",
            ),
        ),
    ] {
        let rows = [("2026-03-01T08:00", spent, Debit, Groceries), ("2026-03-01T09:00", "900", Debit, Travel)];
        assert_eq!(said(&standing(&goal, &rows, now)), expected, "{now}");
    }
    let next = standing(&goal, &[("2026-03-31T23:59:59", "4000", Debit, Groceries)], "2026-04-01T00:00");
    assert_eq!((next.progress, next.current, next.remaining), (0.0, inr("0"), inr("5000")));
    assert_eq!((next.from, next.until), (date(2026, 4, 1), date(2026, 4, 30)));
}

#[test]
fn a_spending_limit_begins_anew_every_day_or_week() {
    let daily =
        goal(json!({"type": "spending_limit", "period": "day", "target": {"value": "1000", "currency": "INR"}}));
    let rows = [
        ("2026-03-11T23:59:59", "900", Debit, Shopping),
        ("2026-03-12T00:00", "1200", Debit, Shopping),
        ("2026-03-13T12:00", "250", Debit, Shopping),
    ];
    let expected = [
        (-0.9, 0.9, "INR 900.00 spent on shopping: INR 900.00 of INR 1,000.00 spent on 11 March 2026."),
        (
            -1.0,
            1.0,
            "INR 1,200.00 spent on shopping: this breaks the limit of INR 1,000.00 on 12 March 2026 by INR 200.00.",
        ),
        (-0.25, 0.25, "INR 250.00 spent on shopping: INR 250.00 of INR 1,000.00 spent on 13 March 2026."),
    ];
    assert_eq!(told(&daily, &rows), expected.map(|(score, progress, text)| (score, progress, text.to_owned())));
    assert_eq!(
        said(&standing(&daily, &rows, "2026-03-13T18:00")),
        (0.25, true, false, 0, "INR 250.00 of INR 1,000.00 spent today: on track, INR 750.00 left on the last day.")
    );

    let weekly = goal(json!({"type": "spending_limit", "period": "week", "ends": "2026-03-18"}));
    let week = standing(&weekly, &rows, "2026-03-12T12:00");
    assert_eq!((week.from, week.until), (date(2026, 3, 9), date(2026, 3, 15)));
    assert_eq!(week.current, inr("2350"));
    let cut = standing(&weekly, &[], "2026-03-18T12:00");
    assert_eq!((cut.from, cut.until, cut.days_remaining), (date(2026, 3, 16), date(2026, 3, 18), 0));
    assert_eq!(
        said(&standing(&weekly, &[("2026-03-17T12:00", "80", Debit, Cash)], "2026-05-01T12:00")),
        (0.016, true, false, 0, "INR 80.00 of INR 5,000.00 spent in the week of 16 March 2026: within the limit.")
    );
}

#[test]
fn savings_are_what_came_in_and_was_not_spent() {
    let goal = goal(json!({
        "type": "savings", "starts": "2026-03-01", "ends": "2026-06-08",
        "target": {"value": "100000", "currency": "INR"}, "already": {"value": "20000", "currency": "INR"},
    }));
    let rows = [
        ("2026-02-28T10:00", "7000", Credit, Salary),
        ("2026-03-01T10:00", "60000", Credit, Salary),
        ("2026-03-02T10:00", "10000", Debit, Shopping),
        ("2026-03-02T11:00", "90000", Debit, Transfer),
        ("2026-04-01T10:00", "60000", Credit, Salary),
        ("2026-04-02T10:00", "45000", Debit, Travel),
    ];
    let when = "from 1 March 2026 to 8 June 2026";
    let expected = [
        (0.6, 0.8, format!("INR 60,000.00 came in as salary: INR 80,000.00 of INR 100,000.00 saved {when}.")),
        (-0.1, 0.7, format!("INR 10,000.00 went out for shopping: INR 70,000.00 of INR 100,000.00 saved {when}.")),
        (
            1.0,
            1.0,
            format!("INR 60,000.00 came in as salary: INR 130,000.00 of INR 100,000.00 saved {when}, all of it."),
        ),
        (
            -1.0,
            0.85,
            format!(
                "INR 45,000.00 went out for travel: INR 85,000.00 of INR 100,000.00 saved {when}, no longer all of it."
            ),
        ),
    ];
    assert_eq!(told(&goal, &rows), expected);
    let said_at = |rows: &[Row<'_>], now: &str| {
        let standing = standing(&goal, rows, now);
        (standing.on_track, standing.at_risk, standing.days_remaining, standing.message)
    };
    // A hundred days for 80 000 rupees: half of the way is due after fifty.
    for (saved, verdict, how) in [
        ("32000", (true, false), "on track, INR 48,000.00 to go with 49 days to go"),
        ("31000", (false, false), "behind, INR 49,000.00 to go with 49 days to go"),
        ("24000", (false, true), "far behind, INR 56,000.00 to go with 49 days to go"),
        ("80000", (true, false), "all of it"),
    ] {
        let sum = 20000 + saved.parse::<i64>().unwrap();
        let (on_track, at_risk, days, message) =
            said_at(&[("2026-03-05T10:00", saved, Credit, Salary)], "2026-04-20T00:00");
        assert_eq!(((on_track, at_risk), days), (verdict, 49), "{saved}");
        let (thousands, rest) = (sum / 1000, sum % 1000);
        assert_eq!(message, format!("INR {thousands},{rest:03}.00 of INR 100,000.00 saved since 1 March 2026: {how}."));
    }
    assert_eq!(
        said_at(&[], "2026-06-09T00:00"),
        (
            false,
            true,
            0,
            "INR 20,000.00 of INR 100,000.00 saved from 1 March 2026 to 8 June 2026: INR 80,000.00 short of the goal."
                .to_owned()
        )
    );
    let nearly = standing(&goal, &[("2026-03-05T10:00", "79999", Credit, Salary)], "2026-06-09T00:00");
    assert_eq!((nearly.on_track, nearly.at_risk, nearly.remaining), (false, true, inr("1")));
    assert_eq!(
        said_at(&[], "2026-02-27T00:00"),
        (
            true,
            false,
            101,
            "INR 20,000.00 of INR 100,000.00 saved from 1 March 2026 to 8 June 2026: starts on 1 March 2026."
                .to_owned()
        )
    );
}

#[test]
fn savings_with_a_category_are_what_was_put_into_it_or_came_from_it() {
    let rows = [
        ("2026-03-11T10:00", "2000", Debit, Transfer),
        ("2026-03-12T10:00", "500", Credit, Transfer),
        ("2026-03-13T10:00", "70", Credit, Interest),
        ("2026-03-14T10:00", "85", Debit, Groceries),
    ];
    let aside = goal(json!({"type": "savings", "category": "transfer", "period": "month"}));
    assert_eq!(standing(&aside, &rows, "2026-03-20T00:00").current, inr("1500"));
    let interest = goal(json!({"type": "savings", "category": "interest", "period": "month"}));
    assert_eq!(
        standing(&interest, &rows, "2026-03-31T00:00").message,
        "INR 70.00 of INR 5,000.00 saved from interest this month: far behind, INR 4,930.00 to go on the last day."
    );
}

#[test]
fn a_bill_is_paid_in_time_or_not() {
    let goal = goal(json!({
        "type": "bill_payment", "ends": "2026-03-25", "target": {"value": "1200", "currency": "INR"},
    }));
    let first = ("2026-03-11T10:00", "700", Bill, Utilities);
    let second = ("2026-03-25T23:59:59", "500", Debit, Bills);
    let late = ("2026-03-26T00:00", "500", Debit, Bills);
    let other = ("2026-03-20T10:00", "9000", Debit, Utilities);
    let when = "from 10 March 2026 to 25 March 2026";
    assert_eq!(
        told(&goal, &[first, other, second, late]),
        [
            (0.5833, 0.5833, format!("INR 700.00 paid for utilities: INR 700.00 of INR 1,200.00 paid {when}.")),
            (1.0, 1.0, format!("INR 500.00 paid for bills: INR 1,200.00 of INR 1,200.00 paid {when}, all of it.")),
        ]
    );
    for (rows, now, expected) in [
        (
            vec![],
            "2026-03-21T12:00",
            (
                0.0,
                true,
                false,
                4,
                "INR 0.00 of INR 1,200.00 paid since 10 March 2026: INR 1,200.00 due by 25 March 2026, with 4 days to go.",
            ),
        ),
        (
            vec![first],
            "2026-03-22T12:00",
            (
                0.5833,
                false,
                true,
                3,
                "INR 700.00 of INR 1,200.00 paid since 10 March 2026: INR 500.00 due by 25 March 2026, with 3 days to go.",
            ),
        ),
        (
            vec![first, second],
            "2026-03-25T23:59:59",
            (1.0, true, false, 0, "INR 1,200.00 of INR 1,200.00 paid since 10 March 2026: paid in full."),
        ),
        (
            vec![first, late],
            "2026-03-27T12:00",
            (
                0.5833,
                false,
                true,
                0,
                "INR 700.00 of INR 1,200.00 paid from 10 March 2026 to 25 March 2026: INR 500.00 not paid in time.",
            ),
        ),
    ] {
        assert_eq!(said(&standing(&goal, &rows, now)), expected, "{now}");
    }
}

#[test]
fn an_investment_goal_counts_what_was_invested_and_not_taken_out() {
    let goal = goal(json!({"type": "investment", "period": "month"}));
    let rows = [
        ("2026-03-11T10:00", "3000", Debit, Investment),
        ("2026-03-12T10:00", "1000", Credit, Investment),
        ("2026-03-13T10:00", "4000", Debit, Shopping),
        ("2026-03-14T10:00", "3000", Debit, Investment),
    ];
    let expected = [
        (0.6, 0.6, "INR 3,000.00 put into investments: INR 3,000.00 of INR 5,000.00 invested in March 2026."),
        (-0.2, 0.4, "INR 1,000.00 taken out of investments: INR 2,000.00 of INR 5,000.00 invested in March 2026."),
        (
            1.0,
            1.0,
            "INR 3,000.00 put into investments: INR 5,000.00 of INR 5,000.00 invested in March 2026, all of it.",
        ),
    ];
    assert_eq!(told(&goal, &rows), expected.map(|(score, progress, text)| (score, progress, text.to_owned())));
    assert_eq!(
        said(&standing(&goal, &rows, "2026-03-15T12:00")),
        (1.0, true, false, 16, "INR 5,000.00 of INR 5,000.00 invested this month: all of it.")
    );
}

#[test]
fn money_of_another_currency_is_not_counted_and_that_is_said() {
    let goal = goal(json!({"type": "budget"}));
    let mut facts = facts(&[("2026-03-11T10:00", "700", Debit, Travel), ("2026-03-12T10:00", "30", Debit, Travel)]);
    facts[1].amount = money("30", "USD");
    let standing = goal.standing(&facts, time("2026-03-20T00:00"), &kolkata());
    assert_eq!((standing.current, standing.ignored_currencies), (inr("700"), 1));
    let told = impacts(&[goal], &facts, facts[0].time, &kolkata());
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_corrected_category_moves_money_from_one_goal_to_another() {
    let goals = ["groceries", "travel"].map(|category| goal(json!({"type": "budget", "category": category})));
    let mut facts = facts(&[("2026-03-11T10:00", "700", Debit, Groceries)]);
    let current = |facts: &[Fact]| {
        goals.each_ref().map(|goal| goal.standing(facts, time("2026-03-20T00:00"), &kolkata()).current)
    };
    assert_eq!(current(&facts), [inr("700"), inr("0")]);
    facts[0].category = Travel;
    assert_eq!(current(&facts), [inr("0"), inr("700")]);
}

#[test]
fn a_score_is_never_zero_and_a_target_is_only_reached_with_all_of_it() {
    let goal = goal(json!({
        "type": "investment", "period": "month", "target": {"value": "1000000", "currency": "INR"},
    }));
    let rows = [("2026-03-11T10:00", "999999.99", Debit, Investment), ("2026-03-12T10:00", "0.001", Debit, Investment)];
    let numbers: Vec<_> = told(&goal, &rows).into_iter().map(|(score, progress, _)| (score, progress)).collect();
    assert_eq!(numbers, [(1.0, 0.9999), (0.0001, 0.9999)]);
}

#[test]
fn sums_beyond_what_money_can_hold_stay_at_its_most() {
    let goal = goal(json!({"type": "investment", "period": "month"}));
    let most = "999999999999999.9999";
    let facts = facts(&[("2026-03-11T10:00", most, Debit, Investment), ("2026-03-12T10:00", most, Debit, Investment)]);
    let standing = goal.standing(&facts, time("2026-03-20T00:00"), &TimeZone::UTC);
    assert_eq!(standing.current, inr(most));
}
