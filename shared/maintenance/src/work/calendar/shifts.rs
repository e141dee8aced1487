//! When a technician works, on the world's clock.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

use super::Technician;

/// Time at a stretch in which a technician works, within one day of their calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shift {
    /// From when.
    pub(crate) start: Timestamp,
    /// Until when; later than the start.
    pub(crate) end: Timestamp,
}

/// Time in which a zone's clocks do not change.
struct Stretch {
    start: Timestamp,
    end: Timestamp,
    offset: Offset,
}

/// The shifts of `technician` in the time from `from` to `to`, cut off at both ends, by time.
///
/// An instant is working time exactly when the technician's wall clock then shows a working hour of a
/// day that is not off. So an hour that the clocks skip in spring is no working time, and one that they
/// show twice in autumn is working time twice.
pub(crate) fn shifts(technician: &Technician, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Shift> {
    let zone = technician.time_zone.rules();
    let stretches = stretches(zone, from, to);
    let last = zone.to_datetime(to).date();
    let days = std::iter::successors(Some(zone.to_datetime(from).date()), |day| day.tomorrow().ok());
    days.take_while(move |day| *day <= last).flat_map(move |day| on(technician, day, &stretches))
}

/// The stretches of the time from `from` to `to`.
fn stretches(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let (mut start, mut offset) = (from, zone.to_offset(from));
    for change in zone.following(from).take_while(|change| change.timestamp() < to) {
        stretches.push(Stretch { start, end: change.timestamp(), offset });
        (start, offset) = (change.timestamp(), change.offset());
    }
    stretches.push(Stretch { start, end: to, offset });
    stretches
}

/// The shifts of one day within the stretches. Two that meet, where the clocks change or where they show the
/// working hours twice, are one.
fn on(technician: &Technician, day: Date, stretches: &[Stretch]) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = Vec::new();
    if technician.days_off.binary_search(&day).is_ok() {
        return shifts;
    }
    for stretch in stretches {
        for interval in technician.working_hours.on(day.weekday()) {
            let instant = |clock| instant(day, clock, stretch.offset);
            let (Some(start), Some(end)) = (instant(interval.start.minutes()), instant(interval.end.minutes())) else {
                continue;
            };
            let shift = Shift { start: start.max(stretch.start), end: end.min(stretch.end) };
            match shifts.last_mut() {
                _ if shift.start >= shift.end => {}
                Some(before) if before.end == shift.start => before.end = shift.end,
                _ => shifts.push(shift),
            }
        }
    }
    shifts
}

/// When clocks with this offset show so many minutes after the start of `day`; `None` beyond the end of time.
fn instant(day: Date, minutes: u16, offset: Offset) -> Option<Timestamp> {
    let midnight = offset.to_timestamp(DateTime::from_parts(day, Time::midnight())).ok()?;
    midnight.checked_add(SignedDuration::from_mins(i64::from(minutes))).ok()
}
