//! Stored segments.

use jiff::SignedDuration;
use kernel::Identifier;
use maintenance::{MAX_READINGS, Reading, Segment, pack};

/// What decodes is what its header says and within the limits of a request, and encodes again to the same readings.
pub fn segment(bytes: &[u8]) -> bool {
    let Ok(segment) = Segment::parse(bytes.to_vec()) else { return false };
    assert_eq!(segment.as_bytes(), bytes);
    let header = segment.header().clone();
    assert!((1..=MAX_READINGS).contains(&usize::from(header.count)) && header.unit.chars().count() <= 16);
    let sensor = Identifier::parse("pump-7").unwrap();
    let (samples, readings) = (segment.samples(), segment.readings(&sensor));
    let (Ok(samples), Ok(readings)) = (&samples, &readings) else {
        // Notes are not read for samples, so they alone may be what is wrong.
        assert!(readings.is_err());
        return false;
    };
    assert_eq!((samples.len(), readings.len()), (header.count.into(), header.count.into()));
    assert!(samples.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
    let (first, last) = (&readings[0], &readings[readings.len() - 1]);
    assert_eq!((header.first, header.last, header.last_value), (first.timestamp, last.timestamp, last.value));
    assert!(last.timestamp.duration_since(first.timestamp) < SignedDuration::from_hours(1));
    for (sample, reading) in samples.iter().zip(readings) {
        assert_eq!(
            (sample.timestamp, sample.value, sample.quality),
            (reading.timestamp, reading.value, reading.quality)
        );
        within_limits(reading);
    }
    let again = pack(readings);
    let [again] = again.as_slice() else { panic!("{} segments of one", again.len()) };
    let stored = Segment::parse(again.segment.as_bytes().to_vec()).unwrap();
    assert_eq!(stored, again.segment);
    let restored = stored.readings(&sensor).unwrap();
    assert!(restored.iter().map(exact).eq(readings.iter().map(exact)));
    assert_eq!(pack(&restored)[0].segment, stored);
    true
}

fn within_limits(reading: &Reading) {
    let short = |text: &String, limit: usize| text.chars().count() <= limit;
    assert!(reading.value.is_finite() && reading.quality.is_none_or(|quality| (0.0..=1.0).contains(&quality)));
    assert!(reading.location.as_ref().is_none_or(|location| short(location, 128)));
    assert!(reading.metadata.len() <= 16);
    assert!(reading.metadata.iter().all(|(key, value)| short(key, 256) && short(value, 256)));
}

/// A reading whose numbers are their bits, so that -0.0 is not 0.0.
fn exact(reading: &Reading) -> impl PartialEq {
    let quality = reading.quality.map(f64::to_bits);
    (reading.clone(), reading.value.to_bits(), quality)
}
