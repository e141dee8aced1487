//! What it costs to tell what a payment was for, by each of the ledger's ways except the model.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use kernel::{Currency, Money, Secret};
use ledger::{Found, Instrument, Kind, Parsed, Reason, TimeSource, categorise};

fn found<T>(value: T) -> Found<T> {
    Found { value, span: 0..0, confidence: 1.0 }
}

fn payment(merchant: &str) -> (String, Parsed) {
    let text = format!(
        "Rs.349.00 spent on your EXAMPLE Bank Card xx1335 at {merchant} on 2026-11-13:17:18:38. Avl Lmt: Rs 94,835.00. \
         Not you? Call 18000000000 or SMS BLOCK 1335 to 9000000000"
    );
    let parsed = Parsed {
        amount: found(Money::new("349".parse().unwrap(), Currency::INR).unwrap()),
        kind: found(Kind::Debit),
        account: None,
        instrument: Some(found(Instrument::Card)),
        rail: None,
        merchant: Some(found(Secret::new(merchant.to_owned()))),
        counterparty: None,
        reference: None,
        time: Timestamp::UNIX_EPOCH,
        time_source: TimeSource::Request,
        time_span: None,
        balance: None,
        limit: None,
    };
    (text, parsed)
}

fn category(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("categorise");
    for (way, merchant, reason) in [
        ("dictionary", "RAZ*Swiggy Bangalore", Reason::Dictionary),
        ("trade", "NEW JANATA MEDICALS", Reason::Rule),
        ("nothing", "ZYLO KOCHI", Reason::Unsure),
    ] {
        let (text, parsed) = payment(merchant);
        let told = || categorise(black_box(&text), black_box(&parsed), |_| None);
        assert_eq!(told().reason, reason);
        group.bench_function(way, |bench| bench.iter(told));
    }
    group.finish();
}

criterion_group!(benches, category);
criterion_main!(benches);
