use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use maintenance::{RawReading, Reading, SensorType};

use crate::some::{at, now, raw};

type Change = fn(&mut RawReading);

fn parsed(json: &str) -> Result<RawReading, serde_json::Error> {
    serde_json::from_str(json)
}

fn accepted(json: &str) -> Reading {
    parsed(json).unwrap().accept(now()).unwrap()
}

/// Pointers and codes of what is wrong with a reading that `change` changed.
fn broken(change: impl FnOnce(&mut RawReading)) -> Vec<(String, String)> {
    let mut raw = raw(at(0), 1.0);
    change(&mut raw);
    let violations = raw.accept(now()).err().unwrap_or_default();
    violations.into_iter().map(|violation| (violation.pointer, violation.code.into_owned())).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

fn noted(key: &str, value: &str) -> Option<BTreeMap<String, String>> {
    Some(BTreeMap::from([(key.to_owned(), value.to_owned())]))
}

#[test]
fn a_full_reading_is_accepted_as_it_is() {
    let reading = accepted(
        r#"{"sensor_id":"a","value":-0.5,"sensor_type":"rotational_speed","unit":"1/min",
            "timestamp":"2026-03-01T14:00:00.123456789+02:00","quality":1,"location":"hall","metadata":{"k":"v"}}"#,
    );
    assert_eq!(&*reading.sensor_id, "a");
    assert_eq!(reading.sensor_type, SensorType::RotationalSpeed);
    assert_eq!((reading.value, reading.unit.as_str(), reading.quality), (-0.5, "1/min", Some(1.0)));
    assert_eq!(reading.timestamp, at(123_456_789));
    assert_eq!(reading.location.as_deref(), Some("hall"));
    assert_eq!(reading.metadata, noted("k", "v").unwrap());
}

