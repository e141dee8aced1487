//! How soon something should be done about an alert.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AlertKind, Priority, Severity, UrgencyRules};

/// An episode is persistent from this many readings ...
const PERSISTENT_READINGS: u64 = 3;
/// ... over this much time.
const PERSISTENT_TIME: SignedDuration = SignedDuration::from_hours(1);

/// What is predicted about the machine behind an alert. Each is absent when nothing predicts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlook {
    /// How likely the machine fails, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_probability: Option<f64>,
    /// When the sensor reaches its limit at the earliest: the near end of the forecast's interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_at: Option<Timestamp>,
}

/// What has been seen of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// What is unusual.
    pub kind: AlertKind,
    /// How bad its worst reading is.
    pub severity: Severity,
    /// The time of its first reading.
    pub opened_at: Timestamp,
    /// The time of its latest reading.
    pub last_seen_at: Timestamp,
    /// How many unusual readings it has.
    pub readings: u64,
}

/// How soon something should be done, and what that rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Urgency {
    /// How soon, from 1 to 5.
    pub priority: Priority,
    /// By when.
    pub due_by: Timestamp,
    /// What was predicted.
    #[serde(flatten)]
    pub outlook: Outlook,
}

impl Urgency {
    /// Judges an episode.
    ///
    /// ```text
    /// priority = max(seen, failure, limit), each from 1 to 5
    ///
    /// seen     the severity
    ///          + 1 when there are at least 3 readings over at least an hour
    ///          - 1 when it is a spike of a single reading
    /// failure  5 from a failure probability of 0.8, 4 from 0.5, 3 from 0.2, else 1
    /// limit    5 when the limit may be reached within 1 day from now, 4 within 3, 3 within 7, else 1
    ///
    /// due_by   now + the policy's time for the priority, or when the limit may be reached if that is
    ///          sooner, but not before now
    /// ```
    ///
    /// The score of the readings enters through the severity: the detector grades by it, and its scale
    /// differs from one method to another.
    #[must_use]
    pub fn of(course: &Course, outlook: Outlook, rules: &UrgencyRules, now: Timestamp) -> Self {
        let limit_at = outlook.limit_at.map(|limit| limit.max(now));
        let priority = seen(course)
            .max(outlook.failure_probability.map_or(Priority::MIN, failure))
            .max(limit_at.map_or(Priority::MIN, |limit| approaching(limit.duration_since(now))));
        let allowed = rules.due_within(priority);
        let due_by = now.checked_add(allowed).unwrap_or(Timestamp::MAX);
        Self { priority, due_by: limit_at.map_or(due_by, |limit| limit.min(due_by)), outlook }
    }
}

fn seen(course: &Course) -> Priority {
    let lasted = course.last_seen_at.duration_since(course.opened_at);
    let persistence = match course {
        Course { readings, .. } if *readings >= PERSISTENT_READINGS && lasted >= PERSISTENT_TIME => 1,
        Course { kind: AlertKind::Spike, readings: ..=1, .. } => -1,
        _ => 0,
    };
    Priority::saturating(i64::from(course.severity.get()) + persistence)
}

fn failure(probability: f64) -> Priority {
    Priority::saturating(match probability {
        0.8.. => 5,
        0.5.. => 4,
        0.2.. => 3,
        _ => 1,
    })
}

fn approaching(time_left: SignedDuration) -> Priority {
    let days = [(1, 5), (3, 4), (7, 3)];
    let reached = days.into_iter().find(|(days, _)| time_left <= SignedDuration::from_hours(24 * days));
    Priority::saturating(reached.map_or(1, |(_, priority)| priority))
}
