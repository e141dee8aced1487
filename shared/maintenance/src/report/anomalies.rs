//! `anomaly_summary`: what was unusual, and how it was dealt with.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::{Timestamp, civil::Date};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Definition, Figures, Frame, Report,
    figures::Durations,
    period::{Calendar, Period},
    table::{self, Cell},
};
use crate::{
    reading::SensorType,
    work::{Alert, AlertKind, AlertStatus, Severity},
};

/// The figures of an `anomaly_summary` report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AnomalySummary {
    /// All alerts together.
    pub totals: AlertCounts,
    /// Alerts that were open when the period began.
    pub open_at_start: u64,
    /// Alerts that were open at the end and that nobody had acknowledged.
    pub unacknowledged_at_end: u64,
    /// Alerts of readings that arrived so late that the period was over.
    pub detected_after_end: u64,
    /// From detection to acknowledgement.
    pub time_to_acknowledge: Durations,
    /// From detection to resolution.
    pub time_to_resolve: Durations,
    /// Every severity, the mildest first.
    pub by_severity: Vec<SeverityCounts>,
    /// Every kind.
    pub by_kind: Vec<KindCounts>,
    /// Every sensor that has an alert in this report, the one with the most opened first.
    pub by_sensor: Vec<SensorCounts>,
    /// The days of UTC that the report touches.
    pub days: Vec<Date>,
    /// What happened on each of them.
    pub by_day: AlertsByDay,
    /// The alerts with the longest episodes, at most ten.
    pub longest_episodes: Vec<Identifier>,
    /// Every alert of this report, by the time of opening and then by id.
    pub alerts: Vec<AlertFigures>,
}

/// What happened to alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlertCounts {
    /// Opened within the period.
    pub opened: u64,
    /// Acknowledged within the period.
    pub acknowledged: u64,
    /// Resolved within the period.
    pub resolved: u64,
    /// Not resolved at the end, acknowledged or not.
    pub open_at_end: u64,
}

/// The alerts of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeverityCounts {
    /// How bad.
    pub severity: Severity,
    /// How many.
    #[serde(flatten)]
    pub counts: AlertCounts,
}

/// The alerts of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KindCounts {
    /// What was unusual.
    pub kind: AlertKind,
    /// How many.
    #[serde(flatten)]
    pub counts: AlertCounts,
}

/// The alerts of one sensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SensorCounts {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// How bad the worst was.
    pub worst_severity: Severity,
    /// How many.
    #[serde(flatten)]
    pub counts: AlertCounts,
}

/// A figure for each day of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlertsByDay {
    /// Alerts opened on the day.
    pub opened: Vec<u64>,
    /// The same for each severity, the mildest first.
    pub opened_by_severity: [Vec<u64>; 5],
    /// Alerts acknowledged on the day.
    pub acknowledged: Vec<u64>,
    /// Alerts resolved on the day.
    pub resolved: Vec<u64>,
    /// Alerts that were open when the day ended.
    pub open_at_day_end: Vec<u64>,
}

/// One alert, as it was at the end of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlertFigures {
    /// Which alert.
    pub alert_id: Identifier,
    /// Whose.
    pub sensor_id: Identifier,
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// What was unusual.
    pub kind: AlertKind,
    /// How bad it was.
    pub severity: Severity,
    /// Where it was in its life.
    pub status_at_end: AlertStatus,
    /// The time of its first unusual reading.
    pub opened_at: Timestamp,
    /// When the pipeline found it, which is later when readings arrive late.
    pub detected_at: Timestamp,
    /// The time of its last unusual reading before the end.
    pub last_seen_at: Timestamp,
    /// When somebody had seen it.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// From detection to acknowledgement.
    pub seconds_to_acknowledge: Option<i64>,
    /// From detection to resolution.
    pub seconds_to_resolve: Option<i64>,
    /// From the first unusual reading to the last.
    pub episode_seconds: i64,
    /// How many readings were unusual.
    pub unusual_readings: u64,
    /// The task that it made.
    pub task_id: Option<Identifier>,
}

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition::new("alerts", "Alerts opened before the end of the report and not resolved before its period began."),
    Definition::new("opened", "Alerts whose first unusual reading was measured within the period."),
    Definition::new(
        "acknowledged, resolved",
        "Alerts to which that happened within the period, whenever they were opened.",
    ),
    Definition::new("open_at_start", "Alerts opened before the period and not resolved before it."),
    Definition::new(
        "open_at_end",
        "Alerts not resolved before the end of the report, acknowledged or not: open_at_start + opened - resolved.",
    ),
    Definition::new(
        "unacknowledged_at_end",
        "Those of open_at_end that nobody had acknowledged before the end of the report.",
    ),
    Definition::new(
        "detected_after_end",
        "Alerts that the pipeline found after the end of the report, in readings that arrived late. They count where their readings were measured.",
    ),
    Definition::new(
        "time_to_acknowledge, time_to_resolve",
        "From detected_at to the acknowledgement or the resolution, over the alerts to which that happened within the period; \
         never less than zero. The median of an even number is the mean of the middle two.",
    ),
    Definition::new(
        "severity, kind",
        "Of the strongest unusual reading that the alert has by the time of generation. They can still rise after the end of the report while the episode lasts.",
    ),
    Definition::new("worst_severity", "The highest severity among the sensor's alerts."),
    Definition::new(
        "open_at_day_end",
        "Alerts opened before midnight (or the end of the report) and not resolved before it.",
    ),
    Definition::new(
        "episode_seconds",
        "From the first unusual reading to the last one, no later than the end of the report.",
    ),
];

