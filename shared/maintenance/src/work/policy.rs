//! What a tenant wants done about its sensors.

mod raw;

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use raw::RawPolicy;

use super::{AlertKind, Evidence, Expected, NotificationEvent, Priority, Severity, WebhookUrl, machine::words};
use crate::{Baseline, Drift, DriftRules, Limits, SensorType};

/// A tenant's policy. The default applies until the tenant stores another.
///
/// A stored policy that lacks what a later version knows takes the default for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Policy {
    /// How readings become alerts.
    pub detection: DetectionRules,
    /// How alerts become tasks.
    pub tasks: TaskRules,
    /// Which of these tasks need no operator's approval. Absent, which is the default, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_approval: Option<AutoApproval>,
    /// How soon work is due.
    pub urgency: UrgencyRules,
    /// What sensors must not reach. When an alert of such a sensor makes its task, it is the more urgent the sooner the
    /// forecast may reach it. By default none.
    pub limits: Vec<SensorLimit>,
    /// How long readings are kept.
    pub retention: Retention,
    /// Which sensors' distributions are watched. By default none.
    pub drift_checks: Vec<DriftCheck>,
    /// Who is told.
    pub notifications: NotificationRules,
}

/// How readings become alerts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DetectionRules {
    /// How readily a reading is called unusual, 0 to 1. Default 0.5.
    pub sensitivity: f64,
    /// After how many minutes without an unusual reading the next one opens another alert. Default 60.
    pub episode_gap_minutes: u32,
}

impl Default for DetectionRules {
    fn default() -> Self {
        Self { sensitivity: 0.5, episode_gap_minutes: 60 }
    }
}

/// How alerts become tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TaskRules {
    /// From what severity an alert makes a task. Default 3.
    pub min_severity: Severity,
    /// How long the work is planned to take when no rule says otherwise. Default 60.
    pub duration_minutes: u32,
    /// The skill the work takes when no rule says otherwise. Absent, which is the default, anybody can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<Identifier>,
    /// What differs by sensor or by kind of alert. The first rule that matches counts.
    pub rules: Vec<WorkRule>,
}

impl Default for TaskRules {
    fn default() -> Self {
        Self { min_severity: Severity::saturating(3), duration_minutes: 60, skill: None, rules: Vec::new() }
    }
}

/// What the work on some alerts takes. What is absent matches every alert, or leaves the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkRule {
    /// Matches alerts of this type of sensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor_type: Option<SensorType>,
    /// Matches alerts of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AlertKind>,
    /// How long the work is planned to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// The skill it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Identifier>,
}

impl TaskRules {
    /// How many minutes the work on an alert takes, and which skill.
    #[must_use]
    pub fn work(&self, kind: AlertKind, sensor_type: SensorType) -> (u32, Option<&Identifier>) {
        let matching = self
            .rules
            .iter()
            .find(|rule| rule.kind.is_none_or(|of| of == kind) && rule.sensor_type.is_none_or(|of| of == sensor_type));
        let duration = matching.and_then(|rule| rule.duration_minutes).unwrap_or(self.duration_minutes);
        (duration, matching.and_then(|rule| rule.skill.as_ref()).or(self.skill.as_ref()))
    }
}

/// Which tasks need no operator's approval: those that an alert made and that keep every limit here.
/// What an operator creates always waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AutoApproval {
    /// The most urgent that may be.
    pub max_priority: Priority,
    /// The longest that may be.
    pub max_duration_minutes: u32,
    /// The kinds of alert that may be.
    pub kinds: Vec<AlertKind>,
}

impl AutoApproval {
    /// Whether work of this kind, priority and duration needs no operator.
    #[must_use]
    pub fn covers(&self, kind: AlertKind, priority: Priority, duration_minutes: u32) -> bool {
        self.kinds.contains(&kind) && priority <= self.max_priority && duration_minutes <= self.max_duration_minutes
    }
}

/// How soon work is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UrgencyRules {
    /// Hours until work of priority 1, 2, 3, 4 and 5 is due. None is longer than the one before. Default
    /// 720, 336, 168, 48 and 8.
    pub due_within_hours: [u32; 5],
}

impl Default for UrgencyRules {
    fn default() -> Self {
        Self { due_within_hours: [720, 336, 168, 48, 8] }
    }
}

impl Retention {
    /// Until when readings are kept that are stored at `now`.
    #[must_use]
    pub fn raw_until(self, now: Timestamp) -> Timestamp {
        after_days(now, self.raw_days)
    }

