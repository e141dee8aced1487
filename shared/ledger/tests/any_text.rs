//! Whatever arrives is read without a panic, and what is found is there.

#![allow(clippy::unwrap_used)]

use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{Channel, Found, Message, Outcome, Parsed, read};
use proptest::prelude::*;

/// Pieces of messages, and of what is awkward in texts.
const PIECES: &[&str] = &[
    "Rs.",
    "INR ",
    "\u{20b9}",
    "$",
    "1,25,000.50",
    "500",
    "1.234,56",
    "0",
    "99999999999999999999999",
    "debited",
    "credited ",
    " spent",
    "paid",
    "Sent ",
    "received",
    "A/c",
    "a/c ",
    "XX1234",
    "*12",
    "...7656",
    "x",
    "XXXX XXXX ",
    "ending 3201",
    "your ",
    "card ",
    " to ",
    " from ",
    " at ",
    " on ",
    " by ",
    "towards",
    "Info",
    "UPI/",
    "P2M/",
    "NEFT-",
    "Ref no ",
    "412345678901",
    "HDFCN52026011733920448",
    "15-Jan-24",
    "17-12",
    "2024-11-13:17:18:38",
    "31/02/2024",
    "25:61",
    "Jan 15, 2024",
    "SHOP",
    "shop@upi",
    "@",
    "@x",
    "http://x.y/z",
    "bit.ly/",
    "/",
    ".",
    ",",
    ";",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{a0}",
    "\u{200b}",
    "e\u{301}",
    "\u{301}\u{301}",
    "\u{fdfa}",
    "\u{1f680}",
    "\u{202e}",
    "\u{661}\u{662}",
    "\u{ff15}",
    "\u{2022}\u{2022}12",
    "<b>",
    "</p>",
    "<script>",
    "<!--",
    "&amp;",
    "&#8377;",
    "&#xffffffff;",
    "OTP",
    "123456 is",
    "will be",
    "declined",
    "requested",
    "due",
    "Avl Bal",
    "limit",
    "Not you?",
    "Call ",
    "; CAFE credited",
    "refund of ",
    "'",
    "''",
    "--",
    "((",
    "***",
    "\0",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => any::<String>(), 1 => "\\PC{0,200}"]
}

fn check<T>(text: &str, found: Option<&Found<T>>) -> Result<(), TestCaseError> {
    if let Some(found) = found {
        let there = text.get(found.span.clone());
        prop_assert!(there.is_some_and(|there| !there.is_empty()), "{:?} of {text:?}", found.span);
        prop_assert!((0.0..=1.0).contains(&found.confidence));
    }
    Ok(())
}

fn check_fields(text: &str, parsed: &Parsed) -> Result<(), TestCaseError> {
    prop_assert!(parsed.amount.value.value() > 0.into());
    check(text, Some(&parsed.amount))?;
    check(text, Some(&parsed.kind))?;
    check(text, parsed.account.as_ref())?;
    check(text, parsed.instrument.as_ref())?;
    check(text, parsed.rail.as_ref())?;
    check(text, parsed.merchant.as_ref())?;
    check(text, parsed.counterparty.as_ref())?;
    check(text, parsed.reference.as_ref())?;
    check(text, parsed.balance.as_ref())?;
    check(text, parsed.limit.as_ref())?;
    for name in [&parsed.account, &parsed.merchant, &parsed.counterparty, &parsed.reference].into_iter().flatten() {
        prop_assert!(!name.value.reveal().is_empty(), "{text:?}");
    }
    if let Some(span) = &parsed.time_span {
        prop_assert!(text.get(span.clone()).is_some_and(|there| !there.is_empty()), "{text:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_text_is_read_and_what_is_found_is_in_it(
        text in text(), email: bool, sender in prop::option::of(".{0,20}"), received in prop::option::of(-5_000_000_000_i64..5_000_000_000),
    ) {
        let message = Message {
            channel: if email { Channel::Email } else { Channel::Sms },
            text: Secret::new(text.clone()),
            sender: sender.map(Secret::new),
            received_at: received.map(|second| Timestamp::from_second(second).unwrap()),
        };
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let reading = read(&message, now, &zone);
        prop_assert!((0.0..=1.0).contains(&reading.confidence));
        prop_assert_eq!(reading.outcome == Outcome::Transaction, reading.parsed.is_some());
        if let Some(parsed) = &reading.parsed {
            check_fields(&text, parsed)?;
        }
    }

    #[test]
    fn extreme_times_do_no_harm(now in any::<i64>(), received in any::<i64>()) {
        let clamp = |second: i64| {
            Timestamp::from_second(second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second())).unwrap()
        };
        let message = Message {
            channel: Channel::Sms,
            text: Secret::new("Rs 500 debited from your A/c XX1234 on 17-12 at SHOP".to_owned()),
            sender: None,
            received_at: Some(clamp(received)),
        };
        prop_assert!(read(&message, clamp(now), &TimeZone::UTC).parsed.is_some());
    }
}
