//! A policy as a client sends it.
//!
//! It replaces the whole policy. What it leaves out takes its default, so `{}` is the default policy.

use kernel::{Identifier, Violation};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AutoApproval, DetectionRules, DriftCheck, DriftReference, NotificationRules, Policy, Retention, SensorLimit,
    TaskRules, UrgencyRules, WorkRule,
};
use crate::{
    SensorType,
    work::{
        AlertKind, NotificationEvent, Priority, Severity, WebhookUrl,
        rules::{Broken, LONGEST_WORK, SHORTEST_WORK},
    },
};

/// The most rules about work.
const MOST_RULES: usize = 50;
/// The most sensors whose distribution is watched.
const MOST_DRIFT_CHECKS: usize = 100;
/// The most sensors with limits.
const MOST_LIMITS: usize = 500;
/// The longest episode gap, in minutes: a day.
const LONGEST_GAP: u32 = 1440;
/// The longest time until work is due, in hours: a year.
const LONGEST_DUE: u32 = 8760;
/// The longest retention, in days: ten years.
const LONGEST_RETENTION: u32 = 3650;
/// The longest window of a drift check, in minutes: a week.
const LONGEST_WINDOW: u32 = 10_080;
/// The fewest readings with which distributions may be compared, and the most that may be asked for.
const SAMPLES: std::ops::RangeInclusive<u32> = 10..=100_000;
/// The most notifications in an hour.
const MOST_PER_HOUR: u32 = 3600;

/// What a tenant wants done about its sensors. It replaces the stored policy; what is left out takes its
/// default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPolicy")]
pub struct RawPolicy {
    /// How readings become alerts.
    pub detection: Option<RawDetection>,
    /// How alerts become tasks.
    pub tasks: Option<RawTasks>,
    /// Which of these tasks need no operator's approval. When absent, none.
    pub auto_approval: Option<RawAutoApproval>,
    /// How soon work is due.
    pub urgency: Option<RawUrgency>,
    /// What sensors must not reach, each sensor at most once: when an alert of such a sensor makes its task, it is the more
    /// urgent the sooner the forecast may reach it. When absent, nothing.
    #[schemars(length(max = MOST_LIMITS))]
    pub limits: Option<Vec<RawSensorLimit>>,
    /// How long readings are kept.
    pub retention: Option<RawRetention>,
    /// Which sensors' distributions are watched, each at most once. When absent, none.
    #[schemars(length(max = MOST_DRIFT_CHECKS))]
    pub drift_checks: Option<Vec<RawDriftCheck>>,
    /// Who is told.
    pub notifications: Option<RawNotifications>,
}

/// How readings become alerts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewDetectionRules")]
pub struct RawDetection {
    /// How readily a reading is called unusual. Default 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sensitivity: Option<f64>,
    /// After how many minutes without an unusual reading the next one opens another alert. Default 60.
    #[schemars(range(min = 1, max = LONGEST_GAP))]
    pub episode_gap_minutes: Option<i64>,
}

/// How alerts become tasks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTaskRules")]
pub struct RawTasks {
    /// From what severity an alert makes a task. Default 3.
    #[schemars(range(min = 1, max = 5))]
    pub min_severity: Option<i64>,
    /// How long the work takes when no rule says otherwise. Default 60.
    #[schemars(range(min = SHORTEST_WORK, max = LONGEST_WORK))]
    pub duration_minutes: Option<i64>,
    /// The skill the work takes when no rule says otherwise. When absent, anybody can.
    #[schemars(with = "Option<Identifier>")]
    pub skill: Option<String>,
    /// What differs by sensor or by kind of alert. The first rule that matches counts.
    #[schemars(length(max = MOST_RULES))]
    pub rules: Option<Vec<RawRule>>,
}

/// What the work on some alerts takes: a duration, a skill, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWorkRule")]
pub struct RawRule {
    /// Matches alerts of this type of sensor. When absent, of every type.
    #[schemars(with = "Option<SensorType>")]
    pub sensor_type: Option<String>,
    /// Matches alerts of this kind. When absent, of every kind.
    #[schemars(with = "Option<AlertKind>")]
    pub kind: Option<String>,
    /// How long the work takes.
    #[schemars(range(min = SHORTEST_WORK, max = LONGEST_WORK))]
    pub duration_minutes: Option<i64>,
    /// The skill it takes.
    #[schemars(with = "Option<Identifier>")]
    pub skill: Option<String>,
}

