//! Who does approved work, and when.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApprovedTask, Calendar, Technician,
    calendar::{Shift, shifts},
    machine::words,
};

/// How far ahead work is planned.
const HORIZON_DAYS: i64 = 60;
/// Work starts at multiples of this many seconds, so that nobody is sent at 10:07:13.
const GRID_SECONDS: i64 = 300;

/// A technician's time that is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Booking {
    /// Whose time.
    pub technician_id: Identifier,
    /// By which task.
    pub task_id: Identifier,
    /// From when.
    pub start: Timestamp,
    /// Until when; the next may start then.
    pub end: Timestamp,
}

/// Who does a task, and when.
// Outside this crate only `plan` makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Assignment {
    /// Who.
    pub technician_id: Identifier,
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// Whether it ends after the task is due, because nothing sooner was free.
    pub late: bool,
}

words! {
    /// Why nobody fits.
    NoFitCode {
        /// The calendar has no technician.
        NoTechnician = "no_technician",
        /// No technician has the skill.
        NoSkill = "no_skill",
        /// Those who have the skill do not work within the horizon.
        NoWorkingTime = "no_working_time",
        /// Nobody who has the skill works as long as this at a stretch.
        TooLong = "too_long",
        /// All who have the skill have too much to do within the horizon.
        FullyBooked = "fully_booked",
    }
}

/// Why approved work has no technician and no time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoFit {
    /// The reason, for machines.
    pub code: NoFitCode,
    /// The reason, for people.
    pub message: String,
}

/// Finds who does `task` and when.
///
/// Of all times at which a technician with the skill works, is not booked and is not needed sooner than
/// the calendar's lead time from `now`, it is the earliest. Of several technicians who are free then, it
/// is the one with the fewest booked minutes ahead, and of those the one whose id sorts first; their
/// order in the calendar does not matter. Work is not split, so it must fit into a stretch of working
/// hours of one day. When the earliest time is after the task is due it is taken all the same and said
/// to be late: late work is better than none. Work starts at multiples of five minutes, within 60 days.
///
/// `bookings` are all those of the calendar's technicians that end after `now`, in any order; others do
/// no harm. The answer is free with respect to these bookings. Who stores it must refuse it when
/// another was stored in the meantime.
///
/// # Errors
/// [`NoFit`] when there is no such time.
pub fn plan(
    task: &ApprovedTask<'_>,
    calendar: &Calendar,
    bookings: &[Booking],
    now: Timestamp,
) -> Result<Assignment, NoFit> {
    let search = Search {
        duration: task.duration(),
        from: later(now, SignedDuration::from_mins(i64::from(calendar.lead_minutes))),
        to: later(now, SignedDuration::from_hours(HORIZON_DAYS * 24)),
    };
    let skilled: Vec<&Technician> =
        calendar.technicians.iter().filter(|one| task.skill().is_none_or(|skill| one.skills.contains(skill))).collect();
    let taken = taken(bookings, now);
    let candidates = skilled.iter().filter_map(|technician| {
        let taken = taken.get(&technician.id).map_or(&[][..], Vec::as_slice);
        let start = search.earliest(technician, taken)?;
        Some((start, booked(taken), &technician.id))
    });
    let Some((start, _, technician_id)) = candidates.min() else {
        return Err(no_fit(task, calendar, &skilled, &search));
    };
    let end = later(start, search.duration);
    let late = task.due_by().is_some_and(|due| end > due);
    Ok(Assignment { technician_id: technician_id.clone(), start, end, late })
}

/// What is looked for in every technician's time.
struct Search {
    duration: SignedDuration,
    from: Timestamp,
    to: Timestamp,
}

impl Search {
    /// Where `technician` could be booked if nothing were booked yet.
    fn shifts(&self, technician: &Technician) -> impl Iterator<Item = Shift> {
        shifts(technician, self.from, self.to)
            .map(|shift| Shift { start: on_grid(shift.start), ..shift })
            .filter(|shift| shift.start < shift.end)
    }

    /// The earliest start in the time of `technician`, of which `taken` is booked.
    fn earliest(&self, technician: &Technician, taken: &[&Booking]) -> Option<Timestamp> {
        let mut ahead = taken;
        self.shifts(technician).find_map(|shift| {
            while let Some((_, rest)) = ahead.split_first().filter(|(booking, _)| booking.end <= shift.start) {
                ahead = rest;
            }
            let mut start = shift.start;
            for booking in ahead {
                if booking.start >= later(start, self.duration) {
                    break;
                }
                if booking.end > start {
                    start = on_grid(booking.end);
                }
            }
            (shift.end.duration_since(start) >= self.duration).then_some(start)
        })
    }
}

/// What is booked of each technician's time from `now` on, by start.
fn taken(bookings: &[Booking], now: Timestamp) -> HashMap<&Identifier, Vec<&Booking>> {
    let mut taken: HashMap<&Identifier, Vec<&Booking>> = HashMap::new();
    for booking in bookings.iter().filter(|booking| booking.end > now) {
        taken.entry(&booking.technician_id).or_default().push(booking);
    }
    for taken in taken.values_mut() {
        taken.sort_by_key(|booking| (booking.start, booking.end));
    }
    taken
}

fn booked(taken: &[&Booking]) -> SignedDuration {
    taken
        .iter()
        .map(|booking| booking.end.duration_since(booking.start))
        .fold(SignedDuration::ZERO, SignedDuration::saturating_add)
}

/// Why nobody fits.
fn no_fit(task: &ApprovedTask<'_>, calendar: &Calendar, skilled: &[&Technician], search: &Search) -> NoFit {
    let skill = task.skill().map(|skill| format!(" with the skill {skill}")).unwrap_or_default();
    let no_fit = |code, message| NoFit { code, message };
    if calendar.technicians.is_empty() {
        return no_fit(NoFitCode::NoTechnician, "The calendar has no technician.".to_owned());
    }
    if skilled.is_empty() {
        return no_fit(NoFitCode::NoSkill, format!("There is no technician{skill}."));
    }
    let stretches = skilled.iter().flat_map(|technician| search.shifts(technician));
    let longest = stretches.map(|shift| shift.end.duration_since(shift.start)).max();
    let minutes = search.duration.as_mins();
    match longest {
        None => {
            no_fit(NoFitCode::NoWorkingTime, format!("No technician{skill} works within the next {HORIZON_DAYS} days."))
        }
        Some(longest) if longest < search.duration => no_fit(
            NoFitCode::TooLong,
            format!(
                "The work takes {minutes} minutes and is not split; technicians{skill} work at most {} minutes at a stretch.",
                longest.as_mins()
            ),
        ),
        Some(_) => no_fit(
            NoFitCode::FullyBooked,
            format!("No technician{skill} has {minutes} minutes at a stretch free until {}.", search.to),
        ),
    }
}

/// The next start that is not before `time`.
fn on_grid(time: Timestamp) -> Timestamp {
    let past = time.as_second().rem_euclid(GRID_SECONDS);
    let whole = past == 0 && time.subsec_nanosecond() == 0;
    let second = time.as_second().saturating_sub(past).saturating_add(if whole { 0 } else { GRID_SECONDS });
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

fn later(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}
