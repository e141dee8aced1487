//! How well messages are read: `score_parser <labelled.jsonl>`.
//!
//! A line has `sender`, `message`, `should_parse` and `expected` (`amount`, `type`, `merchant`, `account`, each maybe
//! null). What is wrong is printed, then the figures by field.

use std::{collections::BTreeMap, env, fs, process::ExitCode};

use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{Channel, Kind, Message, Outcome, read};
use serde_json::Value;

#[derive(Default)]
struct Figures(BTreeMap<&'static str, (usize, usize)>);

impl Figures {
    fn count(&mut self, field: &'static str, right: bool, line: usize, told: &str) {
        let (had, all) = self.0.entry(field).or_default();
        *had += usize::from(right);
        *all += 1;
        if !right {
            println!("{line}: {field}: {told}");
        }
    }
}

fn digits(text: &str) -> String {
    let start = text.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().to_owned()
}

fn score(row: &Value, line: usize, figures: &mut Figures) {
    let text = row.get("message").and_then(Value::as_str).unwrap_or_default();
    let message = Message {
        channel: Channel::Sms,
        text: Secret::new(text.to_owned()),
        sender: row.get("sender").and_then(Value::as_str).map(|sender| Secret::new(sender.to_owned())),
        received_at: None,
    };
    let reading = read(&message, Timestamp::now(), &TimeZone::UTC);
    let booked = reading.outcome == Outcome::Transaction;
    let told = format!("{:?} {text:?}", reading.outcome);
    if row.get("should_parse") != Some(&Value::Bool(true)) {
        return figures.count("rejected", !booked, line, &told);
    }
    figures.count("booked", booked, line, &told);
    let Some(parsed) = reading.parsed else { return };
    let expected = |field: &str| row.get("expected")?.get(field)?.as_str();
    if let Some(amount) = expected("amount") {
        let read = parsed.amount.value.value().normalize().to_string();
        let amount = amount.trim_end_matches('0').trim_end_matches('.');
        figures.count("amount", read == amount, line, &format!("{read} for {amount}: {text:?}"));
    }
    if let Some(kind) = expected("type") {
        let read = if parsed.kind.value == Kind::Credit { "income" } else { "expense" };
        figures.count("type", read == kind, line, &format!("{read} for {kind}: {text:?}"));
    }
    if let Some(merchant) = expected("merchant") {
        let read = parsed.merchant.map(|name| name.value.reveal().clone()).unwrap_or_default();
        let told = format!("{read:?} for {merchant:?}: {text:?}");
        let (read, merchant) = (read.to_lowercase(), merchant.to_lowercase());
        figures.count("merchant", read == merchant, line, &told);
        let within = !read.is_empty() && (merchant.contains(&read) || read.contains(&merchant));
        figures.count("merchant, within", within, line, &told);
    }
    if let Some(account) = expected("account") {
        let read = parsed.account.map(|account| account.value.reveal().clone()).unwrap_or_default();
        let account = digits(account);
        figures.count("account", read == account, line, &format!("{read:?} for {account:?}: {text:?}"));
    }
}

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: score_parser <labelled.jsonl>");
        return ExitCode::FAILURE;
    };
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("cannot read {path}");
        return ExitCode::FAILURE;
    };
    let mut figures = Figures::default();
    for (line, row) in (1..).zip(text.lines()) {
        match serde_json::from_str(row) {
            Ok(row) => score(&row, line, &mut figures),
            Err(error) => eprintln!("line {line}: {error}"),
        }
    }
    for (field, (right, all)) in &figures.0 {
        println!("{field:20} {right:4} of {all:4}");
    }
    ExitCode::SUCCESS
}
