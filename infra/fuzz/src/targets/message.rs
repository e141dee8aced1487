//! Bank messages.

use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{
    Channel, Found, LONGEST_MESSAGE, Message, Outcome, Parsed, Reading, masked, masked_address, name_without_numbers,
    read, same_account, same_merchant, same_message,
};

/// More than any message that is read says.
const HIDDEN: &str = "<script>Rs.987654.32 debited from A/c XX7777</script>";

/// The first byte says how it arrived, the rest is its text. What is found is in it, whatever the outcome; shown of it
/// is only the end of numbers; what no reader of an e-mail sees is not read; equal messages are equal however often
/// they are folded.
pub fn message(bytes: &[u8]) -> bool {
    let Some((kind, text)) = bytes.split_first() else { return false };
    let text = String::from_utf8_lossy(text);
    if text.chars().count() > LONGEST_MESSAGE {
        return false;
    }
    let channel = if *kind == b'e' { Channel::Email } else { Channel::Sms };
    let reading = reading(channel, &text);
    assert!((0.0..=1.0).contains(&reading.confidence));
    assert_eq!(reading.outcome == Outcome::Transaction, reading.parsed.is_some());
    if let Some(parsed) = &reading.parsed {
        fields(&text, parsed);
    }
    if channel == Channel::Email && !text.contains(['<', '&']) {
        let hiding = self::reading(channel, &format!("{HIDDEN}{text}"));
        assert_eq!(hiding.outcome, reading.outcome, "{text:?}");
        let amount = |reading: &Reading| reading.parsed.as_ref().map(|parsed| parsed.amount.value);
        assert_eq!(amount(&hiding), amount(&reading));
    }
    let folded = same_message(&text);
    assert_eq!(same_message(folded.reveal()).reveal(), folded.reveal());
    assert!(!name_without_numbers(&text).split(|char: char| !char.is_numeric()).any(|run| run.chars().count() > 4));
    reading.parsed.is_some()
}

fn reading(channel: Channel, text: &str) -> Reading {
    let message = Message { channel, text: Secret::new(text.to_owned()), sender: None, received_at: None };
    read(&message, Timestamp::from_second(1_780_000_000).unwrap(), &TimeZone::UTC)
}

fn fields(text: &str, parsed: &Parsed) {
    assert!(parsed.amount.value.value() > 0.into());
    there(text, Some(&parsed.amount));
    there(text, Some(&parsed.kind));
    there(text, parsed.account.as_ref());
    there(text, parsed.instrument.as_ref());
    there(text, parsed.rail.as_ref());
    there(text, parsed.merchant.as_ref());
    there(text, parsed.counterparty.as_ref());
    there(text, parsed.reference.as_ref());
    there(text, parsed.balance.as_ref());
    there(text, parsed.limit.as_ref());
    if let Some(span) = &parsed.time_span {
        assert!(text.get(span.clone()).is_some_and(|there| !there.is_empty()), "{span:?} of {text:?}");
    }
    // What is written one way only stands there as it is told.
    let is_plain = text.is_ascii() && !text.contains(['<', '&']);
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    if is_plain {
        let amount = letters(&parsed.amount.value.value().normalize().to_string());
        let said = &text[parsed.amount.span.clone()];
        assert!(letters(said).contains(amount.trim_start_matches('0')), "{amount} of {said:?}");
    }
    for found in [&parsed.account, &parsed.merchant, &parsed.counterparty, &parsed.reference].into_iter().flatten() {
        let (value, said) = (found.value.reveal(), &text[found.span.clone()]);
        assert!(!is_plain || letters(said).contains(&letters(value)), "{value:?} of {said:?}");
        assert!(!value.is_empty());
        let shown = masked(value);
        assert!(shown.starts_with("**") && shown.chars().count() <= 6, "{shown}");
        if !value.contains('@') {
            assert_eq!(masked_address(value), shown);
        }
        let merchant = same_merchant(value);
        assert_eq!(same_merchant(merchant.reveal()).reveal(), merchant.reveal());
        assert!(same_account(value).reveal().len() <= 4);
    }
    if let Some(account) = &parsed.account {
        assert!(account.value.reveal().bytes().all(|byte| byte.is_ascii_digit()));
    }
}

fn there<T>(text: &str, found: Option<&Found<T>>) {
    if let Some(found) = found {
        assert!(text.get(found.span.clone()).is_some_and(|there| !there.is_empty()), "{:?} of {text:?}", found.span);
        assert!((0.0..=1.0).contains(&found.confidence));
    }
}
