//! Files of messages: lines, and the rows they are.

use books::Origin;
use gate::json::canonical;
use intake::{RowDefaults, sort_line};
use jiff::{Timestamp, tz::TimeZone};
use kernel::Identifier;
use ledger::Channel;
use process_import::file::{Line, Piece};
use serde_json::Value;
use vault::Moment;

const REFUSALS: [&str; 8] =
    ["invalid", "reminder", "otp", "promotion", "declined", "balance", "request", "unrecognised"];

/// The first byte says how much is read at once. However much that is, the lines are those of the file, each row is read
/// or refused by itself, and a row that is taken is the object that stands there.
pub fn import_file(bytes: &[u8]) -> bool {
    let Some((size, file)) = bytes.split_first() else { return false };
    let size = 1 + usize::from(*size) * 8;
    let expected: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let short = expected.iter().all(|line| line.len() < size);
    let rows = read_in_pieces(file, size);
    if short {
        let expected = expected.iter().map(|line| line.trim_ascii()).filter(|line| !line.is_empty());
        assert!(rows.iter().map(Vec::as_slice).eq(expected));
    }
    rows.iter().filter(|row| row_is_taken(row)).count() > 0
}

/// As the function does that works files off.
fn read_in_pieces(file: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (mut offset, mut skipping) = (0, false);
    let mut rows = Vec::new();
    while offset < file.len() {
        let end = file.len().min(offset + size);
        let piece = Piece::new(file[offset..end].to_vec(), end == file.len());
        let before = offset;
        for Line { length, text, continues } in piece.lines(skipping) {
            let length = length as usize;
            let line = &file[offset..offset + length];
            assert_eq!(line.ends_with(b"\n") || end == file.len(), !continues);
            if let Some(text) = text {
                assert!(!skipping);
                // Of a line that is too long nothing is a row, or its beginning could pass for one.
                assert_eq!(text, if continues { &[][..] } else { line.trim_ascii() });
                rows.push(text.to_vec());
            }
            offset += length;
            skipping = continues;
        }
        assert!(offset > before && offset <= end, "no progress at {before} of {}", file.len());
    }
    rows
}

fn row_is_taken(line: &[u8]) -> bool {
    let defaults = RowDefaults { user: Some(Identifier::parse("user-17").unwrap()), channel: Some(Channel::Sms) };
    let origin = Origin { whole: "01JV8ZQ4X1234567890ABCDEFG".to_owned(), index: 7 };
    let now = Moment { wall: Timestamp::from_second(1_780_000_000).unwrap(), ..Moment::now() };
    let (user, candidate) = match sort_line(line, origin, &defaults, &TimeZone::UTC, now) {
        Ok(taken) => taken,
        Err(code) => {
            assert!(REFUSALS.contains(&code), "{code}");
            return false;
        }
    };
    assert!(canonical(line).is_ok());
    let value: Value = serde_json::from_slice(line).unwrap();
    assert_eq!(value["message"].as_str(), Some(candidate.message.text.reveal().as_str()));
    assert_eq!(value["user_id"].as_str().unwrap_or("user-17"), &*user);
    assert_eq!(value["occurrence"].as_u64().unwrap_or(1), u64::from(candidate.occurrence));
    assert!((1..=1000).contains(&candidate.occurrence) && candidate.parsed.amount.value.value() > 0.into());
    true
}