#[test]
fn null_is_absent_and_an_absent_time_is_the_arrival_to_the_millisecond() {
    let arrival: Timestamp = "2026-03-01T12:00:00.987654321Z".parse().unwrap();
    for optional in ["", r#","timestamp":null,"quality":null,"location":null,"metadata":null"#] {
        let json = format!(r#"{{"sensor_id":"a","value":1,"sensor_type":"other","unit":"C"{optional}}}"#);
        let reading = parsed(&json).unwrap().accept(arrival).unwrap();
        assert_eq!(reading.timestamp.to_string(), "2026-03-01T12:00:00.987Z");
        assert_eq!((reading.quality, reading.location, reading.metadata.len()), (None, None, 0));
    }
}

#[test]
fn unknown_fields_missing_fields_and_wrong_json_types_are_not_readings() {
    for json in [
        r#"{"sensor_id":"a","value":1,"sensor_type":"other","unit":"C","extra":1}"#,
        r#"{"sensor_id":"a","value":1,"sensor_type":"other"}"#,
        r#"{"sensor_id":"a","value":"1","sensor_type":"other","unit":"C"}"#,
        r#"{"sensor_id":"a","value":null,"sensor_type":"other","unit":"C"}"#,
        r#"{"sensor_id":1,"value":1,"sensor_type":"other","unit":"C"}"#,
        r#"{"sensor_id":"a","value":1,"sensor_type":"other","unit":"C","metadata":{"k":1}}"#,
    ] {
        assert!(parsed(json).is_err(), "{json}");
    }
}

#[test]
fn each_rule_has_its_pointer_and_its_code() {
    let cases: [(Change, &str, &str); 20] = [
        (|raw| raw.sensor_id = "a b".to_owned(), "/sensor_id", "invalid"),
        (|raw| raw.value = f64::NAN, "/value", "not_finite"),
        (|raw| raw.value = f64::NEG_INFINITY, "/value", "not_finite"),
        (|raw| raw.sensor_type = "Temperature".to_owned(), "/sensor_type", "invalid"),
        (|raw| raw.unit = String::new(), "/unit", "too_short"),
        (|raw| raw.unit = "é".repeat(17), "/unit", "too_long"),
        (|raw| raw.unit = "C\n".to_owned(), "/unit", "invalid"),
        (|raw| raw.timestamp = Some("yesterday".to_owned()), "/timestamp", "invalid"),
        (|raw| raw.timestamp = Some("2026-03-01T12:00:00".to_owned()), "/timestamp", "invalid"),
        (|raw| raw.timestamp = Some("1969-12-31T23:59:59.999999999Z".to_owned()), "/timestamp", "too_old"),
        (|raw| raw.timestamp = Some("9999-12-30T00:00:00Z".to_owned()), "/timestamp", "in_the_future"),
        (|raw| raw.quality = Some(f64::NAN), "/quality", "not_finite"),
        (|raw| raw.quality = Some(f64::INFINITY), "/quality", "not_finite"),
        (|raw| raw.quality = Some(1.000_001), "/quality", "out_of_range"),
        (|raw| raw.quality = Some(-5e-324), "/quality", "out_of_range"),
        (|raw| raw.location = Some("x".repeat(129)), "/location", "too_long"),
        (|raw| raw.metadata = noted("", "v"), "/metadata/", "too_short"),
        (|raw| raw.metadata = noted(&"k".repeat(257), "v"), "/metadata", "too_long"),
        (|raw| raw.metadata = noted("a~b/c", &"v".repeat(257)), "/metadata/a~0b~1c", "too_long"),
        (|raw| raw.metadata = noted(&"k".repeat(65), &"v".repeat(257)), "/metadata", "too_long"),
    ];
    for (place, (change, pointer, code)) in cases.into_iter().enumerate() {
        assert_eq!(broken(change), one(pointer, code), "case {place}");
    }
    let many = |count: usize| (0..count).map(|pair| (pair.to_string(), "v".repeat(300))).collect();
    assert_eq!(broken(|raw| raw.metadata = Some(many(17))), one("/metadata", "too_many"));
    assert_eq!(broken(|raw| raw.metadata = Some(many(16))).len(), 16);
}

#[test]
fn the_limits_themselves_are_allowed() {
    let none: Vec<(String, String)> = Vec::new();
    let cases: [Change; 8] = [
        |raw| raw.sensor_id = "x".repeat(64),
        |raw| raw.value = f64::MAX,
        |raw| raw.unit = "é".repeat(16),
        |raw| raw.timestamp = Some("1970-01-01T00:00:00Z".to_owned()),
        |raw| raw.timestamp = Some((now() + SignedDuration::from_mins(10)).to_string()),
        |raw| raw.quality = Some(0.0),
        |raw| raw.location = Some("é".repeat(128)),
        |raw| {
            raw.metadata = Some((10..26).map(|pair| (format!("{pair}{}", "é".repeat(254)), "é".repeat(256))).collect());
        },
    ];
    for (place, change) in cases.into_iter().enumerate() {
        assert_eq!(broken(change), none, "case {place}");
    }
    let ahead = now() + SignedDuration::from_mins(10) + SignedDuration::from_nanos(1);
    assert_eq!(broken(|raw| raw.timestamp = Some(ahead.to_string())), one("/timestamp", "in_the_future"));
}

#[test]
fn every_bad_field_is_named_in_order_and_no_value_is_repeated() {
    let secret = "s3cr3t value";
    let raw = RawReading {
        sensor_id: secret.to_owned(),
        value: f64::NAN,
        sensor_type: secret.to_owned(),
        unit: format!("{secret}{secret}\u{7}"),
        timestamp: Some(secret.to_owned()),
        quality: Some(7.25),
        location: Some(secret.repeat(20)),
        metadata: noted("k", &secret.repeat(40)),
    };
    let violations = raw.accept(now()).unwrap_err();
    let named: Vec<_> = violations.iter().map(|violation| (violation.pointer.as_str(), &*violation.code)).collect();
    let expected = [
        ("/sensor_id", "invalid"),
        ("/value", "not_finite"),
        ("/sensor_type", "invalid"),
        ("/unit", "invalid"),
        ("/unit", "too_long"),
        ("/timestamp", "invalid"),
        ("/quality", "out_of_range"),
        ("/location", "too_long"),
        ("/metadata/k", "too_long"),
    ];
    assert_eq!(named, expected);
    for violation in violations {
        assert!(!violation.message.contains("s3cr3t") && !violation.message.contains("7.25"), "{violation:?}");
    }
}

#[test]
fn the_schema_states_the_rules() {
    let schema = serde_json::to_value(schemars::schema_for!(RawReading)).unwrap();
    let field = |name: &str| schema["properties"][name].clone();
    assert_eq!(schema["title"], "Reading");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["sensor_id", "value", "sensor_type", "unit"]));
    assert_eq!(field("sensor_id")["pattern"], "^[A-Za-z0-9._:-]{1,64}$");
    assert_eq!((&field("unit")["minLength"], &field("unit")["maxLength"]), (&1.into(), &16.into()));
    assert_eq!(field("timestamp")["format"], "date-time");
    assert_eq!((&field("quality")["minimum"], &field("quality")["maximum"]), (&0.0.into(), &1.0.into()));
    assert_eq!(field("location")["maxLength"], 128);
    assert_eq!(field("metadata")["maxProperties"], 16);
    assert_eq!(field("metadata")["additionalProperties"]["maxLength"], 256);
    assert_eq!(schema["$defs"]["SensorType"]["enum"].as_array().unwrap().len(), SensorType::ALL.len());
    println!("{schema:#}");
}
