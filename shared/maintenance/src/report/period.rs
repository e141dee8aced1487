//! What time a report covers.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;

use crate::time::{HOUR, floor, nanoseconds, timestamp};

const DAY: i64 = 24 * HOUR;

/// The longest period of a report, in days: a leap year.
pub const LONGEST_PERIOD_DAYS: i64 = 366;

/// The time that a report covers: whole hours of UTC, because readings are kept by the hour for
/// longer than one by one. `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Period {
    /// The start of the first hour.
    from: Timestamp,
    /// The end of the last hour.
    to: Timestamp,
}

/// Why two times make no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodError {
    /// The end is not after the start.
    Empty,
    /// It would be longer than [`LONGEST_PERIOD_DAYS`].
    TooLong,
    /// It starts before 1970 or ends after the year 2261, where no reading is.
    OutOfRange,
}

impl Period {
    /// The whole hours that cover everything from `from` to before `to`.
    ///
    /// # Errors
    /// [`PeriodError`] when there is nothing between the two, or too much, or nothing that could
    /// have been measured.
    pub fn covering(from: Timestamp, to: Timestamp) -> Result<Self, PeriodError> {
        if from >= to {
            return Err(PeriodError::Empty);
        }
        let first = floor(nanoseconds(from), HOUR);
        let last = floor(nanoseconds(to).saturating_sub(1), HOUR);
        if from < Timestamp::UNIX_EPOCH || last > i64::MAX - 2 * DAY {
            return Err(PeriodError::OutOfRange);
        }
        if last - first >= LONGEST_PERIOD_DAYS * DAY {
            return Err(PeriodError::TooLong);
        }
        Ok(Self { from: timestamp(first), to: timestamp(last + HOUR) })
    }

    /// The start of the first hour.
    #[must_use]
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The end of the last hour.
    #[must_use]
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// As much time directly before.
    #[must_use]
    pub fn preceding(self) -> Self {
        Self { from: self.from - self.to.duration_since(self.from), to: self.from }
    }

    /// Whether `instant` belongs to it.
    #[must_use]
    pub fn contains(self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.to
    }
}

/// The part of a period that has passed, counted in hours and in days of UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    period: Period,
    /// The end of the period, or the time of generation when that is earlier: what the report
    /// knows nothing about has not been missed.
    pub(super) as_of: Timestamp,
}

impl Calendar {
    pub(super) fn new(period: Period, generated_at: Timestamp) -> Self {
        Self { period, as_of: period.to.min(generated_at).max(period.from) }
    }

    /// The calendar of as much time directly before as has passed of this one.
    pub(super) fn preceding(self) -> Self {
        let length = SignedDuration::from_hours(i64::try_from(self.hours()).unwrap_or(0));
        let period = Period { from: self.period.from - length, to: self.period.from };
        Self { period, as_of: period.to }
    }

    /// When the report begins.
    pub(super) fn start(self) -> Timestamp {
        self.period.from
    }

    /// Whether something that happened at `instant` is within the report.
    pub(super) fn contains(self, instant: Timestamp) -> bool {
        self.period.from <= instant && instant < self.as_of
    }

    /// Whether something that happened at `instant` had happened at the end of the report.
    pub(super) fn knows(self, instant: Timestamp) -> bool {
        instant < self.as_of
    }

    /// How many hours have begun.
    pub(super) fn hours(self) -> usize {
        index(nanoseconds(self.as_of) - nanoseconds(self.period.from) + HOUR - 1, HOUR)
    }

    /// How many hours have ended.
    pub(super) fn whole_hours(self) -> usize {
        index(nanoseconds(self.as_of) - nanoseconds(self.period.from), HOUR)
    }

    /// The number of the hour that contains `instant`.
    pub(super) fn hour(self, instant: Timestamp) -> Option<usize> {
        self.contains(instant).then(|| index(nanoseconds(instant) - nanoseconds(self.period.from), HOUR))
    }

    /// When an hour starts.
    pub(super) fn hour_start(self, hour: usize) -> Timestamp {
        self.period.from + SignedDuration::from_hours(i64::try_from(hour).unwrap_or(0))
    }

    /// How many days of UTC the report touches.
    pub(super) fn days(self) -> usize {
        match self.hours().checked_sub(1) {
            Some(last) => self.day_of_hour(last) + 1,
            None => 0,
        }
    }

    /// The number of the day that contains the hour.
    pub(super) fn day_of_hour(self, hour: usize) -> usize {
        (hour + index(nanoseconds(self.period.from).rem_euclid(DAY), HOUR)) / 24
    }

    /// The number of the day that contains `instant`.
    pub(super) fn day(self, instant: Timestamp) -> Option<usize> {
        self.hour(instant).map(|hour| self.day_of_hour(hour))
    }

    /// How many of the instants are on each day.
    pub(super) fn count_by_day(self, instants: impl Iterator<Item = Timestamp>) -> Vec<u64> {
        let mut counts = vec![0; self.days()];
        for day in instants.filter_map(|instant| self.day(instant)) {
            if let Some(count) = counts.get_mut(day) {
                *count += 1;
            }
        }
        counts
    }

    /// How many things that began at one time, and ended at another if they did, were going on when
    /// each day ended.
    pub(super) fn balance_by_day(self, spans: &[(Timestamp, Option<Timestamp>)]) -> Vec<u64> {
        let going_on = |end: Timestamp| {
            let open = spans.iter().filter(|(from, to)| *from < end && to.is_none_or(|to| to >= end));
            open.count() as u64
        };
        (0..self.days()).map(|day| going_on(self.day_end(day))).collect()
    }

    /// Every day, by its date.
    pub(super) fn dates(self) -> Vec<Date> {
        (0..self.days()).map(|day| self.day_end(day) - SignedDuration::from_nanos(1)).map(date).collect()
    }

    /// When a day ends: midnight, or the end of the report.
    pub(super) fn day_end(self, day: usize) -> Timestamp {
        let midnight = floor(nanoseconds(self.period.from), DAY) + DAY * (1 + i64::try_from(day).unwrap_or(0));
        timestamp(midnight).min(self.as_of)
    }
}

/// The date of UTC.
pub(super) fn date(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

fn index(nanoseconds: i64, width: i64) -> usize {
    usize::try_from(nanoseconds / width).unwrap_or(0)
}
