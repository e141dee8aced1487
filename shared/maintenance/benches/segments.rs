//! How long a request's readings take to pack and to unpack.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use maintenance::{RawReading, Reading, Segment, Written, aggregate, pack, read, summarize};

/// Readings one second apart, a temperature with two decimals of noise.
fn readings(count: i64) -> Vec<Reading> {
    let start: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let mut noise = 1_u32;
    (0..count)
        .map(|second| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let raw = RawReading {
                sensor_id: "press-7.bearing".to_owned(),
                value: f64::from(6800 + (noise >> 25)) / 100.0,
                sensor_type: "temperature".to_owned(),
                unit: "C".to_owned(),
                timestamp: Some((start + SignedDuration::from_secs(second)).to_string()),
                quality: Some(1.0),
                location: Some("hall 3".to_owned()),
                metadata: Some(BTreeMap::from([("line".to_owned(), "a".to_owned())])),
            };
            raw.accept(start + SignedDuration::from_hours(1)).expect("a good reading")
        })
        .collect()
}

fn segments(criterion: &mut Criterion) {
    for count in [100, 500] {
        let readings = readings(count);
        let written: Vec<Written> =
            (0..).zip(pack(&readings)).map(|(order, packed)| Written { order, segment: packed.segment }).collect();
        let bytes: Vec<u8> = written.first().expect("a segment").segment.as_bytes().to_vec();
        let sensor_id = readings.first().expect("a reading").sensor_id.clone();
        let size = bytes.len();
        let mut group = criterion.benchmark_group(format!("{count} readings, {size} bytes"));
        group.bench_function("pack", |bench| bench.iter(|| pack(black_box(&readings))));
        group.bench_function("parse the header", |bench| {
            bench.iter(|| Segment::parse(black_box(bytes.clone())).unwrap().header().count);
        });
        group.bench_function("unpack samples", |bench| {
            bench.iter(|| Segment::parse(black_box(bytes.clone())).unwrap().samples().unwrap());
        });
        group.bench_function("unpack in full", |bench| {
            bench.iter(|| Segment::parse(black_box(bytes.clone())).unwrap().readings(&sensor_id).unwrap());
        });
        group.bench_function("read and aggregate", |bench| {
            bench.iter(|| aggregate(&read(black_box(&written)).unwrap(), maintenance::Resolution::Minute));
        });
        group.bench_function("summarize", |bench| {
            bench.iter(|| summarize(sensor_id.clone(), black_box(&written)).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, segments);
criterion_main!(benches);
