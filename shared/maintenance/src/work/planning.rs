//! Who does approved work, and when.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ApprovedTask, Calendar, machine::words};

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

/// Who does a task, and when. Made by [`plan`] alone.
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
