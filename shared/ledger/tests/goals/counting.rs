//! What counts when: months by the clock of a zone, and sums that do not depend on the order.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Category, Fact, Goal, Kind, impacts};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::some::*;

#[test]
fn a_month_begins_at_midnight_of_its_zone_whatever_the_clocks_do() {
    for (name, at, since, until) in [
        ("Asia/Kolkata", "2026-03-10T12:00:00Z", "2026-02-28T18:30:00Z", "2026-03-31T18:30:00Z"),
        // The clocks go forward on 8 March and back on 1 November.
        ("America/New_York", "2026-03-10T12:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
        ("America/New_York", "2026-11-10T12:00:00Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"),
        // In 2011 Samoa crossed the date line and had no 30 December.
        ("Pacific/Apia", "2011-12-15T12:00:00Z", "2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z"),
        ("Pacific/Apia", "2026-03-31T11:00:00Z", "2026-03-31T11:00:00Z", "2026-04-30T11:00:00Z"),
    ] {
        let goal = goal(json!({"type": "budget", "starts": "2011-01-01"}));
        let zone = zone(name);
        let (since, until): (Timestamp, Timestamp) = (since.parse().unwrap(), until.parse().unwrap());
        let at: Timestamp = at.parse().unwrap();
        assert_eq!(goal.span(at, &zone), since..until, "{name}");
        assert_eq!(goal.since(at, &zone), since);
        let second = SignedDuration::from_secs(1);
        let facts = [since - second, since, until - second, until]
            .map(|time| fact(0, time, "10", Kind::Debit, Category::Groceries));
        let count = |now| goal.standing(&facts, now, &zone).current;
        assert_eq!(count(since - second), inr("10"), "{name}");
        assert_eq!(count(since), inr("20"), "{name}");
        assert_eq!(count(until - second), inr("20"), "{name}");
        assert_eq!(count(until), inr("10"), "{name}");
        let progress: Vec<_> =
            impacts(&[goal], &facts, facts[0].time, &zone).into_iter().map(|told| told[0].progress_after).collect();
        assert_eq!(progress, [0.002, 0.002, 0.004, 0.002], "{name}");
    }
}

#[test]
fn what_is_before_the_asked_time_is_counted_and_not_told() {
    let goal = goal(json!({"type": "budget"}));
    let facts = [5, 6, 7]
        .map(|day| fact(day, time(&format!("2026-03-0{day}T12:00")), "1000", Kind::Debit, Category::Groceries));
    let told = impacts(&[goal], &facts, facts[1].time, &kolkata());
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(told[2][0].progress_after, 0.6);
}

const CATEGORIES: [Category; 6] = [
    Category::Groceries,
    Category::Bills,
    Category::Transfer,
    Category::Investment,
    Category::Salary,
    Category::Interest,
];

fn any_fact() -> impl Strategy<Value = Fact> {
    let kinds = prop::sample::select(vec![Kind::Credit, Kind::Debit, Kind::Bill, Kind::Fee, Kind::Other]);
    let currencies = prop::sample::select(vec!["INR", "INR", "INR", "USD"]);
    // Hours of about four months, few enough that some are the same.
    (0..3000_i64, 0..2000_usize, 1..900_000_i64, currencies, kinds, prop::sample::select(CATEGORIES.to_vec())).prop_map(
        |(hour, id, hundredths, currency, kind, category)| {
            let mut fact = fact(id, time("2026-01-15T00:00") + SignedDuration::from_hours(hour), "1", kind, category);
            fact.amount = money(&Decimal::new(hundredths, 2).to_string(), currency);
            fact
        },
    )
}

fn any_goal() -> impl Strategy<Value = Goal> {
    let types = ["savings", "budget", "bill_payment", "spending_limit", "investment"];
    let categories = prop::option::of(prop::sample::select(vec!["groceries", "bills", "transfer"]));
    let periods = prop::option::of(prop::sample::select(vec!["day", "week", "month"]));
    (prop::sample::select(types.to_vec()), categories, periods, -60..60_i64, 0..120_i64, any::<bool>()).prop_map(
        |(goal_type, category, period, start, length, already)| {
            let starts = TODAY + SignedDuration::from_hours(24 * start);
            let ends = starts + SignedDuration::from_hours(24 * length);
            let mut fields = json!({"type": goal_type, "starts": starts.to_string(), "ends": ends.to_string()});
            let mut set = |field: &str, value: Value| fields[field] = value;
            if let Some(category) = category.filter(|_| goal_type != "investment") {
                set("category", category.into());
            }
            if let Some(period) = period.filter(|period| goal_type != "budget" || *period == "month") {
                set("period", period.into());
            } else if already && matches!(goal_type, "savings" | "investment") {
                set("already", json!({"value": "1200.50", "currency": "INR"}));
            }
            goal(fields)
        },
    )
}

fn any_zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec!["Asia/Kolkata", "America/New_York", "Pacific/Apia"]).prop_map(zone)
}

