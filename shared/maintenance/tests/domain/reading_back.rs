use std::collections::BTreeMap;

use kernel::Identifier;
use maintenance::{Reading, Sample, Segment, Sensor, SensorType, Written, merge, pack, read, summarize};
use proptest::prelude::*;

use crate::some::{SECOND, at, batch, noisy, reading};

fn s1() -> Identifier {
    Identifier::parse("s1").unwrap()
}

/// Readings of one sensor as one write after the other.
fn written(requests: &[Vec<Reading>]) -> Vec<Written> {
    (0..)
        .zip(requests.iter().flat_map(|request| pack(request)))
        .map(|(order, packed)| Written { order, segment: packed.segment })
        .collect()
}

/// The requests as if there were one sensor only, of one kind unless `kinds`.
fn of_one_sensor(mut requests: Vec<Vec<Reading>>) -> Vec<Vec<Reading>> {
    for reading in requests.iter_mut().flatten() {
        reading.sensor_id = s1();
    }
    requests
}

fn requests() -> impl Strategy<Value = Vec<Vec<Reading>>> {
    prop::collection::vec(batch(), 0..5).prop_map(of_one_sensor)
}

fn bits(time: jiff::Timestamp, value: f64, quality: Option<f64>) -> (jiff::Timestamp, u64, Option<u64>) {
    (time, value.to_bits(), quality.map(f64::to_bits))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_order_any_overlap_any_duplicates_read_back_right(
        requests in requests(),
        shuffle in any::<prop::sample::Selector>(),
    ) {
        let mut model = BTreeMap::new();
        for reading in requests.iter().flatten() {
            model.insert(reading.timestamp, reading.clone());
        }
        let mut written = written(&requests);
        let newest = written.last().map(|written| written.segment.header().unit.clone());
        shuffled(&mut written, &shuffle);

        let samples: Vec<_> = read(&written).unwrap().iter().map(|s| bits(s.timestamp, s.value, s.quality)).collect();
        let expected: Vec<_> = model.values().map(|r| bits(r.timestamp, r.value, r.quality)).collect();
        prop_assert_eq!(samples, expected);

        let sensor = summarize(s1(), &written).unwrap();
        let ends = model.values().next().zip(model.values().next_back());
        prop_assert_eq!(sensor.is_some(), ends.is_some());
        if let (Some(sensor), Some((first, last))) = (sensor, ends) {
            prop_assert_eq!(sensor.count, model.len() as u64);
            prop_assert_eq!(sensor.first_timestamp, first.timestamp);
            prop_assert_eq!(sensor.last_timestamp, last.timestamp);
            prop_assert_eq!(sensor.last_value.to_bits(), last.value.to_bits());
            prop_assert_eq!(Some(sensor.unit), newest);
        }
    }

    #[test]
    fn merging_is_inserting_in_the_order_of_writing(
        runs in prop::collection::vec((0..4_u128, prop::collection::vec((0..12_i64, any::<i8>()), 0..12)), 0..6),
    ) {
        let runs: Vec<(u128, Vec<Sample>)> = runs
            .into_iter()
            .map(|(order, run)| {
                let sample = |(time, value)| Sample { timestamp: at(time), value: f64::from(value), quality: None };
                (order, run.into_iter().map(sample).collect())
            })
            .collect();
        let mut model = BTreeMap::new();
        for order in 0..4 {
            for sample in runs.iter().filter(|(of, _)| *of == order).flat_map(|(_, run)| run) {
                model.insert(sample.timestamp, *sample);
            }
        }
        prop_assert_eq!(merge(runs), model.into_values().collect::<Vec<_>>());
    }
}

fn shuffled<T>(things: &mut [T], selector: &prop::sample::Selector) {
    for place in 1..things.len() {
        let other = *selector.select(&(0..=place).collect::<Vec<_>>());
        things.swap(place, other);
    }
}

#[test]
fn the_later_write_wins_whatever_it_overwrites() {
    let requests = [vec![reading(at(0), 1.0), reading(at(SECOND), 2.0)], vec![reading(at(0), 3.0)]];
    let values: Vec<_> = read(&written(&requests)).unwrap().iter().map(|sample| sample.value).collect();
    assert_eq!(values, [3.0, 2.0]);
}

#[test]
fn the_unit_is_that_of_the_last_reading_of_the_last_request() {
    let mut readings = noisy(3);
    readings[1].unit = "F".to_owned();
    readings[2].timestamp = at(0);
    readings[0].timestamp = at(9 * SECOND);
    let sensor = summarize(s1(), &written(&[readings])).unwrap().unwrap();
    let expected = Sensor {
        sensor_id: s1(),
        sensor_type: SensorType::Temperature,
        unit: "C".to_owned(),
        first_timestamp: at(0),
        last_timestamp: at(9 * SECOND),
        count: 3,
        last_value: noisy(1)[0].value,
    };
    assert_eq!(sensor, expected);
}

#[test]
fn segments_that_do_not_overlap_are_summarized_by_their_headers_alone() {
    let sound = noisy(60);
    let (early, late) = sound.split_at(30);
    let mut written = written(&[early.to_vec(), late.to_vec()]);
    for one in &mut written {
        one.segment = without_samples(&one.segment);
        assert!(one.segment.samples().is_err());
    }
    assert_eq!(summarize(s1(), &written).unwrap().unwrap().count, 60);
    assert!(read(&written).is_err(), "damage is never read as fewer readings");

    written[1] = written[0].clone();
    assert!(summarize(s1(), &written).is_err(), "those which overlap are decoded");
}

/// The segment with a samples section that does not decode.
fn without_samples(segment: &Segment) -> Segment {
    let mut bytes = segment.as_bytes().to_vec();
    // Header: version, type, unit (2), count (1), first (8), span (5), last value (8), lengths (2).
    bytes[28..].fill(0xff);
    let [.., end] = bytes.as_mut_slice() else { panic!("no bytes") };
    *end = 0;
    Segment::parse(bytes).unwrap()
}

#[test]
fn no_segments_are_no_sensor() {
    assert_eq!(summarize(s1(), &[]), Ok(None));
    assert_eq!(read(&[]), Ok(Vec::new()));
}

#[test]
fn answers_spell_their_fields_as_documented() {
    let samples = read(&written(&[vec![reading(at(1), 1.5)]])).unwrap();
    assert_eq!(
        serde_json::to_string(&samples).unwrap(),
        r#"[{"timestamp":"2026-03-01T12:00:00.000000001Z","value":1.5,"quality":null}]"#
    );
    let sensor = summarize(s1(), &written(&[vec![reading(at(0), 1.5)]])).unwrap();
    assert_eq!(
        serde_json::to_string(&sensor).unwrap(),
        concat!(
            r#"{"sensor_id":"s1","sensor_type":"temperature","unit":"C","#,
            r#""first_timestamp":"2026-03-01T12:00:00Z","last_timestamp":"2026-03-01T12:00:00Z","#,
            r#""count":1,"last_value":1.5}"#
        )
    );
}