/// Which tasks need no operator's approval: those that an alert made and that keep every limit here.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewAutoApproval")]
pub struct RawAutoApproval {
    /// The most urgent that may be.
    #[schemars(range(min = 1, max = 5))]
    pub max_priority: i64,
    /// The longest that may be.
    #[schemars(range(min = SHORTEST_WORK, max = LONGEST_WORK))]
    pub max_duration_minutes: i64,
    /// The kinds of alert that may be.
    #[schemars(with = "Vec<AlertKind>", length(min = 1, max = AlertKind::ALL.len()), extend("uniqueItems" = true))]
    pub kinds: Vec<String>,
}

/// How soon work is due.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewUrgencyRules")]
pub struct RawUrgency {
    /// Hours until work of priority 1, 2, 3, 4 and 5 is due, 1 to 8760; none longer than the one before.
    /// Default 720, 336, 168, 48 and 8.
    #[schemars(length(equal = 5), inner(range(min = 1, max = LONGEST_DUE)))]
    pub due_within_hours: Option<Vec<i64>>,
}

/// How long readings are kept, from when they are stored. A change counts for what is stored from then on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRetention")]
pub struct RawRetention {
    /// Days for which readings are kept. Default 90.
    #[schemars(range(min = 1, max = LONGEST_RETENTION))]
    pub raw_days: Option<i64>,
    /// Days for which summaries of their hours, and reports, are kept; not fewer than for the readings. Default 730.
    #[schemars(range(min = 1, max = LONGEST_RETENTION))]
    pub aggregate_days: Option<i64>,
}

/// The values of a sensor that must not be reached: a lower one, an upper one, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSensorLimit")]
pub struct RawSensorLimit {
    /// Which sensor.
    #[schemars(with = "Identifier")]
    pub sensor_id: String,
    /// The value not to fall to.
    pub low: Option<f64>,
    /// The value not to rise to; above `low`.
    pub high: Option<f64>,
}

/// One sensor whose distribution is watched, once an hour. It is drift when the Kolmogorov-Smirnov test and the stability
/// index both say so; against a baseline it must also be further from it than any window of the baseline's own period.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewDriftCheck")]
pub struct RawDriftCheck {
    /// Which sensor.
    #[schemars(with = "Identifier")]
    pub sensor_id: String,
    /// How long the window of recent readings is.
    #[schemars(range(min = 1, max = LONGEST_WINDOW))]
    pub window_minutes: i64,
    /// Below which p-value of the test it may be drift. Default 0.01.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p_value_threshold: Option<f64>,
    /// From which population stability index it may be drift. Default 0.25.
    #[schemars(range(min = 0.01, max = 10.0))]
    pub psi_threshold: Option<f64>,
    /// How many readings each side needs. Default 50.
    #[schemars(range(min = *SAMPLES.start(), max = *SAMPLES.end()))]
    pub min_samples: Option<i64>,
    /// What recent readings are compared with. Default `preceding`.
    #[schemars(with = "Option<DriftReference>")]
    pub reference: Option<String>,
}

/// Who is told, and of what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewNotificationRules")]
pub struct RawNotifications {
    /// From what severity, or priority of a task. Default 3.
    #[schemars(range(min = 1, max = 5))]
    pub min_severity: Option<i64>,
    /// Of what. Default everything.
    #[schemars(
        with = "Option<Vec<NotificationEvent>>",
        length(max = NotificationEvent::ALL.len()),
        extend("uniqueItems" = true)
    )]
    pub events: Option<Vec<String>>,
    /// Whether the deployment's topic is told. Default true.
    pub sns: Option<bool>,
    /// Which web address is told: https to a public host, port 443 or 8443, no user name, no fragment. When absent,
    /// none.
    #[schemars(with = "Option<WebhookUrl>")]
    pub webhook: Option<String>,
    /// The most notifications each of them gets in an hour. Default 60.
    #[schemars(range(min = 1, max = MOST_PER_HOUR))]
    pub max_per_hour: Option<i64>,
}

impl RawPolicy {
    /// Makes it a policy.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self) -> Result<Policy, Vec<Violation>> {
        let mut broken = Broken::default();
        let policy = Policy {
            detection: detection(&self.detection.unwrap_or_default(), &mut broken),
            tasks: tasks(self.tasks.unwrap_or_default(), &mut broken),
            auto_approval: self.auto_approval.and_then(|raw| auto_approval(raw, &mut broken)),
            urgency: urgency(self.urgency.unwrap_or_default(), &mut broken),
            limits: limits(self.limits.unwrap_or_default(), &mut broken),
            retention: retention(&self.retention.unwrap_or_default(), &mut broken),
            drift_checks: drift_checks(self.drift_checks.unwrap_or_default(), &mut broken),
            notifications: notifications(self.notifications.unwrap_or_default(), &mut broken),
        };
        broken.or(Some(policy))
    }
}

// In what follows a default also stands in for what breaks a rule: the rule is noted, so no policy comes of it.

