use std::collections::BTreeMap;

use kernel::Identifier;
use maintenance::{MAX_READINGS, Packed, Reading, Segment, SegmentError, pack};
use proptest::prelude::*;

use crate::some::{HOUR, SECOND, at, batch, noisy, reading};

/// Everything a reading says, with numbers as bits, so that -0.0 is not 0.0.
fn exact(reading: &Reading) -> impl PartialEq + std::fmt::Debug {
    let Reading { sensor_id, sensor_type, unit, timestamp, value, quality, location, metadata, .. } = reading.clone();
    let quality = quality.map(f64::to_bits);
    (
        (sensor_id, *sensor_type.as_str().as_bytes().first().unwrap(), unit),
        timestamp,
        value.to_bits(),
        quality,
        location,
        metadata,
    )
}

/// Through bytes, as a store would.
fn stored(packed: &Packed) -> Segment {
    let segment = Segment::parse(packed.segment.as_bytes().to_vec()).unwrap();
    assert_eq!(segment, packed.segment);
    segment
}

/// All that can be asked of bytes; whatever they are, this must not panic.
fn ask(bytes: Vec<u8>) -> Result<(), SegmentError> {
    let segment = Segment::parse(bytes)?;
    assert!(usize::from(segment.header().count) <= MAX_READINGS);
    let samples = segment.samples()?;
    assert_eq!(samples.len(), usize::from(segment.header().count));
    assert!(samples.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
    assert!(samples.iter().all(|sample| sample.value.is_finite()));
    assert_eq!(segment.readings(&Identifier::parse("s").unwrap())?.len(), samples.len());
    Ok(())
}

proptest! {
    #[test]
    fn the_last_of_each_time_comes_back_bit_for_bit(readings in batch()) {
        let mut model = BTreeMap::new();
        for reading in &readings {
            model.insert((reading.sensor_id.clone(), reading.timestamp), reading.clone());
        }
        let mut found = BTreeMap::new();
        for packed in pack(&readings) {
            let segment = stored(&packed);
            let unpacked = segment.readings(&packed.sensor_id).unwrap();
            let (first, last) = (unpacked.first().unwrap(), unpacked.last().unwrap());
            let header = segment.header();
            prop_assert_eq!(usize::from(header.count), unpacked.len());
            prop_assert_eq!((header.first, header.last), (first.timestamp, last.timestamp));
            prop_assert_eq!(header.last_value.to_bits(), last.value.to_bits());
            prop_assert!(segment.hour() <= header.first && header.last < segment.hour() + jiff::SignedDuration::from_hours(1));
            for (sample, reading) in segment.samples().unwrap().iter().zip(&unpacked) {
                prop_assert_eq!(sample.timestamp, reading.timestamp);
                prop_assert_eq!(sample.value.to_bits(), reading.value.to_bits());
                prop_assert_eq!(sample.quality.map(f64::to_bits), reading.quality.map(f64::to_bits));
            }
            for reading in unpacked {
                prop_assert_eq!(&header.unit, &reading.unit);
                prop_assert!(found.insert((reading.sensor_id.clone(), reading.timestamp), reading).is_none());
            }
        }
        prop_assert_eq!(found.values().map(exact).collect::<Vec<_>>(), model.values().map(exact).collect::<Vec<_>>());
    }

    #[test]
    fn a_truncated_segment_is_refused(readings in batch(), cut: prop::sample::Index) {
        for packed in pack(&readings) {
            let bytes = packed.segment.into_bytes();
            prop_assert!(ask(bytes[..cut.index(bytes.len())].to_vec()).is_err());
        }
    }

    #[test]
    fn a_damaged_segment_never_panics(readings in batch(), flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8), 1..4)) {
        for packed in pack(&readings) {
            let mut bytes = packed.segment.into_bytes();
            for (place, bit) in &flips {
                let place = place.index(bytes.len());
                bytes[place] ^= 1_u8 << bit;
            }
            let _ = ask(bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = ask(bytes.clone());
        let _ = ask([vec![1], bytes].concat());
    }

    #[test]
    fn arbitrary_sections_never_panic(
        count in 1..=6_u8,
        span in 0..3_000_000_u64,
        samples in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..100),
        notes in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..100),
    ) {
        let _ = ask(forged(count, span, &samples, &notes));
    }
}