/// Collects what an `anomaly_summary` report is computed from. The order does not matter.
#[derive(Debug)]
pub struct AnomalySummaryBuilder {
    frame: Frame,
    alerts: Vec<AlertFigures>,
}

impl AnomalySummaryBuilder {
    /// A report on `period`, generated at `generated_at`.
    #[must_use]
    pub fn new(period: Period, generated_at: Timestamp) -> Self {
        Self { frame: Frame::new(period, generated_at), alerts: Vec::new() }
    }

    /// Takes in an alert; each is handed in once. One that the period does not touch is left out of account.
    pub fn alert(&mut self, alert: &Alert) {
        let figures = AlertFigures::of(alert, self.frame.calendar.as_of);
        if touches(&figures, self.frame.calendar) {
            self.frame.inputs.alerts += 1;
            self.alerts.push(figures);
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Report {
        let Self { frame, mut alerts } = self;
        alerts.sort_by(|one, other| (one.opened_at, &one.alert_id).cmp(&(other.opened_at, &other.alert_id)));
        let figures = AnomalySummary::of(alerts, frame.calendar);
        frame.report(Figures::AnomalySummary(figures))
    }
}

fn touches(alert: &AlertFigures, calendar: Calendar) -> bool {
    calendar.knows(alert.opened_at) && alert.resolved_at.is_none_or(|at| at >= calendar.start())
}

impl AlertFigures {
    fn of(alert: &Alert, as_of: Timestamp) -> Self {
        let known = |at: Timestamp| (at < as_of).then_some(at);
        let acknowledged_at = alert.acknowledged().and_then(|acknowledged| known(acknowledged.at));
        let resolved_at = alert.resolved().and_then(|resolved| known(resolved.at));
        let since = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs().max(0);
        let last_seen_at = alert.last_seen_at.min(as_of).max(alert.opened_at);
        Self {
            alert_id: alert.id.clone(),
            sensor_id: alert.sensor_id.clone(),
            sensor_type: alert.sensor_type,
            kind: alert.kind,
            severity: alert.severity,
            status_at_end: match (acknowledged_at, resolved_at) {
                (_, Some(_)) => AlertStatus::Resolved,
                (Some(_), None) => AlertStatus::Acknowledged,
                (None, None) => AlertStatus::Open,
            },
            opened_at: alert.opened_at,
            detected_at: alert.detected_at,
            last_seen_at,
            acknowledged_at,
            resolved_at,
            seconds_to_acknowledge: acknowledged_at.map(|at| since(alert.detected_at, at)),
            seconds_to_resolve: resolved_at.map(|at| since(alert.detected_at, at)),
            episode_seconds: since(alert.opened_at, last_seen_at),
            unusual_readings: alert.readings,
            task_id: alert.task_id.clone(),
        }
    }

    /// Whether it was open just before `instant`.
    pub(super) fn is_open_before(&self, instant: Timestamp) -> bool {
        self.opened_at < instant && self.resolved_at.is_none_or(|at| at >= instant)
    }
}

impl AlertCounts {
    fn of<'a>(alerts: impl Iterator<Item = &'a AlertFigures>, calendar: Calendar) -> Self {
        let within = |at: Option<Timestamp>| u64::from(at.is_some_and(|at| calendar.contains(at)));
        let mut counts = Self::default();
        for alert in alerts {
            counts.opened += within(Some(alert.opened_at));
            counts.acknowledged += within(alert.acknowledged_at);
            counts.resolved += within(alert.resolved_at);
            counts.open_at_end += u64::from(alert.resolved_at.is_none());
        }
        counts
    }
}

/// How many alerts are named among the longest.
const LONGEST: usize = 10;

impl AnomalySummary {
    fn of(alerts: Vec<AlertFigures>, calendar: Calendar) -> Self {
        let counts =
            |of: &dyn Fn(&AlertFigures) -> bool| AlertCounts::of(alerts.iter().filter(|alert| of(alert)), calendar);
        let within = |at: Option<Timestamp>| at.is_some_and(|at| calendar.contains(at));
        let durations = |at: fn(&AlertFigures) -> Option<Timestamp>, took: fn(&AlertFigures) -> Option<i64>| {
            Durations::of(alerts.iter().filter(|alert| within(at(alert))).filter_map(took).collect())
        };
        let mut longest: Vec<&AlertFigures> = alerts.iter().collect();
        longest.sort_by_key(|alert| Reverse(alert.episode_seconds));
        Self {
            totals: counts(&|_| true),
            open_at_start: count(&alerts, |alert| alert.is_open_before(calendar.start())),
            unacknowledged_at_end: count(&alerts, |alert| alert.status_at_end == AlertStatus::Open),
            detected_after_end: count(&alerts, |alert| !calendar.knows(alert.detected_at)),
            time_to_acknowledge: durations(|alert| alert.acknowledged_at, |alert| alert.seconds_to_acknowledge),
            time_to_resolve: durations(|alert| alert.resolved_at, |alert| alert.seconds_to_resolve),
            by_severity: Severity::ALL
                .into_iter()
                .map(|severity| SeverityCounts { severity, counts: counts(&|alert| alert.severity == severity) })
                .collect(),
            by_kind: AlertKind::ALL
                .iter()
                .map(|kind| KindCounts { kind: *kind, counts: counts(&|alert| alert.kind == *kind) })
                .collect(),
            by_sensor: by_sensor(&alerts, calendar),
            days: calendar.dates(),
            by_day: AlertsByDay::of(&alerts, calendar),
            longest_episodes: longest.iter().take(LONGEST).map(|alert| alert.alert_id.clone()).collect(),
            alerts,
        }
    }
}

fn count(alerts: &[AlertFigures], of: impl Fn(&AlertFigures) -> bool) -> u64 {
    alerts.iter().filter(|alert| of(alert)).count() as u64
}

fn by_sensor(alerts: &[AlertFigures], calendar: Calendar) -> Vec<SensorCounts> {
    let mut sensors: BTreeMap<&Identifier, Vec<&AlertFigures>> = BTreeMap::new();
    for alert in alerts {
        sensors.entry(&alert.sensor_id).or_default().push(alert);
    }
    let mut sensors: Vec<SensorCounts> = sensors
        .into_iter()
        .map(|(sensor_id, alerts)| SensorCounts {
            sensor_id: sensor_id.clone(),
            worst_severity: alerts.iter().map(|alert| alert.severity).max().unwrap_or(Severity::MIN),
            counts: AlertCounts::of(alerts.into_iter(), calendar),
        })
        .collect();
    sensors.sort_by_key(|sensor| Reverse((sensor.counts.opened, sensor.counts.open_at_end)));
    sensors
}

impl AlertsByDay {
    fn of(alerts: &[AlertFigures], calendar: Calendar) -> Self {
        let per_day =
            |at: &dyn Fn(&AlertFigures) -> Option<Timestamp>| calendar.count_by_day(alerts.iter().filter_map(at));
        let spans: Vec<_> = alerts.iter().map(|alert| (alert.opened_at, alert.resolved_at)).collect();
        Self {
            opened: per_day(&|alert| Some(alert.opened_at)),
            opened_by_severity: Severity::ALL
                .map(|severity| per_day(&|alert| (alert.severity == severity).then_some(alert.opened_at))),
            acknowledged: per_day(&|alert| alert.acknowledged_at),
            resolved: per_day(&|alert| alert.resolved_at),
            open_at_day_end: calendar.balance_by_day(&spans),
        }
    }
}

const COLUMNS: [&str; 16] = [
    "alert_id",
    "sensor_id",
    "sensor_type",
    "kind",
    "severity",
    "status_at_end",
    "opened_at",
    "detected_at",
    "last_seen_at",
    "acknowledged_at",
    "resolved_at",
    "seconds_to_acknowledge",
    "seconds_to_resolve",
    "episode_seconds",
    "unusual_readings",
    "task_id",
];

impl AnomalySummary {
    pub(super) fn csv(&self) -> String {
        table::csv(
            COLUMNS,
            self.alerts.iter().map(|alert| {
                [
                    Cell::text(&alert.alert_id),
                    Cell::text(&alert.sensor_id),
                    Cell::text(alert.sensor_type.as_str()),
                    Cell::text(alert.kind),
                    Cell::number(alert.severity),
                    Cell::text(alert.status_at_end),
                    Cell::text(alert.opened_at),
                    Cell::text(alert.detected_at),
                    Cell::text(alert.last_seen_at),
                    alert.acknowledged_at.into(),
                    alert.resolved_at.into(),
                    alert.seconds_to_acknowledge.into(),
                    alert.seconds_to_resolve.into(),
                    Some(alert.episode_seconds).into(),
                    alert.unusual_readings.into(),
                    Cell::maybe(alert.task_id.as_ref(), Cell::text),
                ]
            }),
        )
    }
}