    /// Until when aggregates are kept that are stored at `now`, and reports.
    #[must_use]
    pub fn aggregates_until(self, now: Timestamp) -> Timestamp {
        after_days(now, self.aggregate_days)
    }
}

fn after_days(now: Timestamp, days: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}

impl UrgencyRules {
    /// How long work of `priority` may wait.
    #[must_use]
    pub fn due_within(&self, priority: Priority) -> SignedDuration {
        let hours = self.due_within_hours.get(usize::from(priority.get()) - 1).copied().unwrap_or_default();
        SignedDuration::from_hours(i64::from(hours))
    }
}

/// How long readings are kept, from when they are stored. A change counts for what is stored from then on; it may take a
/// minute to be known everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Retention {
    /// Days for which readings are kept. Default 90.
    pub raw_days: u32,
    /// Days for which summaries of their hours, and reports, are kept; not fewer than for the readings. Default 730.
    pub aggregate_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { raw_days: 90, aggregate_days: 730 }
    }
}

/// The values of a sensor that must not be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SensorLimit {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// The value not to fall to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The value not to rise to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// The part of a policy that counts when readings are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionPolicy {
    /// How long readings are kept.
    pub retention: Retention,
}

words! {
    /// What recent readings are compared with.
    DriftReference {
        /// The window of the same length before.
        Preceding = "preceding",
        /// The stored baseline.
        Baseline = "baseline",
    }
}

/// One sensor whose distribution is watched, once an hour. It is drift when the Kolmogorov-Smirnov test and the stability
/// index both say so; against a baseline it must also be further from it than any window of the baseline's own period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftCheck {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// How long the window of recent readings is.
    pub window_minutes: u32,
    /// Below which p-value of the test it may be drift.
    pub p_value_threshold: f64,
    /// From which population stability index it may be drift. Its alert has severity 3, from 0.5 on 4, from 1 on 5.
    pub psi_threshold: f64,
    /// How many readings each side needs.
    pub min_samples: u32,
    /// What recent readings are compared with.
    pub reference: DriftReference,
}

impl Policy {
    /// What a sensor must not reach, when the tenant has said.
    #[must_use]
    pub fn limits_of(&self, sensor: &Identifier) -> Option<Limits> {
        let limit = self.limits.iter().find(|limit| limit.sensor_id == *sensor)?;
        Some(Limits { low: limit.low, high: limit.high })
    }
}

impl DriftCheck {
    /// How long the window of recent readings is.
    #[must_use]
    pub fn window(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.window_minutes))
    }

    /// When the test calls it drift.
    #[must_use]
    pub fn rules(&self) -> DriftRules {
        DriftRules { p_value_threshold: self.p_value_threshold, min_samples: self.min_samples }
    }

    /// What is unusual about recent readings, as both the test and the size of the change must say; against a baseline,
    /// that must also be more than any window of its own period. `end` is the end of the recent window.
    #[must_use]
    pub fn judge(&self, drift: &Drift, baseline: Option<&Baseline>, end: Timestamp) -> Option<(Severity, Evidence)> {
        let (statistic, index) = drift.ks_statistic.zip(drift.psi)?;
        let unusual = baseline.is_none_or(|baseline| baseline.is_unusual(drift));
        if !(drift.drift_detected && index >= self.psi_threshold && unusual) {
            return None;
        }
        let critical = drift.critical_statistic(self.p_value_threshold);
        let high = baseline.and_then(Baseline::usual).map_or(critical, |usual| usual.max(critical));
        let severity = Severity::saturating(match index {
            1.0.. => 5,
            0.5.. => 4,
            _ => 3,
        });
        let expected = Expected { low: 0.0, high };
        Some((severity, Evidence { timestamp: end, value: statistic, expected, score: index }))
    }
}

/// Who is told, and of what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NotificationRules {
    /// From what severity, or priority of a task. Default 3.
    pub min_severity: Severity,
    /// Of what. Default everything.
    pub events: Vec<NotificationEvent>,
    /// Whether the deployment's topic is told. Default true; it reaches only who subscribed.
    pub sns: bool,
    /// Which web address is told. Absent, which is the default, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookUrl>,
    /// The most notifications each of them gets in an hour. Default 60.
    pub max_per_hour: u32,
}

impl Default for NotificationRules {
    fn default() -> Self {
        Self {
            min_severity: Severity::saturating(3),
            events: NotificationEvent::ALL.to_vec(),
            sns: true,
            webhook: None,
            max_per_hour: 60,
        }
    }
}