fn detection(raw: &RawDetection, broken: &mut Broken) -> DetectionRules {
    let default = DetectionRules::default();
    let at = |field: &str| format!("/detection/{field}");
    DetectionRules {
        sensitivity: raw
            .sensitivity
            .and_then(|number| broken.number(&at("sensitivity"), number, 0.0..=1.0))
            .unwrap_or(default.sensitivity),
        episode_gap_minutes: raw
            .episode_gap_minutes
            .and_then(|minutes| broken.whole(&at("episode_gap_minutes"), minutes, 1..=LONGEST_GAP))
            .unwrap_or(default.episode_gap_minutes),
    }
}

fn tasks(raw: RawTasks, broken: &mut Broken) -> TaskRules {
    let default = TaskRules::default();
    TaskRules {
        min_severity: raw
            .min_severity
            .and_then(|number| broken.grade("/tasks/min_severity", number, Severity::new))
            .unwrap_or(default.min_severity),
        duration_minutes: duration("/tasks/duration_minutes", raw.duration_minutes, broken)
            .unwrap_or(default.duration_minutes),
        skill: raw.skill.and_then(|skill| broken.identifier("/tasks/skill", &skill)),
        rules: broken
            .entries("/tasks/rules", raw.rules.unwrap_or_default(), MOST_RULES)
            .into_iter()
            .enumerate()
            .map(|(place, raw)| rule(&format!("/tasks/rules/{place}"), raw, broken))
            .collect(),
    }
}

fn rule(at: &str, raw: RawRule, broken: &mut Broken) -> WorkRule {
    if raw.duration_minutes.is_none() && raw.skill.is_none() {
        broken.note(at, "empty", "must say a duration, a skill, or both");
    }
    WorkRule {
        sensor_type: raw
            .sensor_type
            .and_then(|text| broken.word(&format!("{at}/sensor_type"), &text, SensorType::parse)),
        kind: raw.kind.and_then(|text| broken.word(&format!("{at}/kind"), &text, AlertKind::parse)),
        duration_minutes: duration(&format!("{at}/duration_minutes"), raw.duration_minutes, broken),
        skill: raw.skill.and_then(|skill| broken.identifier(&format!("{at}/skill"), &skill)),
    }
}

fn duration(at: &str, minutes: Option<i64>, broken: &mut Broken) -> Option<u32> {
    minutes.and_then(|minutes| broken.whole(at, minutes, SHORTEST_WORK..=LONGEST_WORK))
}

fn auto_approval(raw: RawAutoApproval, broken: &mut Broken) -> Option<AutoApproval> {
    let max_priority = broken.grade("/auto_approval/max_priority", raw.max_priority, Priority::new);
    let max_duration_minutes = duration("/auto_approval/max_duration_minutes", Some(raw.max_duration_minutes), broken);
    if raw.kinds.is_empty() {
        broken.note("/auto_approval/kinds", "too_few", "must have at least one entry");
    }
    let kinds = words("/auto_approval/kinds", raw.kinds, AlertKind::ALL.len(), AlertKind::parse, broken);
    Some(AutoApproval { max_priority: max_priority?, max_duration_minutes: max_duration_minutes?, kinds })
}

fn urgency(raw: RawUrgency, broken: &mut Broken) -> UrgencyRules {
    let default = UrgencyRules::default();
    let Some(hours) = raw.due_within_hours else { return default };
    let at = "/urgency/due_within_hours";
    let Ok(hours): Result<[i64; 5], _> = hours.try_into() else {
        broken.note(at, "wrong_length", "must have five entries, for priorities 1 to 5");
        return default;
    };
    let mut due_within_hours = default.due_within_hours;
    let mut accepted = true;
    for ((place, hours), due) in hours.into_iter().enumerate().zip(&mut due_within_hours) {
        match broken.whole(&format!("{at}/{place}"), hours, 1..=LONGEST_DUE) {
            Some(hours) => *due = hours,
            None => accepted = false,
        }
    }
    if accepted && !due_within_hours.is_sorted_by(|earlier, later| earlier >= later) {
        broken.note(at, "not_sorted", "must not be longer for a higher priority");
    }
    UrgencyRules { due_within_hours }
}

fn retention(raw: &RawRetention, broken: &mut Broken) -> Retention {
    let default = Retention::default();
    let mut days = |field: &str, days: Option<i64>, default: u32| match days {
        Some(days) => broken.whole(&format!("/retention/{field}"), days, 1..=LONGEST_RETENTION),
        None => Some(default),
    };
    let raw_days = days("raw_days", raw.raw_days, default.raw_days);
    let aggregate_days = days("aggregate_days", raw.aggregate_days, default.aggregate_days);
    let (Some(raw_days), Some(aggregate_days)) = (raw_days, aggregate_days) else { return default };
    if aggregate_days < raw_days {
        broken.note("/retention/aggregate_days", "too_short", "must not be fewer than raw_days");
    }
    Retention { raw_days, aggregate_days }
}

