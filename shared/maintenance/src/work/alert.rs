//! Alerts: what a sensor did, told once per episode.

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SensorType;

use super::{
    Course, IllegalTransition, Outlook, Policy, Severity, Urgency, alert_id, machine::words, recommended_actions,
};

words! {
    /// What was unusual.
    AlertKind {
        /// Single readings far from the others.
        Spike = "spike",
        /// The readings stay at another level.
        LevelShift = "level_shift",
        /// The readings move slowly away.
        Drift = "drift",
        /// The readings no longer move at all.
        Flatline = "flatline",
        /// Sensors that each look normal do not fit together.
        Multivariate = "multivariate",
        /// The distribution of recent readings is not that of the reference.
        DistributionDrift = "distribution_drift",
    }
}

impl AlertKind {
    /// What looks for this kind. Kinds that the same watch finds belong to the same episode.
    pub(crate) const fn watch(self) -> &'static str {
        match self {
            Self::Spike | Self::LevelShift | Self::Drift | Self::Flatline | Self::Multivariate => "readings",
            Self::DistributionDrift => "distribution",
        }
    }

    /// The kind in a sentence.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::LevelShift => "level shift",
            Self::Drift => "slow drift",
            Self::Flatline => "flat line",
            Self::Multivariate => "unusual combination with other sensors",
            Self::DistributionDrift => "changed distribution",
        }
    }
}

words! {
    /// Where an alert is in its life.
    AlertStatus {
        /// Nobody has seen it yet.
        Open = "open",
        /// An operator has seen it.
        Acknowledged = "acknowledged",
        /// It is over. Final: what happens next is another episode and another alert.
        Resolved = "resolved",
    }
}

/// The values that would have been no surprise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

/// The reading that says most clearly what was unusual.
///
/// When a distribution drifted, the value is the Kolmogorov-Smirnov statistic and the time is the end
/// of the window it was computed on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// When it was measured.
    pub timestamp: Timestamp,
    /// What was measured, in the sensor's unit.
    pub value: f64,
    /// What would have been no surprise, in the sensor's unit.
    pub expected: Expected,
    /// How unusual it was, on the scale of the method that found it. Larger is more unusual.
    pub score: f64,
}

/// One unusual reading, as a stage of the pipeline hands it to the alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whose reading it is.
    pub sensor_id: Identifier,
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// What is unusual about it.
    pub kind: AlertKind,
    /// How bad it is.
    pub severity: Severity,
    /// The reading itself.
    pub evidence: Evidence,
}

/// Who saw an alert, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acknowledgement {
    /// The operator.
    pub by: Identifier,
    /// When.
    pub at: Timestamp,
}

/// Who declared an alert over, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closure {
    /// The operator, or `pipeline` when its task was completed.
    pub by: Identifier,
    /// When.
    pub at: Timestamp,
    /// What was found; at most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The status and what belongs to it. Flat in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(inline)]
enum State {
    Open,
    Acknowledged {
        acknowledged: Acknowledgement,
    },
    Resolved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acknowledged: Option<Acknowledgement>,
        resolved: Closure,
    },
}

/// One episode of a sensor doing something unusual. However many readings it lasts, it is one alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Alert {
    /// Its name, which follows from the sensor and the start of the episode.
    pub id: Identifier,
    /// Which sensor.
    pub sensor_id: Identifier,
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// What was unusual, as its strongest reading says.
    pub kind: AlertKind,
    /// How bad its worst reading was.
    pub severity: Severity,
    /// The time of the reading that opened it.
    pub opened_at: Timestamp,
    /// When the pipeline opened it. Readings may arrive long after they were measured.
    pub detected_at: Timestamp,
    /// When its severity last rose, if it did after it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<Timestamp>,
    /// The time of its latest reading.
    pub last_seen_at: Timestamp,
    /// How many unusual readings it has.
    pub readings: u64,
    /// Its strongest reading.
    pub evidence: Evidence,
    /// What to do about it, most useful first.
    pub actions: Vec<String>,
    /// How soon something should be done.
    pub urgency: Urgency,
    /// The task it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Identifier>,
    #[serde(flatten)]
    state: State,
}

/// What a further reading did to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// It is as bad as it was.
    Same,
    /// Its severity rose.
    Escalated,
}

