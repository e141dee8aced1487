//! What recurs, and what only seems to.

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, date},
};
use kernel::Secret;
use ledger::{
    Category::{self, *},
    Interval, Kind, Payment, Recurring, RecurringKind as R, recurring,
};
use proptest::prelude::*;

use crate::some::*;

/// Payments to or from one merchant at ten in the morning.
fn paid(merchant: &str, kind: Kind, category: Category, days: &[(&str, &str)]) -> Vec<Payment> {
    let payment = |(place, (day, value)): (usize, &(&str, &str))| {
        let mut fact = fact(place, time(&format!("{day}T10:00")), value, kind, category);
        fact.id = kernel::Identifier::parse(&format!("{day}.{place}")).unwrap();
        Payment { fact, merchant: (!merchant.is_empty()).then(|| Secret::new(merchant.to_owned())) }
    };
    days.iter().enumerate().map(payment).collect()
}

fn found(payments: &[Payment], now: &str) -> Vec<Recurring> {
    recurring(payments, time(now), &kolkata())
}

fn only(payments: &[Payment], now: &str) -> Recurring {
    let mut found = found(payments, now);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn name(recurring: &Recurring) -> &str {
    recurring.merchant.as_ref().map_or("", |merchant| merchant.reveal())
}

#[test]
fn a_monthly_subscription_is_found_though_its_days_and_spelling_move() {
    let mut payments =
        paid("NETFLIX.COM 883120", Kind::Debit, Entertainment, &[("2026-01-05", "649"), ("2026-02-07", "649")]);
    payments.extend(paid("Netflix", Kind::Debit, Entertainment, &[("2026-03-04", "649"), ("2026-04-06", "649")]));
    let it = only(&payments, "2026-04-20T12:00");
    assert_eq!((it.kind, it.interval, it.category), (R::Subscription, Interval::Monthly, Entertainment));
    assert_eq!((name(&it), it.amount, it.varies, it.occurrences), ("Netflix", inr("649"), false, 4));
    assert_eq!((it.first, it.last), (time("2026-01-05T10:00"), time("2026-04-06T10:00")));
    assert_eq!((it.next_expected, it.active), (date(2026, 5, 5), true));
    assert!((0.7..0.9).contains(&it.confidence), "{}", it.confidence);
}

#[test]
fn a_new_price_does_not_end_a_subscription() {
    let days = [
        ("2026-01-05", "499"),
        ("2026-02-05", "499"),
        ("2026-03-05", "499"),
        ("2026-04-05", "649"),
        ("2026-05-05", "649"),
    ];
    let it = only(&paid("Netflix", Kind::Debit, Entertainment, &days), "2026-05-06T12:00");
    assert_eq!((it.kind, it.amount, it.varies), (R::Subscription, inr("649"), false));
    let it = only(&paid("Netflix", Kind::Debit, Entertainment, &days[..4]), "2026-04-06T12:00");
    assert_eq!((it.kind, it.amount, it.varies), (R::Subscription, inr("499"), false));
}

#[test]
fn a_cancelled_subscription_is_no_longer_active() {
    let days = [("2026-01-05", "119"), ("2026-02-05", "119"), ("2026-03-05", "119")];
    let payments = paid("Spotify", Kind::Debit, Entertainment, &days);
    for (now, active) in [("2026-03-06", true), ("2026-04-20", true), ("2026-04-21", false), ("2027-01-01", false)] {
        let it = only(&payments, &format!("{now}T12:00"));
        assert_eq!((it.next_expected, it.active), (date(2026, 4, 5), active), "{now}");
    }
}

#[test]
fn a_salary_comes_on_the_last_working_day() {
    let days = [
        ("2025-12-31", "85000"),
        ("2026-01-30", "85000"),
        ("2026-02-27", "85000"),
        ("2026-03-31", "121000"),
        ("2026-04-30", "92000"),
    ];
    let it = only(&paid("ACME SOFTWARE PVT LTD", Kind::Credit, Salary, &days), "2026-05-02T12:00");
    assert_eq!((it.kind, it.interval, it.amount, it.varies), (R::Salary, Interval::Monthly, inr("92000"), true));
    assert!((date(2026, 5, 28)..=date(2026, 5, 31)).contains(&it.next_expected), "{}", it.next_expected);
    let unnamed = only(&paid("", Kind::Credit, Salary, &days), "2026-05-02T12:00");
    assert_eq!((unnamed.kind, name(&unnamed)), (R::Salary, ""));
}

#[test]
fn the_main_income_is_a_salary_whatever_its_category_and_a_small_one_is_not() {
    let days = |value| [("2026-01-01", value), ("2026-02-01", value), ("2026-03-01", value)];
    let mut payments = paid("Acme Traders", Kind::Credit, Other, &days("40000"));
    payments.extend(paid("Tenant of the flat", Kind::Credit, Transfer, &days("12000")));
    payments.extend(paid("A Bank", Kind::Credit, Interest, &days("90000")));
    let kinds = |found: &[Recurring]| found.iter().map(|it| (name(it).to_owned(), it.kind)).collect::<Vec<_>>();
    assert!(kinds(&found(&payments, "2026-03-02T12:00")).iter().all(|(_, kind)| *kind == R::Income));
    payments.truncate(6);
    assert_eq!(
        kinds(&found(&payments, "2026-03-02T12:00")),
        [("Acme Traders".to_owned(), R::Salary), ("Tenant of the flat".to_owned(), R::Income)]
    );
}

#[test]
fn weeks_and_fortnights_and_quarters_and_years_are_told_apart() {
    for (days, interval, next) in [
        (vec!["2026-03-01", "2026-03-08", "2026-03-14", "2026-03-22"], Interval::Weekly, date(2026, 3, 29)),
        (vec!["2026-03-01", "2026-03-15", "2026-03-29"], Interval::Fortnightly, date(2026, 4, 12)),
        (vec!["2025-10-15", "2026-01-12", "2026-04-15"], Interval::Quarterly, date(2026, 7, 15)),
        (vec!["2025-04-02", "2026-04-01"], Interval::Yearly, date(2027, 4, 2)),
    ] {
        let days: Vec<_> = days.into_iter().map(|day| (day, "210")).collect();
        let it = only(&paid("Milk and More", Kind::Debit, Groceries, &days), "2026-04-18T12:00");
        assert_eq!((it.kind, it.interval, it.next_expected), (R::Subscription, interval, next));
    }
}

#[test]
fn a_yearly_premium_is_found_from_two_payments_and_is_not_sure() {
    let days = [("2025-04-20", "18200"), ("2026-04-11", "19400")];
    let it = only(&paid("General Insurance", Kind::Bill, Bills, &days), "2026-05-01T12:00");
    assert_eq!((it.kind, it.interval, it.amount), (R::Bill, Interval::Yearly, inr("19400")));
    assert!(it.confidence < 0.7, "{}", it.confidence);
}

#[test]
fn a_bill_may_vary_and_other_payments_may_not() {
    let days = [("2026-01-11", "1830"), ("2026-02-12", "1210"), ("2026-03-11", "2420"), ("2026-04-10", "3105.50")];
    let it = only(&paid("City Power", Kind::Bill, Utilities, &days), "2026-04-12T12:00");
    assert_eq!((it.kind, it.varies, it.amount), (R::Bill, true, inr("2420")));
    assert!(found(&paid("Bazaar", Kind::Debit, Shopping, &days), "2026-04-12T12:00").is_empty());
}

#[test]
fn rent_and_instalments_are_payments_and_not_subscriptions() {
    let days = [("2026-01-01", "22000"), ("2026-02-02", "22000"), ("2026-03-01", "22000")];
    for category in [Transfer, Investment] {
        assert_eq!(only(&paid("Landlord", Kind::Debit, category, &days), "2026-03-02T12:00").kind, R::Payment);
    }
}

#[test]
fn one_missed_month_in_four_is_forgiven_and_lowers_the_confidence() {
    let days =
        [("2026-01-05", "99"), ("2026-02-05", "99"), ("2026-03-05", "99"), ("2026-05-05", "99"), ("2026-06-05", "99")];
    let payments = paid("Cloud Disk", Kind::Debit, Utilities, &days);
    let it = only(&payments, "2026-06-06T12:00");
    assert_eq!((it.interval, it.occurrences), (Interval::Monthly, 5));
    assert!(it.confidence < 0.7, "{}", it.confidence);
    assert!(found(&payments[1..], "2026-06-06T12:00").is_empty());
}

#[test]
fn two_payments_in_one_place_of_the_beat_are_no_beat() {
    let days = [("2026-01-05", "99"), ("2026-01-07", "99"), ("2026-02-05", "99"), ("2026-03-05", "99")];
    assert!(found(&paid("Corner Shop", Kind::Debit, Groceries, &days), "2026-03-06T12:00").is_empty());
}

#[test]
fn a_subscription_is_found_among_other_payments_to_the_same_shop() {
    let mut payments = paid(
        "Big Market",
        Kind::Debit,
        Shopping,
        &[("2026-01-05", "179"), ("2026-02-05", "179"), ("2026-03-05", "179"), ("2026-04-05", "179")],
    );
    payments.extend(paid(
        "Big Market",
        Kind::Debit,
        Shopping,
        &[("2026-01-09", "2450"), ("2026-01-21", "310"), ("2026-03-17", "899")],
    ));
    let it = only(&payments, "2026-04-12T12:00");
    assert_eq!((it.amount, it.occurrences, it.kind), (inr("179"), 4, R::Subscription));
}

#[test]
fn directions_and_currencies_and_unknown_merchants_do_not_mix() {
    let days = [("2026-01-05", "649"), ("2026-02-05", "649"), ("2026-03-05", "649")];
    let mut payments = paid("Netflix", Kind::Debit, Entertainment, &days);
    payments[1].fact.kind = Kind::Credit;
    assert!(found(&payments, "2026-03-06T12:00").is_empty());
    payments[1].fact.kind = Kind::Debit;
    payments[1].fact.amount = money("649", "USD");
    assert!(found(&payments, "2026-03-06T12:00").is_empty());
    assert!(found(&paid("", Kind::Debit, Entertainment, &days), "2026-03-06T12:00").is_empty());
    assert!(found(&paid("Netflix", Kind::Other, Entertainment, &days), "2026-03-06T12:00").is_empty());
}

#[test]
fn a_payment_that_is_told_twice_counts_once() {
    let days = [("2026-01-05", "649"), ("2026-01-05", "649"), ("2026-02-05", "649"), ("2026-03-05", "649")];
    assert_eq!(only(&paid("Netflix", Kind::Debit, Entertainment, &days), "2026-03-06T12:00").occurrences, 3);
}

/// Numbers without a pattern, always the same ones.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A year of payments to twelve shops at random times, with amounts out of so many.
fn shopping(person: u64, amounts: u64, dice: &mut Dice) -> Vec<Payment> {
    let mut payments = Vec::new();
    for shop in 0..12_u8 {
        for visit in 0..2 + dice.below(60) {
            let at = time("2025-03-01T00:00") + SignedDuration::from_mins(i64::try_from(dice.below(525_600)).unwrap());
            let value = (50 + 10 * dice.below(amounts)).to_string();
            let mut fact = fact(0, at, &value, Kind::Debit, Groceries);
            fact.id = kernel::Identifier::parse(&format!("{person}.{shop}.{visit}")).unwrap();
            let merchant = format!("Shop {}", char::from(b'a' + shop));
            payments.push(Payment { fact, merchant: Some(Secret::new(merchant)) });
        }
    }
    payments
}

#[test]
fn buying_at_random_rarely_looks_regular() {
    for amounts in [5, 20, 200] {
        let mut dice = Dice(amounts);
        let regular: usize =
            (0..50).map(|person| found(&shopping(person, amounts, &mut dice), "2026-03-01T00:00").len()).sum();
        assert!(regular <= 3, "{regular} of 600 shops with {amounts} amounts");
    }
}

proptest! {
    #[test]
    fn an_even_beat_is_found_on_any_day_of_any_month_in_any_order(
        start in 0..700_i64, count in 4..14_i64, jitter in prop::collection::vec(-2..=2_i64, 14), seed in any::<u64>(),
    ) {
        let start = date(2024, 1, 1) + SignedDuration::from_hours(24 * start);
        let day = |place: i64| -> Date { start + place.months() + jitter[usize::try_from(place).unwrap()].days() };
        let days: Vec<String> = (0..count).map(|place| day(place).to_string()).collect();
        let pairs: Vec<(&str, &str)> = days.iter().map(|day| (day.as_str(), "499")).collect();
        let mut payments = paid("Gym", Kind::Debit, Healthcare, &pairs);
        let now = format!("{}T12:00", days.last().unwrap());
        let sorted = only(&payments, &now);
        prop_assert_eq!((sorted.interval, i64::from(sorted.occurrences)), (Interval::Monthly, count));
        prop_assert!(sorted.active && (0.0..=1.0).contains(&sorted.confidence));
        let off = (sorted.next_expected - (start + count.months())).get_days().abs();
        prop_assert!(off <= 3, "{}", off);
        payments.sort_by_key(|payment| payment.fact.id.bytes().fold(seed, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x9E37_79B9)));
        prop_assert_eq!(format!("{:?}", only(&payments, &now)), format!("{sorted:?}"));
    }
}