fn limits(raw: Vec<RawSensorLimit>, broken: &mut Broken) -> Vec<SensorLimit> {
    let mut limits: Vec<SensorLimit> = Vec::new();
    for (place, RawSensorLimit { sensor_id, low, high }) in
        broken.entries("/limits", raw, MOST_LIMITS).into_iter().enumerate()
    {
        let at = format!("/limits/{place}");
        if low.is_none() && high.is_none() {
            broken.note(&at, "empty", "must say a low, a high, or both");
        }
        if low.zip(high).is_some_and(|(low, high)| low >= high) {
            broken.note(format!("{at}/high"), "out_of_range", "must be above low");
        }
        let Some(sensor_id) = broken.identifier(&format!("{at}/sensor_id"), &sensor_id) else { continue };
        if limits.iter().any(|other| other.sensor_id == sensor_id) {
            broken.note(format!("{at}/sensor_id"), "duplicate", "must not be limited twice");
        }
        limits.push(SensorLimit { sensor_id, low, high });
    }
    limits
}

fn drift_checks(raw: Vec<RawDriftCheck>, broken: &mut Broken) -> Vec<DriftCheck> {
    let mut checks: Vec<DriftCheck> = Vec::new();
    for (place, raw) in broken.entries("/drift_checks", raw, MOST_DRIFT_CHECKS).into_iter().enumerate() {
        let at = format!("/drift_checks/{place}");
        let Some(check) = drift_check(&at, &raw, broken) else { continue };
        if checks.iter().any(|other| other.sensor_id == check.sensor_id) {
            broken.note(format!("{at}/sensor_id"), "duplicate", "must not be checked twice");
        }
        checks.push(check);
    }
    checks
}

fn drift_check(at: &str, raw: &RawDriftCheck, broken: &mut Broken) -> Option<DriftCheck> {
    let at = |field: &str| format!("{at}/{field}");
    let sensor_id = broken.identifier(&at("sensor_id"), &raw.sensor_id);
    let window_minutes = broken.whole(&at("window_minutes"), raw.window_minutes, 1..=LONGEST_WINDOW);
    let p_value_threshold = broken.number(&at("p_value_threshold"), raw.p_value_threshold.unwrap_or(0.01), 0.0..=1.0);
    let psi_threshold = broken.number(&at("psi_threshold"), raw.psi_threshold.unwrap_or(0.25), 0.01..=10.0);
    let min_samples = broken.whole(&at("min_samples"), raw.min_samples.unwrap_or(50), SAMPLES);
    let reference = match raw.reference.as_deref() {
        None => Some(DriftReference::Preceding),
        Some(text) => broken.word(&at("reference"), text, DriftReference::parse),
    };
    Some(DriftCheck {
        sensor_id: sensor_id?,
        window_minutes: window_minutes?,
        p_value_threshold: p_value_threshold?,
        psi_threshold: psi_threshold?,
        min_samples: min_samples?,
        reference: reference?,
    })
}

fn notifications(raw: RawNotifications, broken: &mut Broken) -> NotificationRules {
    let default = NotificationRules::default();
    let at = |field: &str| format!("/notifications/{field}");
    NotificationRules {
        min_severity: raw
            .min_severity
            .and_then(|number| broken.grade(&at("min_severity"), number, Severity::new))
            .unwrap_or(default.min_severity),
        events: match raw.events {
            Some(events) => {
                words(&at("events"), events, NotificationEvent::ALL.len(), NotificationEvent::parse, broken)
            }
            None => default.events,
        },
        sns: raw.sns.unwrap_or(default.sns),
        webhook: raw.webhook.and_then(|text| {
            WebhookUrl::parse(&text)
                .map_err(|refused| broken.note(at("webhook"), refused.code(), refused.to_string()))
                .ok()
        }),
        max_per_hour: raw
            .max_per_hour
            .and_then(|most| broken.whole(&at("max_per_hour"), most, 1..=MOST_PER_HOUR))
            .unwrap_or(default.max_per_hour),
    }
}

/// Different words of a closed list.
fn words<T: PartialEq>(
    at: &str,
    raw: Vec<String>,
    most: usize,
    parse: fn(&str) -> Option<T>,
    broken: &mut Broken,
) -> Vec<T> {
    let mut words = Vec::new();
    for (place, text) in broken.entries(at, raw, most).into_iter().enumerate() {
        let at = format!("{at}/{place}");
        let Some(word) = broken.word(&at, &text, parse) else { continue };
        if words.contains(&word) {
            broken.note(at, "duplicate", "must not be listed twice");
        }
        words.push(word);
    }
    words
}
