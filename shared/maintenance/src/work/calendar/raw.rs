//! A calendar as a client sends it.

use jiff::civil::Date;
use kernel::{Identifier, Violation, Zone};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Calendar, Clock, DEFAULT_LEAD, Interval, Technician, WorkingHours};
use crate::work::rules::{Broken, LINE};

/// The most technicians.
const MOST_TECHNICIANS: usize = 200;
/// The most skills of a technician.
const MOST_SKILLS: usize = 50;
/// The most days off of a technician.
const MOST_DAYS_OFF: usize = 366;
/// The most intervals of a day.
const MOST_INTERVALS: usize = 8;
/// The longest name, in characters.
const LONGEST_NAME: usize = 128;
/// The longest lead time, in minutes: a week.
const LONGEST_LEAD: u32 = 10_080;

/// A tenant's technicians and when they work. It replaces the stored calendar.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCalendar")]
pub struct RawCalendar {
    /// Who works, no two with the same id.
    #[schemars(length(max = MOST_TECHNICIANS))]
    pub technicians: Vec<RawTechnician>,
    /// How long before its start work must be planned, in minutes. Default 60.
    #[schemars(range(min = 0, max = LONGEST_LEAD))]
    pub lead_minutes: Option<i64>,
}

/// Somebody who does the work.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTechnician")]
pub struct RawTechnician {
    /// Who.
    #[schemars(with = "Identifier")]
    pub id: String,
    /// What people call them.
    #[schemars(length(min = 1, max = LONGEST_NAME), extend("pattern" = LINE))]
    pub name: Option<String>,
    /// What they can do; work that takes no skill can be done by anybody.
    #[schemars(with = "Option<Vec<Identifier>>", length(max = MOST_SKILLS), extend("uniqueItems" = true))]
    pub skills: Option<Vec<String>>,
    /// Where their clock is: a name of the IANA time zone database, such as `Europe/Berlin`.
    #[schemars(with = "Zone")]
    pub time_zone: String,
    /// When they work, by their own clock.
    pub working_hours: RawWorkingHours,
    /// Days of their own calendar on which they do not, as `YYYY-MM-DD`.
    #[schemars(with = "Option<Vec<Date>>", length(max = MOST_DAYS_OFF), extend("uniqueItems" = true))]
    pub days_off: Option<Vec<String>>,
}

/// A week of work. A day that is left out is free.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWorkingHours")]
pub struct RawWorkingHours {
    /// On Mondays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub monday: Option<Vec<RawInterval>>,
    /// On Tuesdays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub tuesday: Option<Vec<RawInterval>>,
    /// On Wednesdays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub wednesday: Option<Vec<RawInterval>>,
    /// On Thursdays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub thursday: Option<Vec<RawInterval>>,
    /// On Fridays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub friday: Option<Vec<RawInterval>>,
    /// On Saturdays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub saturday: Option<Vec<RawInterval>>,
    /// On Sundays.
    #[schemars(length(max = MOST_INTERVALS))]
    pub sunday: Option<Vec<RawInterval>>,
}

/// Part of a day. Work at night is two of them, on two days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewInterval")]
pub struct RawInterval {
    /// When it starts, as `HH:MM`.
    #[schemars(with = "Clock")]
    pub start: String,
    /// When it ends, as `HH:MM`, later than the start; `24:00` is the end of the day.
    #[schemars(with = "Clock")]
    pub end: String,
}

impl RawCalendar {
    /// Makes it a calendar.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self) -> Result<Calendar, Vec<Violation>> {
        let mut broken = Broken::default();
        let mut technicians: Vec<Technician> = Vec::new();
        for (place, raw) in broken.entries("/technicians", self.technicians, MOST_TECHNICIANS).into_iter().enumerate() {
            let at = format!("/technicians/{place}");
            let Some(technician) = technician(&at, raw, &mut broken) else { continue };
            if technicians.iter().any(|other| other.id == technician.id) {
                broken.note(format!("{at}/id"), "duplicate", "must not be another technician's");
            }
            technicians.push(technician);
        }
        technicians.sort_by(|one, other| one.id.cmp(&other.id));
        let lead_minutes = match self.lead_minutes {
            Some(minutes) => broken.whole("/lead_minutes", minutes, 0..=LONGEST_LEAD),
            None => Some(DEFAULT_LEAD),
        };
        broken.or(lead_minutes.map(|lead_minutes| Calendar { technicians, lead_minutes }))
    }
}

