#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use jiff::Timestamp;
use kernel::Secret;
use proptest::prelude::*;

use super::{phrases, rules, tables, *};
use crate::{Found, Instrument, Kind, Parsed, Rail, TimeSource};

fn found<T>(value: T) -> Found<T> {
    Found { value, span: 0..0, confidence: 1.0 }
}

fn paid(merchant: &str) -> Parsed {
    Parsed {
        amount: found(kernel::Money::new("250".parse().unwrap(), kernel::Currency::INR).unwrap()),
        kind: found(Kind::Debit),
        account: None,
        instrument: None,
        rail: None,
        merchant: (!merchant.is_empty()).then(|| found(Secret::new(merchant.to_owned()))),
        counterparty: None,
        reference: None,
        time: Timestamp::UNIX_EPOCH,
        time_source: TimeSource::Request,
        time_span: None,
        balance: None,
        limit: None,
    }
}

fn by(mut parsed: Parsed, rail: Rail) -> Parsed {
    parsed.rail = Some(found(rail));
    parsed
}

fn by_card(merchant: &str) -> Parsed {
    Parsed { instrument: Some(found(Instrument::Card)), ..paid(merchant) }
}

fn received(from: &str) -> Parsed {
    Parsed { kind: found(Kind::Credit), ..paid(from) }
}

fn to_address(address: &str) -> Parsed {
    by(Parsed { counterparty: Some(found(Secret::new(address.to_owned()))), ..paid("") }, Rail::Upi)
}

fn alone(text: &str, parsed: &Parsed) -> (Category, Reason) {
    let told = categorise(text, parsed, |_| None);
    (told.category, told.reason)
}

fn kinds(text: &str, parsed: &Parsed) -> Vec<&'static str> {
    categorise(text, parsed, |_| None).subcategories
}

#[test]
fn words_have_one_spelling() {
    for (text, spelling) in [
        ("Domino's  PIZZA", "dominos pizza"),
        ("Café Ｍüller", "cafe muller"),
        ("H&M / Marks & Spencer", "hm marks spencer"),
        ("M AND S", "m s"),
        ("SWIGGY8@ybl", "swiggy 8 ybl"),
        ("..MEADOWLARK FAMILY_", "meadowlark family"),
        ("&", ""),
        ("", ""),
    ] {
        assert_eq!(words(text).trim_end(), spelling, "{text}");
    }
}

#[test]
fn every_line_of_the_tables_is_read_and_is_spelt_as_messages_are() {
    for table in [tables::MERCHANTS, tables::WORDS] {
        let rows: Vec<_> = tables::rows(table).collect();
        assert_eq!(rows.len(), table.lines().count());
        let names: BTreeSet<_> = rows.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), rows.len());
        for (name, _) in rows {
            let name = name.trim_start_matches('=');
            assert_eq!(words(name).trim_end(), name);
        }
    }
    for name in tables::PEOPLE.split_whitespace() {
        assert_eq!(words(name).trim_end(), name);
    }
    assert_eq!(rules::all().count(), rules::RULES.lines().count());
    let phrases: Vec<_> = rules::all().flat_map(|(_, phrases)| phrases).collect();
    assert_eq!(phrases.iter().collect::<BTreeSet<_>>().len(), phrases.len());
    for phrase in phrases {
        assert_eq!(words(phrase).trim_end(), phrase);
    }
}

#[test]
fn every_subcategory_is_documented() {
    let documented = include_str!("../category.rs");
    let used = tables::rows(tables::MERCHANTS).chain(tables::rows(tables::WORDS)).map(|(_, label)| label);
    for (category, kind) in
        used.chain(rules::all().filter_map(|(label, _)| label)).chain([(Category::Transfer, "person")])
    {
        let line = documented.split(&format!("{}: ", category.name())).nth(1).unwrap();
        let kinds = line.split("//! - ").next().unwrap().split("\n//!\n").next().unwrap();
        assert!(kinds.contains(&format!("`{kind}`")), "{} {kind}", category.name());
    }
}

#[test]
fn a_category_is_found_by_its_name_and_is_called_so_in_json() {
    for category in Category::ALL {
        assert_eq!(Category::named(category.name()), Some(category));
        assert_eq!(serde_json::to_value(category).unwrap(), category.name());
    }
    assert_eq!(Category::named("groceris"), None);
}

