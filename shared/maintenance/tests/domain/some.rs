//! Readings to test with.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use maintenance::{RawReading, Reading};
use proptest::prelude::*;

pub(crate) const START: i64 = 1_772_366_400; // 2026-03-01T12:00:00Z
pub(crate) const SECOND: i64 = 1_000_000_000;
pub(crate) const HOUR: i64 = 3600 * SECOND;

/// `nanoseconds` after START.
pub(crate) fn at(nanoseconds: i64) -> Timestamp {
    Timestamp::from_second(START).unwrap() + SignedDuration::from_nanos(nanoseconds)
}

pub(crate) fn now() -> Timestamp {
    at(100 * HOUR)
}

pub(crate) fn raw(time: Timestamp, value: f64) -> RawReading {
    RawReading {
        sensor_id: "s1".to_owned(),
        value,
        sensor_type: "temperature".to_owned(),
        unit: "C".to_owned(),
        timestamp: Some(time.to_string()),
        quality: None,
        location: None,
        metadata: None,
    }
}

pub(crate) fn reading(time: Timestamp, value: f64) -> Reading {
    raw(time, value).accept(now()).unwrap()
}

/// Readings one second apart with two decimals of bell-shaped noise around 70.
pub(crate) fn noisy(count: i64) -> Vec<Reading> {
    let mut seed = 1_u32;
    let mut uniform = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 8) / f64::from(1_u32 << 24)
    };
    let mut noise = move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    (0..count).map(|second| reading(at(second * SECOND), (7000.0 + 50.0 * noise()).round() / 100.0)).collect()
}

/// Times that repeat, overlap and cross hours; regular, jittered or wild.
pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (0..20_i64).prop_map(|second| second * SECOND),
        (0..9000_i64).prop_map(|millisecond| millisecond * SECOND / 1000 + HOUR - 4 * SECOND),
        -HOUR..2 * HOUR,
    ]
    .prop_map(at)
}

pub(crate) fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-5000..5000_i32).prop_map(|hundredths| f64::from(hundredths) / 100.0),
        1 => Just(-0.0),
        1 => any::<f32>().prop_filter("finite", |value| value.is_finite()).prop_map(f64::from),
        2 => any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite()),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(f64::MIN_POSITIVE), Just(5e-324), Just(9_007_199_254_740_993.0)],
    ]
}

pub(crate) fn any_reading() -> impl Strategy<Value = Reading> {
    let quality = prop_oneof![Just(None), Just(Some(1.0)), Just(Some(-0.0)), (0.0..=1.0).prop_map(Some)];
    let location = prop_oneof![Just(None), Just(Some("hall 3".to_owned())), text(0..8).prop_map(Some)];
    let metadata = proptest::collection::btree_map(text(1..4), text(0..8), 0..3);
    let unit = prop_oneof![4 => Just("C".to_owned()), 1 => Just("°F".to_owned())];
    let kind = prop_oneof![4 => Just("temperature"), 1 => Just("other")];
    ((prop_oneof![Just("a"), Just("b")], kind, unit), (time(), value()), (quality, location, metadata)).prop_map(
        |((sensor_id, sensor_type, unit), (time, value), (quality, location, metadata))| {
            let metadata: Option<BTreeMap<String, String>> = Some(metadata).filter(|pairs| !pairs.is_empty());
            let (sensor_id, sensor_type) = (sensor_id.to_owned(), sensor_type.to_owned());
            let raw = RawReading { sensor_id, sensor_type, unit, quality, location, metadata, ..raw(time, value) };
            raw.accept(now()).unwrap()
        },
    )
}

/// Few different short ones and many different ones. The longest have a test of their own.
fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let character = prop_oneof![Just('a'), Just('/'), Just('é'), any::<char>()];
    proptest::collection::vec(character, length).prop_map(String::from_iter)
}

/// A request.
pub(crate) fn batch() -> impl Strategy<Value = Vec<Reading>> {
    proptest::collection::vec(any_reading(), 0..40)
}
