//! Points in time as whole nanoseconds.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nanosecond_of_an_i64_is_a_timestamp_and_back() {
        for nanos in [i64::MIN, -1, 0, 1, HOUR, i64::MAX] {
            assert_eq!(nanoseconds(timestamp(nanos)), nanos);
        }
        assert_eq!(nanoseconds(Timestamp::MAX), i64::MAX);
    }
}
