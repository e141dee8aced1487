//! Who works when.

mod raw;

use jiff::civil::{Date, Weekday};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use raw::RawCalendar;

/// A tenant's technicians and when they work. The default has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Calendar {
    /// Who works; at most 200, sorted by id, no two with the same.
    pub technicians: Vec<Technician>,
    /// How long before its start work must be planned.
    pub lead_minutes: u32,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { technicians: Vec::new(), lead_minutes: DEFAULT_LEAD }
    }
}

/// The lead time unless the tenant says otherwise.
const DEFAULT_LEAD: u32 = 60;

/// Somebody who does the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Technician {
    /// Who.
    pub id: Identifier,
    /// What people call them; at most 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they can do.
    pub skills: Vec<Identifier>,
    /// Where their clock is: a name of the IANA time zone database.
    pub time_zone: String,
    /// When they work, by their own clock.
    pub working_hours: WorkingHours,
    /// Days of their own calendar on which they do not, sorted.
    pub days_off: Vec<Date>,
}

/// A week of work. On each day the intervals are sorted and do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WorkingHours {
    /// On Mondays.
    pub monday: Vec<Interval>,
    /// On Tuesdays.
    pub tuesday: Vec<Interval>,
    /// On Wednesdays.
    pub wednesday: Vec<Interval>,
    /// On Thursdays.
    pub thursday: Vec<Interval>,
    /// On Fridays.
    pub friday: Vec<Interval>,
    /// On Saturdays.
    pub saturday: Vec<Interval>,
    /// On Sundays.
    pub sunday: Vec<Interval>,
}

impl WorkingHours {
    /// The intervals of one day.
    #[must_use]
    pub fn on(&self, weekday: Weekday) -> &[Interval] {
        match weekday {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }
}

/// Part of a day: from `start` up to, and without, `end`, which is later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// When it starts.
    pub start: Clock,
    /// When it ends; `24:00` is the end of the day.
    pub end: Clock,
}

/// What a wall clock shows, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    minutes: u16,
}