proptest! {
    #[test]
    fn the_last_impact_of_a_span_leaves_the_goal_where_it_stands(
        goal in any_goal(), mut facts in prop::collection::vec(any_fact(), 1..40), zone in any_zone(), at in 0..3000_i64,
    ) {
        facts.sort_by(|one, other| (one.time, &one.id).cmp(&(other.time, &other.id)));
        let now = time("2026-01-15T00:00") + SignedDuration::from_hours(at);
        let standing = goal.standing(&facts, now, &zone);
        let span = goal.span(now, &zone);
        let goals = [goal];
        let told = impacts(&goals, &facts, Timestamp::MIN, &zone);
        let within = facts.iter().zip(&told).filter(|(fact, _)| span.contains(&fact.time));
        let (mut sum, mut last) = (goals[0].already.map_or(Decimal::ZERO, |money| money.value()), None);
        for (fact, impact) in within.filter_map(|(fact, told)| Some((fact, told.first()?))) {
            // What reaches or breaks a target is told as 1, but its direction is always that of the change.
            let limits = matches!(goals[0].goal_type, ledger::GoalType::Budget | ledger::GoalType::SpendingLimit);
            let adds = (impact.score > 0.0) != limits;
            sum += if adds { fact.amount.value() } else { -fact.amount.value() };
            last = Some(impact.progress_after);
        }
        prop_assert_eq!(standing.current.value(), sum);
        prop_assert!(last.is_none_or(|progress| progress == standing.progress));
    }

    #[test]
    fn every_number_keeps_its_range(
        goals in prop::collection::vec(any_goal(), 1..4), facts in prop::collection::vec(any_fact(), 1..40),
        zone in any_zone(), at in -2000..6000_i64,
    ) {
        let now = time("2026-01-15T00:00") + SignedDuration::from_hours(at);
        for impact in impacts(&goals, &facts, Timestamp::MIN, &zone).into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&impact.score) && impact.score != 0.0);
            prop_assert!((0.0..=1.0).contains(&impact.progress_after));
        }
        for standing in goals.iter().map(|goal| goal.standing(&facts, now, &zone)) {
            prop_assert!((0.0..=1.0).contains(&standing.progress));
            prop_assert!(!standing.remaining.value().is_sign_negative() || standing.remaining.value().is_zero());
            prop_assert!(!(standing.on_track && standing.at_risk));
            prop_assert!(standing.from <= standing.until);
        }
    }

    #[test]
    fn the_order_in_which_facts_are_given_does_not_matter(
        goals in prop::collection::vec(any_goal(), 1..4), facts in prop::collection::vec(any_fact(), 1..30),
        seed in any::<u64>(), zone in any_zone(),
    ) {
        let mut facts = facts;
        for (place, fact) in facts.iter_mut().enumerate() {
            fact.id = kernel::Identifier::parse(&format!("t{place}")).unwrap();
        }
        let mut shuffled: Vec<usize> = (0..facts.len()).collect();
        shuffled.sort_by_key(|place| (*place as u64 + 1).wrapping_mul(seed | 1));
        let given: Vec<Fact> = shuffled.iter().map(|place| facts[*place].clone()).collect();
        let told = impacts(&goals, &facts, Timestamp::MIN, &zone);
        for (place, told_of_it) in shuffled.into_iter().zip(impacts(&goals, &given, Timestamp::MIN, &zone)) {
            prop_assert_eq!(&told[place], &told_of_it);
        }
        let now = time("2026-03-10T00:00");
        for goal in &goals {
            prop_assert_eq!(goal.standing(&facts, now, &zone), goal.standing(&given, now, &zone));
        }
    }

    #[test]
    fn facts_before_the_span_change_nothing(
        goals in prop::collection::vec(any_goal(), 1..4), facts in prop::collection::vec(any_fact(), 1..30),
        at in 0..3000_i64, zone in any_zone(),
    ) {
        let from = time("2026-01-15T00:00") + SignedDuration::from_hours(at);
        let since = goals.iter().map(|goal| goal.since(from, &zone)).min().unwrap();
        let (needed, before): (Vec<_>, Vec<_>) = facts.iter().cloned().partition(|fact| fact.time >= since.min(from));
        let mut all = needed.clone();
        all.extend(before);
        let told = impacts(&goals, &all, from, &zone);
        prop_assert_eq!(&told[..needed.len()], impacts(&goals, &needed, from, &zone));
        prop_assert!(told[needed.len()..].iter().all(Vec::is_empty));
    }
}