impl Alert {
    /// Opens an alert with the first reading of an episode.
    #[must_use]
    pub fn open(first: Finding, policy: &Policy, now: Timestamp) -> Self {
        let at = first.evidence.timestamp;
        let course =
            Course { kind: first.kind, severity: first.severity, opened_at: at, last_seen_at: at, readings: 1 };
        Self {
            id: alert_id(&first.sensor_id, first.kind, at),
            sensor_id: first.sensor_id,
            sensor_type: first.sensor_type,
            unit: first.unit,
            kind: first.kind,
            severity: first.severity,
            opened_at: at,
            detected_at: now,
            escalated_at: None,
            last_seen_at: at,
            readings: 1,
            evidence: first.evidence,
            actions: recommended_actions(first.kind, first.sensor_type, first.severity),
            urgency: Urgency::of(&course, Outlook::default(), &policy.urgency, now),
            task_id: None,
            state: State::Open,
        }
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn status(&self) -> AlertStatus {
        match self.state {
            State::Open => AlertStatus::Open,
            State::Acknowledged { .. } => AlertStatus::Acknowledged,
            State::Resolved { .. } => AlertStatus::Resolved,
        }
    }

    /// Who saw it, when somebody did.
    #[must_use]
    pub const fn acknowledged(&self) -> Option<&Acknowledgement> {
        match &self.state {
            State::Open => None,
            State::Acknowledged { acknowledged } => Some(acknowledged),
            State::Resolved { acknowledged, .. } => acknowledged.as_ref(),
        }
    }

    /// Who declared it over, when somebody did.
    #[must_use]
    pub const fn resolved(&self) -> Option<&Closure> {
        match &self.state {
            State::Resolved { resolved, .. } => Some(resolved),
            State::Open | State::Acknowledged { .. } => None,
        }
    }

    /// Whether `finding` belongs to this episode: the alert is not resolved, the sensor and the watch are
    /// the same, and the reading is no further from the episode than the policy's gap.
    #[must_use]
    pub fn continues(&self, finding: &Finding, policy: &Policy) -> bool {
        let gap = SignedDuration::from_mins(i64::from(policy.detection.episode_gap_minutes));
        let at = finding.evidence.timestamp;
        self.status() != AlertStatus::Resolved
            && self.sensor_id == finding.sensor_id
            && self.kind.watch() == finding.kind.watch()
            && at.duration_since(self.last_seen_at) <= gap
            && self.opened_at.duration_since(at) <= gap
    }

    /// Adds a further reading of the same episode. The start stays where it was even when the reading is
    /// older, because the alert is named after it.
    ///
    /// Each reading must be given once: the alert keeps no list to recognise one by.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the alert is resolved.
    pub fn extend(
        &mut self,
        finding: &Finding,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Extension, IllegalTransition> {
        if self.status() == AlertStatus::Resolved {
            return Err(self.illegal("extend"));
        }
        let escalated = finding.severity > self.severity;
        let stronger = finding.evidence.score > self.evidence.score;
        self.readings = self.readings.saturating_add(1);
        self.last_seen_at = self.last_seen_at.max(finding.evidence.timestamp);
        if escalated || (finding.severity == self.severity && stronger) {
            self.severity = finding.severity;
            self.kind = finding.kind;
            self.evidence = finding.evidence;
            self.actions = recommended_actions(self.kind, self.sensor_type, self.severity);
        }
        if escalated && now > self.detected_at {
            self.escalated_at = Some(now);
        }
        self.foresee(self.urgency.outlook, policy, now);
        Ok(if escalated { Extension::Escalated } else { Extension::Same })
    }

    /// Judges anew how urgent it is, with what is predicted about it. It never becomes less urgent: what
    /// an operator has been told stands until the alert is resolved.
    pub fn foresee(&mut self, outlook: Outlook, policy: &Policy, now: Timestamp) {
        let Self { kind, severity, opened_at, last_seen_at, readings, .. } = *self;
        let course = Course { kind, severity, opened_at, last_seen_at, readings };
        let judged = Urgency::of(&course, outlook, &policy.urgency, now);
        self.urgency = Urgency {
            priority: judged.priority.max(self.urgency.priority),
            due_by: judged.due_by.min(self.urgency.due_by),
            outlook,
        };
    }

    /// An operator has seen it.
    ///
    /// # Errors
    /// [`IllegalTransition`] unless the alert is open.
    pub fn acknowledge(&mut self, acknowledged: Acknowledgement) -> Result<(), IllegalTransition> {
        match self.status() {
            AlertStatus::Open => {
                self.state = State::Acknowledged { acknowledged };
                Ok(())
            }
            AlertStatus::Acknowledged | AlertStatus::Resolved => Err(self.illegal("acknowledge")),
        }
    }

    /// It is over.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the alert is resolved already.
    pub fn resolve(&mut self, resolved: Closure) -> Result<(), IllegalTransition> {
        if self.status() == AlertStatus::Resolved {
            return Err(self.illegal("resolve"));
        }
        self.state = State::Resolved { acknowledged: self.acknowledged().cloned(), resolved };
        Ok(())
    }

    const fn illegal(&self, event: &'static str) -> IllegalTransition {
        IllegalTransition { object: "alert", from: self.status().as_str(), event }
    }
}
