//! Points in time as clients write them.

use jiff::Timestamp;

/// The first moment of the year 0. Nothing that is stored is older: from here on times have years of four digits, and
/// their texts sort as they do.
pub const BEGINNING: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// Reads an RFC 3339 date and time with an offset, to the nanosecond.
///
/// Stricter than [`Timestamp`]'s own parser, which also takes times without seconds, hours-only
/// offsets, a comma before the fraction and bracketed time zones. The last hours of the year 9999
/// are read as [`Timestamp::MAX`], and what an offset puts before the year 0 as [`BEGINNING`].
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let shaped = matches_shape(date_time, b"0000-00-00T00:00:00");
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (1..=9).contains(&(fraction.len() - offset.len())).then_some(offset)?
        }
        None => rest,
    };
    let offset_shaped = matches!(offset, "Z" | "z") || matches_shape(offset, b"+00:00");
    if !(shaped && offset_shaped) {
        return None;
    }
    // The library's times end a day before the year 9999 does, whose last second often stands for "for ever".
    // Whether there is such a day and such a time of day, the year before tells.
    let beyond = || {
        let rest = text.strip_prefix("9999").filter(|rest| rest.starts_with("-12-3"))?;
        format!("9998{rest}").parse::<Timestamp>().ok().map(|_| Timestamp::MAX)
    };
    text.parse().ok().or_else(beyond).map(|time: Timestamp| time.max(BEGINNING))
}

/// Whether `text` has a digit where `shape` has one, a sign where it has one, and the same
/// character (`T` in either case) elsewhere.
fn matches_shape(text: &str, shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            b'+' => matches!(byte, b'+' | b'-'),
            b'T' => matches!(byte, b'T' | b't'),
            other => byte == *other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rfc_3339_time_is_read_to_the_nanosecond() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01t00:00:01z", 1_000_000_000),
            ("1970-01-01T00:00:00.000000001Z", 1),
            ("1970-01-01T02:00:00.5+02:00", 500_000_000),
            ("1969-12-31T23:30:00-00:30", 0),
            ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01T00:00:00+00:00", 0),
        ] {
            assert_eq!(parse_timestamp(text).map(Timestamp::as_nanosecond), Some(nanos), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_times() {
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59"] {
            assert_eq!(parse_timestamp(text), Some(Timestamp::MAX), "{text}");
        }
        for text in ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00+05:30", "0000-01-01T23:58:59.999999999+23:59"] {
            assert_eq!(parse_timestamp(text), Some(BEGINNING), "{text}");
        }
        assert_eq!(BEGINNING.to_string(), "0000-01-01T00:00:00Z");
    }

    #[test]
    fn anything_else_is_not_a_time() {
        for text in [
            "",
            "now",
            "0",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00Z",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00,5Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1234567891Z",
            "1970-01-01T00:00:00+01",
            "1970-01-01T00:00:00+0100",
            "1970-01-01T00:00:00Z[UTC]",
            "1970-01-01T00:00:00Z ",
            " 1970-01-01T00:00:00Z",
            "1970-02-30T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "9999-12-32T00:00:00Z",
            "9999-12-31T23:60:00Z",
            "１970-01-01T00:00:00Z",
            "1970-01-01T00:00:0\u{660}Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text:?}");
        }
    }
}
