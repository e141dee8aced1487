//! How long it takes to seal, to open and to index one value.

#![allow(clippy::expect_used, missing_docs)]

use std::{
    array,
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use kernel::{Identifier, Tenant};
use vault::{DataKey, Place};

fn key() -> DataKey {
    let bytes = array::from_fn(|index| u8::try_from(index).unwrap_or_default());
    DataKey::new(Identifier::parse("01J0000000000000000000000A").expect("an identifier"), &bytes).expect("a key")
}

/// Times so many uses, with another key whenever one is used up.
fn timed<T>(uses: u64, act: impl Fn(&DataKey) -> T) -> Duration {
    let mut elapsed = Duration::ZERO;
    let mut left = uses;
    while left > 0 {
        let key = key();
        let turn = left.min(DataKey::MOST_USES.into());
        let start = Instant::now();
        for _ in 0..turn {
            black_box(act(&key));
        }
        elapsed += start.elapsed();
        left -= turn;
    }
    elapsed
}

fn sealing(criterion: &mut Criterion) {
    let tenant = Tenant::parse("acme").expect("a tenant");
    let place = Place {
        tenant: &tenant,
        table: "ledger",
        partition: "acme#u-1",
        sort: "txn#2026-03-01T12:00:00Z#01J0000000000000000000000B",
        attribute: "message",
    };
    let message = [b'x'; 300];
    let sealed = key().seal(&place, &message).expect("sealed");
    key().open(&place, &sealed).expect("opened");

    criterion.bench_function("seal 300 bytes", |bencher| {
        bencher.iter_custom(|uses| timed(uses, |key| key.seal(&place, black_box(&message))));
    });
    criterion.bench_function("open 300 bytes", |bencher| {
        bencher.iter_custom(|uses| timed(uses, |key| key.open(&place, black_box(&sealed))));
    });
    criterion.bench_function("index 20 bytes", |bencher| {
        let key = key();
        bencher.iter(|| key.index(black_box("merchant"), black_box(b"corner shop, 2nd st.")));
    });
    criterion.bench_function("derive the keys of a data key", |bencher| bencher.iter(key));
}

criterion_group!(benches, sealing);
criterion_main!(benches);
