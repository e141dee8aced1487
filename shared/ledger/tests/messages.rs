//! What is read of the messages of `messages.tsv`, field by field.
//!
//! In the table `-` is nothing, `?` is not compared, `rejected` is any outcome but a transaction, and a day alone is its
//! noon. Times are by the clock of Kolkata; a message that says none has the time at which it was received.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{Channel, Found, Instrument, Message, Outcome, Rail, Reading, TimeSource, read};

const RECEIVED: &str = "2026-03-10T06:30:00Z";

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn text(found: Option<&Found<Secret<String>>>) -> String {
    found.map_or_else(|| "-".to_owned(), |found| found.value.reveal().clone())
}

/// The fields of a reading as the table writes them, in the order of its columns.
fn fields(reading: &Reading, zone: &TimeZone) -> [String; 7] {
    let Some(parsed) = &reading.parsed else {
        return [
            word(reading.outcome),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
    };
    let time = parsed.time.to_zoned(zone.clone());
    let time = if parsed.time == RECEIVED.parse::<Timestamp>().unwrap() {
        "-".to_owned()
    } else {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string().replace(" 12:00:00", "")
    };
    [
        word(reading.outcome),
        parsed.amount.value.to_string(),
        word(parsed.kind.value),
        text(parsed.account.as_ref()),
        text(parsed.merchant.as_ref()),
        text(parsed.reference.as_ref()),
        time,
    ]
}

#[test]
fn every_message_of_the_table_is_read_as_it_says() {
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let received: Timestamp = RECEIVED.parse().unwrap();
    let mut lines = include_str!("messages.tsv").lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').skip(1).collect();
    let mut wrong = Vec::new();
    let mut right: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in lines {
        let row: Vec<&str> = line.splitn(9, '\t').collect();
        let arrived = row[8].replace("\\n", "\n");
        let channel = if arrived.starts_with("Subject:") { Channel::Email } else { Channel::Sms };
        let sender = (row[0] != "-").then(|| Secret::new(row[0].to_owned()));
        let message = Message { channel, text: Secret::new(arrived), sender, received_at: Some(received) };
        let reading = read(&message, received, &zone);
        for ((name, read), expected) in names.iter().zip(fields(&reading, &zone)).zip(&row[1..]) {
            if *expected == "?" || expected.is_empty() || *name != "outcome" && reading.outcome != Outcome::Transaction
            {
                continue;
            }
            let same = read == *expected || *expected == "rejected" && reading.outcome != Outcome::Transaction;
            let (had, all) = right.entry(name).or_default();
            (*had, *all) = (*had + usize::from(same), *all + 1);
            if !same {
                wrong.push(format!("{name}: {read:?} for {expected:?} in {}", row[8]));
            }
        }
    }
    for (name, (right, all)) in right {
        println!("{name:10} {right:4} of {all:4}");
    }
    assert!(wrong.is_empty(), "{} fields are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_field_points_to_what_says_it() {
    let text = "Rs.1,540 spent on your Testa Bank Credit Card XX7001 at Caf\u{e9} \u{201c}Uno\u{201d} via UPI ref 606454545454 to \
        uno.cafe@upi on 06-03-26 08:05. Avl Bal: Rs.10. Avl Lmt: INR 2,51,545.65";
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let received: Timestamp = RECEIVED.parse().unwrap();
    let message = Message {
        channel: Channel::Sms,
        text: Secret::new(text.to_owned()),
        sender: None,
        received_at: Some(received),
    };
    let parsed = read(&message, received, &zone).parsed.unwrap();
    assert_eq!(&text[parsed.amount.span.clone()], "Rs.1,540");
    assert_eq!(&text[parsed.kind.span.clone()], "spent");
    let account = parsed.account.unwrap();
    assert_eq!((&text[account.span], account.value.reveal().as_str()), ("7001", "7001"));
    assert_eq!(parsed.instrument.unwrap().value, Instrument::Card);
    assert_eq!(parsed.rail.unwrap().value, Rail::Upi);
    let counterparty = parsed.counterparty.unwrap();
    assert_eq!(&text[counterparty.span], "uno.cafe@upi");
    let reference = parsed.reference.unwrap();
    assert_eq!(&text[reference.span], "606454545454");
    assert_eq!(&text[parsed.time_span.unwrap()], "06-03-26 08:05");
    assert_eq!(parsed.time_source, TimeSource::Message);
    let (balance, limit) = (parsed.balance.unwrap(), parsed.limit.unwrap());
    assert_eq!((&text[balance.span], balance.value.to_string().as_str()), ("Rs.10", "INR 10.00"));
    assert_eq!((&text[limit.span], limit.value.to_string().as_str()), ("INR 2,51,545.65", "INR 251545.65"));
}