fn technician(at: &str, raw: RawTechnician, broken: &mut Broken) -> Option<Technician> {
    let at = |field: &str| format!("{at}/{field}");
    let id = broken.identifier(&at("id"), &raw.id);
    let name = raw.name.and_then(|name| broken.line(&at("name"), name, LONGEST_NAME));
    let skills = unique(&at("skills"), raw.skills, MOST_SKILLS, broken, Broken::identifier);
    let time_zone = Zone::parse(&raw.time_zone);
    if time_zone.is_none() {
        broken.note(at("time_zone"), "invalid", "must be a time zone of the IANA database");
    }
    let working_hours = week(&at("working_hours"), raw.working_hours, broken);
    let days_off = unique(&at("days_off"), raw.days_off, MOST_DAYS_OFF, broken, Broken::date);
    Some(Technician { id: id?, name, skills, time_zone: time_zone?, working_hours, days_off })
}

/// Different entries, each read by `read`, sorted.
fn unique<T: Ord>(
    at: &str,
    raw: Option<Vec<String>>,
    most: usize,
    broken: &mut Broken,
    read: fn(&mut Broken, &str, &str) -> Option<T>,
) -> Vec<T> {
    let mut entries = Vec::new();
    for (place, text) in broken.entries(at, raw.unwrap_or_default(), most).into_iter().enumerate() {
        let at = format!("{at}/{place}");
        let Some(entry) = read(broken, &at, &text) else { continue };
        if entries.contains(&entry) {
            broken.note(at, "duplicate", "must not be listed twice");
        }
        entries.push(entry);
    }
    entries.sort();
    entries
}

fn week(at: &str, raw: RawWorkingHours, broken: &mut Broken) -> WorkingHours {
    let mut on = |day: &str, raw| day_of(&format!("{at}/{day}"), raw, broken);
    WorkingHours {
        monday: on("monday", raw.monday),
        tuesday: on("tuesday", raw.tuesday),
        wednesday: on("wednesday", raw.wednesday),
        thursday: on("thursday", raw.thursday),
        friday: on("friday", raw.friday),
        saturday: on("saturday", raw.saturday),
        sunday: on("sunday", raw.sunday),
    }
}

/// The intervals of a day, sorted. Those that touch become one, for work may go on from one into the other.
fn day_of(at: &str, raw: Option<Vec<RawInterval>>, broken: &mut Broken) -> Vec<Interval> {
    let raw = broken.entries(at, raw.unwrap_or_default(), MOST_INTERVALS);
    let mut intervals: Vec<Interval> =
        raw.iter().enumerate().filter_map(|(place, raw)| interval(&format!("{at}/{place}"), raw, broken)).collect();
    intervals.sort();
    if intervals.iter().zip(intervals.iter().skip(1)).any(|(one, next)| next.start < one.end) {
        broken.note(at, "overlap", "must not overlap");
    }
    intervals.dedup_by(|next, one| {
        let touching = next.start == one.end;
        if touching {
            one.end = next.end;
        }
        touching
    });
    intervals
}

fn interval(at: &str, raw: &RawInterval, broken: &mut Broken) -> Option<Interval> {
    let mut clock = |field: &str, text: &str| {
        let clock = Clock::parse(text);
        if clock.is_none() {
            broken.note(format!("{at}/{field}"), "invalid", "must be a time of day as HH:MM");
        }
        clock
    };
    let (start, end) = (clock("start", &raw.start), clock("end", &raw.end));
    let interval = Interval { start: start?, end: end? };
    if interval.end <= interval.start {
        broken.note(format!("{at}/end"), "not_after_start", "must be later than the start, on the same day");
        return None;
    }
    Some(interval)
}