#[test]
fn the_words_of_a_message_decide_before_any_name_does() {
    let cases = [
        ("Rs 2000 withdrawn at ATM MG ROAD from A/c XX12", paid("AMAZON"), Category::Cash),
        ("INR 118 debited from A/c XX12 towards SMS charges", paid(""), Category::Fee),
        ("Rs 50,000 credited to A/c XX12 SALARY JUN", received("ACME PVT LTD"), Category::Salary),
        ("A/c XX12 credited with Rs 310. Int.Pd 01-04 to 30-06", received(""), Category::Interest),
        ("Cashback of Rs 25 credited to your A/c XX12", received("AMAZON"), Category::Cashback),
        ("Rs 5000 debited for SIP in BLUECHIP FUND", paid("BLUECHIP FUND"), Category::Investment),
        ("Rs 8,450 debited from A/c XX12 towards EMI of loan 7", paid(""), Category::Bills),
        ("Payment of Rs 900 received towards your credit card XX12", received(""), Category::Bills),
        ("Rs 740 paid for electricity bill", paid("CITY BOARD"), Category::Utilities),
        ("Rs 12000 paid towards school fees", paid("ST THERESA"), Category::Education),
    ];
    for (text, parsed, category) in cases {
        assert_eq!(alone(text, &parsed), (category, Reason::Rule), "{text}");
    }
}

#[test]
fn a_phrase_counts_only_for_money_that_moves_its_way() {
    assert_eq!(alone("Rs 900 sent to Lakshmi for salary", &paid("AMAZON")).0, Category::Shopping);
    assert_eq!(alone("Rs 10 debited. Win cashback daily", &paid("SWIGGY")).0, Category::FoodDining);
    assert_eq!(alone("Rs 10 credited. EMI offers inside", &received("SWIGGY")).0, Category::FoodDining);
}

#[test]
fn offers_and_names_of_cards_are_not_taken_for_what_was_paid() {
    for text in [
        "Rs 950 spent on ATM card XX12 at CROMA",
        "Rs 950 spent at CROMA. To convert to EMI call us",
        "Rs 950 spent at CROMA. Earn reward points",
        "Rs 950 spent from salary account XX12 at CROMA",
        "Rs 950 spent at CROMA. Not you? Call toll free 1800",
    ] {
        assert_eq!(alone(text, &by_card("CROMA")), (Category::Shopping, Reason::Dictionary), "{text}");
    }
}

#[test]
fn fees_and_cash_are_what_the_parser_says_they_are() {
    let fee = Parsed { kind: found(Kind::Fee), ..paid("AMAZON") };
    assert_eq!(alone("Rs 59 debited", &fee), (Category::Fee, Reason::Rule));
    assert_eq!(kinds("Rs 59 debited", &by(paid(""), Rail::Cash)), ["atm_withdrawal"]);
    assert_eq!(kinds("Rs 59 credited", &by(received(""), Rail::Cash)), ["cash_deposit"]);
}

#[test]
fn a_merchant_is_known_through_what_gateways_and_cities_add() {
    for (name, kind) in [
        ("IND*AMAZON", "online"),
        ("RAZ*Swiggy", "food_delivery"),
        ("PYU*SWIGGY FOOD BANGALORE", "food_delivery"),
        ("PAYTM*IRCTC 4432", "rail"),
        ("ACH*ZERODHA B", "broker"),
        ("UBER INDIA SYSTEMS PVT", "ride_hailing"),
        ("swiggy.stores@icici", "food_delivery"),
        ("swiggy8@ybl", "food_delivery"),
        ("AIRTEL Gurgaon IND", "mobile"),
        ("SHELL", "fuel"),
        ("DOMINO'S PIZZA 341", "fast_food"),
        ("Marks & Spencer", "fashion"),
        ("APOLLO PHARMACY", "pharmacy"),
        ("BYJU'S", "online"),
    ] {
        assert_eq!(kinds("Rs 1 paid", &paid(name)), [kind], "{name}");
    }
}

#[test]
fn the_longest_name_wins_and_none_is_found_inside_a_word() {
    assert_eq!(kinds("", &paid("AMAZON PRIME VIDEO")), ["streaming"]);
    assert_eq!(kinds("", &paid("UBER EATS")), ["food_delivery"]);
    assert_eq!(kinds("", &paid("PAYTM MONEY")), ["broker"]);
    assert_eq!(alone("", &by_card("OLAF")).1, Reason::Unsure);
    assert_eq!(alone("", &by_card("GRABBER")).1, Reason::Unsure);
    // What is a brand alone is a word in other names.
    assert_eq!(alone("", &by_card("SHELL LTD KOCHI")).0, Category::Transportation);
    assert_eq!(alone("", &by_card("SEA SHELL HANDICRAFTS")).0, Category::Shopping);
}

#[test]
fn a_refund_keeps_the_merchants_category() {
    let refund = Parsed { instrument: Some(found(Instrument::Card)), ..received("IND*AMAZON") };
    assert_eq!(kinds("IND*AMAZON refund of Rs 372 credited to card XX20", &refund), ["online", "refund"]);
    let told = categorise("Reversal of Rs 20 at ZYLO", &received("ZYLO"), |_| {
        Some(Guess { category: Category::Travel, confidence: 0.9 })
    });
    assert_eq!((told.category, told.subcategories), (Category::Travel, vec!["refund"]));
    assert_eq!(alone("credited as reversal of transaction", &received("")), (Category::Other, Reason::Unsure));
}