/// A segment with a plausible header and sections as given, not deflated.
fn forged(count: u8, span: u64, samples: &[u8], notes: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, 0, 1, b'C', count];
    bytes.extend(0_i64.to_le_bytes());
    let span = span.to_le_bytes();
    bytes.extend([span[0] | 0x80, span[1] | 0x80, span[2] & 0x7f]);
    bytes.extend(0_f64.to_le_bytes());
    let length = u8::try_from(samples.len()).unwrap();
    bytes.extend([length, length]);
    bytes.extend(samples);
    bytes.push(u8::try_from(notes.len()).unwrap());
    bytes.extend(notes);
    bytes
}

/// What a sample section of one reading of value 0 looks like: a decimal column and no quality.
const ZERO: [u8; 4] = [0, 0, 0, 0];

#[test]
fn the_layout_is_as_documented() {
    let bytes = [&[1, 0, 1, b'C', 1][..], &[0; 8], &[0], &[0; 8], &[4, 4], &ZERO, &[0]].concat();
    let segment = Segment::parse(bytes.clone()).unwrap();
    assert_eq!(segment.samples().unwrap().len(), 1);
    let packed = pack(&[reading("1970-01-01T00:00:00Z".parse().unwrap(), 0.0)]);
    assert_eq!(packed[0].segment.as_bytes(), bytes);

    let readings = [reading(at(0), 70.25), reading(at(SECOND), 70.5), reading(at(2 * SECOND), 70.0)];
    let segment = &pack(&readings)[0].segment;
    let time = (crate::some::START * SECOND).to_le_bytes();
    let expected = [
        &[1, 0, 1, b'C', 3][..],
        &time,
        &[0x80, 0xa8, 0xd6, 0xb9, 0x07], // 2e9 ns
        &70.0_f64.to_le_bytes(),
        &[14, 14],
        &[0x80, 0x94, 0xeb, 0xdc, 0x03, 1, 0], // steps of 1e9 ns, one of them, then no change
        &[2, 0, 0xe2, 0x6d, 0x32, 0x63],       // two places, no exceptions: 7025, +25, -50
        &[0],
        &[0],
    ]
    .concat();
    assert_eq!(segment.as_bytes(), expected);
}

#[test]
fn what_contradicts_the_header_is_refused() {
    assert_eq!(ask(forged(1, 0, &ZERO, &[])), Ok(()));
    let refused = |count, span, samples: &[u8], notes: &[u8]| ask(forged(count, span, samples, notes)).unwrap_err();
    let good = forged(1, 0, &ZERO, &[0, 0, 0, 0]);
    assert_eq!(ask(good.clone()), Ok(()));
    assert_eq!(ask([&[2], &good[1..]].concat()), Err(SegmentError::UnknownVersion(2)));
    assert_eq!(ask([&[1, 99], &good[2..]].concat()), Err(malformed("the sensor type is unknown")));
    assert_eq!(refused(0, 0, &ZERO, &[]), malformed("the header contradicts itself"));
    assert_eq!(refused(1, 1, &ZERO, &[]), malformed("the last time is not the header's"));
    assert_eq!(refused(1, 0, &[0, 0, 2, 0], &[]), malformed("the last value is not the header's"));
    assert_eq!(refused(1, 0, &[0, 0, 0, 0, 0], &[]), malformed("bytes are left over"));
    assert_eq!(refused(1, 0, &[0, 0, 0, 1, 0, 0, 4], &[]), malformed("a quality is out of range"));
    assert_eq!(refused(1, 0, &[16, 0, 0, 0], &[]), malformed("a column's kind is unknown"));
    assert_eq!(refused(2, 5, &[0, 5, 0, 0, 0, 0, 0], &[]), malformed("times do not rise"));
    assert_eq!(refused(1, 0, &ZERO, &[0, 1, 0, 0]), malformed("a length is over its limit"));
    let infinite = [&[0, 1, 0][..], &f64::INFINITY.to_le_bytes(), &[0]].concat();
    assert_eq!(refused(1, 0, &infinite, &[]), malformed("a number is not finite"));
}

