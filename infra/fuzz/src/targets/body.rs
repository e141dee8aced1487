//! What clients send, from strict JSON to the domain.

use gate::json::{canonical, parse};
use jiff::Timestamp;
use kernel::{Identifier, Violation};
use ledger::{Channel, RawGoal, RawMessage};
use maintenance::{
    RawReading, Reading, Segment, pack,
    work::{
        RawAcknowledgement, RawCalendar, RawCancellation, RawClosure, RawCompletion, RawDecision, RawPolicy, RawTask,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::faults;

const NOW: i64 = 1_780_000_000;

/// The first byte says what is read, the rest is the body. What is refused says where and repeats nothing; a message is
/// within its limits, and what is stored as it was accepted reads back equal.
pub fn body(bytes: &[u8]) -> bool {
    let Some((kind, body)) = bytes.split_first() else { return false };
    if canonical(body).is_err() {
        return false;
    }
    let now = Timestamp::from_second(NOW).unwrap();
    let key = Identifier::parse("key-1").unwrap();
    match kind {
        b'r' => read(body, |raw: RawReading| raw.accept(now)).is_some_and(|reading| stored_as_segment(&reading)),
        b'm' => read(body, |raw: RawMessage| raw.accept(now)).is_some_and(|message| {
            assert!((1..=ledger::LONGEST_MESSAGE).contains(&message.text.reveal().chars().count()));
            assert!(matches!(message.channel, Channel::Sms | Channel::Email));
            assert!(message.received_at.is_none_or(|time| time >= Timestamp::UNIX_EPOCH));
            true
        }),
        b'g' => read(body, |raw: RawGoal| raw.accept(key, now.to_zoned(jiff::tz::TimeZone::UTC).date()))
            .is_some_and(|new| reads_back(&new.goal)),
        b'p' => read(body, RawPolicy::accept).is_some_and(|policy| reads_back(&policy)),
        b'k' => read(body, RawCalendar::accept).is_some_and(|calendar| reads_back(&calendar)),
        b't' => read(body, |raw: RawTask| raw.accept(now)).is_some(),
        b'd' => read(body, |raw: RawDecision| raw.accept(now)).is_some(),
        b'c' => read(body, |raw: RawCompletion| raw.accept(&key, now)).is_some_and(|done| reads_back(&done)),
        b'x' => read(body, |raw: RawCancellation| raw.accept(&key, now)).is_some_and(|done| reads_back(&done)),
        b'a' => read(body, |raw: RawAcknowledgement| raw.accept(&key, now)).is_some(),
        b'o' => read(body, |raw: RawClosure| raw.accept(&key, now)).is_some(),
        _ => false,
    }
}

fn read<R: DeserializeOwned, T>(body: &[u8], accept: impl FnOnce(R) -> Result<T, Vec<Violation>>) -> Option<T> {
    let raw = parse(body, "").map_err(|fault| faults::check(&fault, body)).ok()?;
    accept(raw).map_err(|violations| faults::check_all(&violations, body)).ok()
}

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> bool {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    true
}

fn stored_as_segment(reading: &Reading) -> bool {
    let packed = pack(std::slice::from_ref(reading));
    let [packed] = packed.as_slice() else { panic!("one reading is {} segments", packed.len()) };
    assert_eq!(packed.sensor_id, reading.sensor_id);
    let segment = Segment::parse(packed.segment.as_bytes().to_vec()).unwrap();
    let readings = segment.readings(&reading.sensor_id).unwrap();
    assert_eq!(readings, std::slice::from_ref(reading));
    assert_eq!(readings[0].value.to_bits(), reading.value.to_bits());
    true
}