#[test]
fn money_between_people_is_a_transfer() {
    for parsed in [
        by(paid("Raju"), Rail::Upi),
        by(paid("MEENA KUMARI R"), Rail::Imps),
        paid("Mr Xerxes"),
        by(received("ARJUN EXAMPLE R S"), Rail::Neft),
        to_address("9000000000@ybl"),
        to_address("ramesh.kumar88@oksbi"),
        by(paid("9000000000_axl"), Rail::Upi),
        Parsed { counterparty: Some(found(Secret::new("xxxxxxx8305".to_owned()))), ..paid("") },
    ] {
        assert_eq!(alone("Rs 10 sent", &parsed), (Category::Transfer, Reason::Person), "{:?}", parsed.merchant);
    }
    assert_eq!(alone("Rs 9 sent", &by(paid(""), Rail::Imps)), (Category::Transfer, Reason::Rule));
    assert_eq!(alone("Rs 9 sent", &paid("Transfer")), (Category::Transfer, Reason::Rule));
}

#[test]
fn a_shop_with_the_name_of_a_person_is_no_person() {
    for (name, category) in [
        ("RAMESH MEDICALS", Category::Healthcare),
        ("LAKSHMI SWEETS", Category::FoodDining),
        ("KUMAR TRAVELS", Category::Travel),
        ("RAJU KIRANA STORE", Category::Groceries),
        ("RAMESH ENTERPRISES", Category::Other),
        ("SRI BALAJI", Category::Other),
    ] {
        assert_eq!(alone("Rs 10 sent", &by(paid(name), Rail::Upi)).0, category, "{name}");
    }
    assert_eq!(alone("Rs 10 spent on card", &by_card("RAMESH KUMAR")).0, Category::Other);
}

#[test]
fn of_the_trades_in_a_name_the_last_says_what_the_business_is() {
    for (name, category) in [
        ("CITY HOSPITAL CANTEEN", Category::FoodDining),
        ("BHARATI MEDICAL COLLEGE", Category::Education),
        ("NEW MEDICAL STORE", Category::Healthcare),
        ("VIDYA BOOK STORE", Category::Shopping),
        ("GENERAL STORE", Category::Groceries),
    ] {
        assert_eq!(alone("", &by_card(name)), (category, Reason::Rule), "{name}");
    }
}

#[test]
fn a_bill_without_a_known_name_is_a_bill() {
    let bill = |name| Parsed { kind: found(Kind::Bill), ..paid(name) };
    assert_eq!(alone("Rs 700 paid", &bill("ZYLO")), (Category::Bills, Reason::Rule));
    assert_eq!(alone("Rs 700 paid", &bill("BESCOM")), (Category::Utilities, Reason::Dictionary));
}

#[test]
fn the_model_is_asked_for_the_rest_with_the_bare_name_and_believed_when_it_is_sure_enough() {
    let ask = |confidence| {
        let told = categorise("Rs 10 spent", &by_card("RAZ*Zylo 4410 PVT LTD MUMBAI"), |name| {
            assert_eq!(name, "zylo");
            Some(Guess { category: Category::Travel, confidence })
        });
        (told.category, told.confidence, told.reason)
    };
    assert_eq!(ask(SURE_ENOUGH), (Category::Travel, SURE_ENOUGH, Reason::Model));
    assert_eq!(ask(0.49), (Category::Other, 0.49, Reason::Unsure));
}

#[test]
fn the_model_is_not_asked_about_what_is_known_or_about_money_that_comes_in() {
    for parsed in [paid("SWIGGY"), by(paid("Raju"), Rail::Upi), paid("Zylo Medicals"), received("Zylo"), paid("")] {
        categorise("Rs 10", &parsed, |name| unreachable!("{name}"));
    }
}

#[test]
fn nobody_transfers_by_card() {
    let told =
        categorise("Rs 10 spent", &by_card("ZYLO"), |_| Some(Guess { category: Category::Transfer, confidence: 0.9 }));
    assert_eq!((told.category, told.reason), (Category::Other, Reason::Unsure));
}

proptest! {
    #[test]
    fn any_text_and_name_have_a_category(text in "\\PC{0,200}", name in "\\PC{0,60}", credit: bool) {
        let parsed = if credit { received(&name) } else { paid(&name) };
        let told = categorise(&text, &parsed, |_| None);
        prop_assert!((0.0..=1.0).contains(&told.confidence));
    }

    #[test]
    fn the_spelling_of_words_stays_the_same_when_it_is_applied_again(text in "\\PC{0,60}") {
        let once = words(&text);
        prop_assert_eq!(words(&once), once);
    }

    #[test]
    fn phrases_are_found_only_as_whole_words(before in "[a-z]{1,3}", after in "[a-z]{1,3}") {
        let table = phrases::Phrases::new([("swiggy", ()), ("big basket", ())]);
        for text in [format!("{before}swiggy"), format!("swiggy{after}"), format!("big basket{after}")] {
            prop_assert!(table.among(&text).next().is_none());
        }
        let found = table.among(&format!("{before} big basket {after}")).count();
        prop_assert_eq!(found, 1);
    }
}