fn malformed(what: &'static str) -> SegmentError {
    SegmentError::Malformed(what)
}

#[test]
fn a_hundred_noisy_readings_fit_in_450_bytes_and_five_hundred_in_1500() {
    for (count, limit) in [(100, 450), (500, 1500)] {
        let packed = pack(&noisy(count));
        assert_eq!(packed.len(), 1);
        let size = packed[0].segment.as_bytes().len();
        println!("{count} readings: {size} bytes");
        assert!(size <= limit, "{count} readings take {size} bytes");
    }
}

#[test]
fn what_no_reading_has_costs_nothing_and_what_all_share_next_to_nothing() {
    let plain = pack(&noisy(100))[0].segment.as_bytes().len();
    let mut rich = noisy(100);
    for reading in &mut rich {
        reading.quality = Some(1.0);
        reading.location = Some("hall 3, north wall".to_owned());
        reading.metadata.insert("operator".to_owned(), "shift-b".to_owned());
    }
    let rich = pack(&rich)[0].segment.as_bytes().len();
    println!("100 readings: {plain} bytes bare, {rich} bytes with quality, location and metadata");
    assert!(rich <= plain + 80, "{plain} -> {rich}");
}

#[test]
fn an_outlier_or_a_negative_zero_does_not_spoil_its_column() {
    let plain = pack(&noisy(100))[0].segment.as_bytes().len();
    let mut readings = noisy(100);
    readings[3].value = -0.0;
    readings[70].value = std::f64::consts::PI * 1e100;
    let spoiled = pack(&readings)[0].segment.as_bytes().len();
    assert!(spoiled <= plain + 30, "{plain} -> {spoiled}");
}

#[test]
fn a_batch_splits_by_sensor_hour_type_and_unit_and_by_nothing_else() {
    let mut fahrenheit = reading(at(2 * SECOND), 158.0);
    fahrenheit.unit = "F".to_owned();
    let mut other = reading(at(3 * SECOND), 1.0);
    other.sensor_id = Identifier::parse("s2").unwrap();
    let readings = [fahrenheit, reading(at(HOUR), 3.0), reading(at(HOUR - 1), 2.0), other, reading(at(0), 1.0)];
    let packed: Vec<_> = pack(&readings)
        .iter()
        .map(|packed| {
            (packed.sensor_id.to_string(), packed.segment.header().unit.clone(), packed.segment.header().count)
        })
        .collect();
    let expected = [("s1", "F", 1), ("s1", "C", 1), ("s2", "C", 1), ("s1", "C", 2)];
    assert_eq!(packed, expected.map(|(sensor, unit, count)| (sensor.to_owned(), unit.to_owned(), count)));
}

#[test]
fn more_readings_than_a_segment_holds_become_several() {
    let packed = pack(&noisy(1201));
    let counts: Vec<_> = packed.iter().map(|packed| packed.segment.header().count).collect();
    assert_eq!(counts, [500, 500, 201]);
}

#[test]
fn the_longest_readings_there_are_come_back() {
    let wide = |length: usize, salt: usize| -> String {
        (0..length)
            .map(|place| char::from_u32(0x1_0000 + u32::try_from((place * 31 + salt * 977) % 0x8000).unwrap()).unwrap())
            .collect()
    };
    let mut readings = noisy(500);
    for (salt, reading) in readings.iter_mut().enumerate() {
        reading.location = Some(wide(128, salt));
        reading.metadata = (0..16).map(|pair| (wide(256, salt + pair), wide(256, salt + pair + 9999))).collect();
    }
    let packed = pack(&readings);
    assert_eq!(stored(&packed[0]).readings(&packed[0].sensor_id).unwrap(), readings);
}
