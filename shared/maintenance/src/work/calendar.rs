//! Who works when.

mod raw;
mod shifts;

use std::{borrow::Cow, fmt};

use jiff::civil::{Date, Weekday};
use kernel::{Identifier, Zone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use raw::RawCalendar;
pub(crate) use shifts::{Shift, shifts};

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
    /// Where their clock is.
    pub time_zone: Zone,
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

impl Clock {
    /// Reads `HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
        Some(Self { minutes: hours * 60 + minutes }).filter(|clock| clock.minutes <= 24 * 60)
    }

    /// Minutes since it showed `00:00`.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.minutes
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be a time of day as HH:MM"))
    }
}

impl JsonSchema for Clock {
    fn schema_name() -> Cow<'static, str> {
        "Clock".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"})
    }

    fn inline_schema() -> bool {
        true
    }
}
