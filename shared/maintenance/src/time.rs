//! Points in time: as clients write them and as whole nanoseconds.

use jiff::{SignedDuration, Timestamp};

/// Nanoseconds of one second.
pub(crate) const SECOND: i64 = 1_000_000_000;
/// Nanoseconds of one hour.
pub(crate) const HOUR: i64 = 3600 * SECOND;

/// Nanoseconds since 1970, saturating beyond the years 1677 to 2262, which no accepted reading has.
pub(crate) fn nanoseconds(timestamp: Timestamp) -> i64 {
    timestamp.as_second().saturating_mul(SECOND).saturating_add(i64::from(timestamp.subsec_nanosecond()))
}

/// The inverse of [`nanoseconds`]. Every `i64` is a valid timestamp.
pub(crate) fn timestamp(nanoseconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_nanos(nanoseconds)
}

/// The start of the interval of `width` nanoseconds, counted from 1970, that contains `instant`.
pub(crate) fn floor(instant: i64, width: i64) -> i64 {
    instant.saturating_sub(instant.rem_euclid(width))
}

/// Reads an RFC 3339 date and time with an offset, to the nanosecond.
///
/// Stricter than [`Timestamp`]'s own parser, which also takes times without seconds, hours-only
/// offsets, a comma before the fraction and bracketed time zones. The last hours of the year 9999
/// are read as [`Timestamp::MAX`].
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
    text.parse().ok().or_else(beyond)
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
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_rfc_3339_time_is_read_to_the_nanosecond() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01t00:00:01z", SECOND),
            ("1970-01-01T00:00:00.000000001Z", 1),
            ("1970-01-01T02:00:00.5+02:00", SECOND / 2),
            ("1969-12-31T23:30:00-00:30", 0),
            ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01T00:00:00+00:00", 0),
        ] {
            assert_eq!(parse_timestamp(text).map(nanoseconds), Some(nanos), "{text}");
        }
        assert_eq!(parse_timestamp("9999-12-31T23:59:59Z"), Some(Timestamp::MAX));
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

    #[test]
    fn every_nanosecond_of_an_i64_is_a_timestamp_and_back() {
        for nanos in [i64::MIN, -1, 0, 1, HOUR, i64::MAX] {
            assert_eq!(nanoseconds(timestamp(nanos)), nanos);
        }
        assert_eq!(nanoseconds(Timestamp::MAX), i64::MAX);
    }
}
