//! `system_health`: whether the sensors report, and how their values moved.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Definition, Figures, Frame, Report,
    facts::{Hours, SensorFacts},
    figures::{change, deviation, in_deviations, share},
    period::{Calendar, Period},
    table::{self, Cell},
};
use crate::{reading::SensorType, time::nanoseconds, work::Alert};

/// The figures of a `system_health` report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SystemHealth {
    /// All sensors together.
    pub totals: HealthTotals,
    /// The days of UTC that the report touches.
    pub days: Vec<Date>,
    /// Every sensor, by id.
    pub sensors: Vec<SensorHealth>,
}

/// Counts over all sensors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct HealthTotals {
    /// How many sensors there are.
    pub sensors: u64,
    /// How many have a reading in the period.
    pub sensors_reporting: u64,
    /// How many are silent.
    pub sensors_silent: u64,
    /// How many have a coverage below [`LOW_COVERAGE`].
    pub sensors_with_low_coverage: u64,
    /// How many have an open alert.
    pub sensors_with_open_alerts: u64,
    /// Readings of all sensors.
    pub readings: u64,
    /// Hours in which readings were to be expected, over all sensors.
    pub hours_expected: u64,
    /// Hours that have a reading, over all sensors.
    pub hours_with_data: u64,
    /// `hours_with_data / hours_expected`.
    pub coverage: Option<f64>,
    /// Gaps of all sensors.
    pub gaps: u64,
    /// Alerts that were open at the end, also those of sensors that were not handed in.
    pub alerts_open: u64,
}

/// One sensor.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SensorHealth {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// How many readings it has in the period.
    pub readings: u64,
    /// How many hours it was to report in.
    pub hours_expected: u64,
    /// How many of these it reported in.
    pub hours_with_data: u64,
    /// `hours_with_data / hours_expected`.
    pub coverage: Option<f64>,
    /// Whether it had stopped reporting at the end.
    pub silent: bool,
    /// The time of its last reading before the end, be it before the period.
    pub last_timestamp: Option<Timestamp>,
    /// The value of that reading.
    pub last_value: Option<f64>,
    /// How old that reading was at the end.
    pub last_age_seconds: Option<i64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The mean of the readings.
    pub mean: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// The mean of the readings before the middle of the period.
    pub first_half_mean: Option<f64>,
    /// The mean of the readings from the middle of the period on.
    pub second_half_mean: Option<f64>,
    /// `second_half_mean - first_half_mean`.
    pub change: Option<f64>,
    /// `change` as a multiple of the standard deviation of the hourly means.
    pub change_in_deviations: Option<f64>,
    /// How many runs of expected hours have no reading.
    pub gaps: u64,
    /// The length of the longest of them.
    pub longest_gap_hours: u64,
    /// When the longest began.
    pub longest_gap_start: Option<Timestamp>,
    /// Alerts of the sensor that were open at the end.
    pub alerts_open: u64,
    /// For each day, the share of expected hours that have a reading; `null` where none was
    /// expected.
    pub coverage_by_day: Vec<Option<f64>>,
}

/// The coverage below which a sensor is counted as poorly covered.
pub(super) const LOW_COVERAGE: f64 = 0.9;
/// A sensor without readings for this many hours is silent, unless it never reported so often.
const SILENT_HOURS: usize = 6;
/// ... in which case it is silent after this many of its usual intervals.
const SILENT_INTERVALS: usize = 3;

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition::new("readings", "Readings of the sensor within the period; those with the same time count once."),
    Definition::new(
        "hours_expected",
        "Whole hours of the period up to the end of the report, from the hour of the sensor's first reading ever on. An hour \
         that is still running counts once it has a reading.",
    ),
    Definition::new("hours_with_data", "Expected hours with at least one reading."),
    Definition::new("coverage", "hours_with_data / hours_expected. Low: below 0.9."),
    Definition::new(
        "silent",
        "No reading in the last 6 hours of the period, or in the last 3 usual intervals where those are longer. \
         The usual interval is the median distance between hours with data.",
    ),
    Definition::new("last_timestamp", "The last reading before the end of the report, be it before the period."),
    Definition::new("last_age_seconds", "From last_timestamp to the end of the report."),
    Definition::new("min, max", "The smallest and the largest reading."),
    Definition::new("mean", "The mean of all readings: hourly means weighted by their number of readings."),
    Definition::new(
        "change",
        "Mean of the readings from the middle of the period on, minus the mean of those before (first_half_mean, second_half_mean).",
    ),
    Definition::new(
        "change_in_deviations",
        "change divided by the sample standard deviation of the sensor's hourly means over the whole period; none when they do not vary.",
    ),
    Definition::new("gaps", "Runs of expected hours without a reading, at the start and at the end too."),
    Definition::new("longest_gap_hours", "The length of the longest gap; it began at longest_gap_start."),
    Definition::new("alerts_open", "Alerts opened before the end of the report and not resolved before it."),
    Definition::new("coverage_by_day", "Coverage within each day of UTC; none where no hour was expected."),
];

/// Collects what a `system_health` report is computed from. The order does not matter.
#[derive(Debug)]
pub struct SystemHealthBuilder {
    frame: Frame,
    sensors: Vec<SensorHealth>,
    alerts_open: BTreeMap<Identifier, u64>,
}

impl SystemHealthBuilder {
    /// A report on `period`, generated at `generated_at`.
    #[must_use]
    pub fn new(period: Period, generated_at: Timestamp) -> Self {
        Self { frame: Frame::new(period, generated_at), sensors: Vec::new(), alerts_open: BTreeMap::new() }
    }

    /// Takes in a sensor.
    pub fn sensor(&mut self, facts: &SensorFacts<'_>) {
        let calendar = self.frame.calendar;
        let hours = Hours::of(calendar, facts.hours);
        self.frame.inputs.sensor(&hours);
        self.sensors.push(of_sensor(calendar, facts, &hours));
    }

    /// Takes in an alert; each is handed in once. Only those that were open at the end count.
    pub fn alert(&mut self, alert: &Alert) {
        let calendar = self.frame.calendar;
        let is_resolved = alert.resolved().is_some_and(|resolved| calendar.knows(resolved.at));
        if calendar.knows(alert.opened_at) && !is_resolved {
            self.frame.inputs.alerts += 1;
            *self.alerts_open.entry(alert.sensor_id.clone()).or_default() += 1;
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Report {
        let Self { frame, mut sensors, alerts_open } = self;
        for sensor in &mut sensors {
            sensor.alerts_open = alerts_open.get(&sensor.sensor_id).copied().unwrap_or(0);
        }
        sensors.sort_by(|one, other| one.sensor_id.cmp(&other.sensor_id));
        let alerts = alerts_open.values().sum();
        let figures = SystemHealth { totals: totals(&sensors, alerts), days: frame.calendar.dates(), sensors };
        frame.report(Figures::SystemHealth(figures))
    }
}

fn totals(sensors: &[SensorHealth], alerts_open: u64) -> HealthTotals {
    let sum = |of: fn(&SensorHealth) -> u64| sensors.iter().map(of).fold(0, u64::saturating_add);
    let (hours_expected, hours_with_data) = (sum(|sensor| sensor.hours_expected), sum(|sensor| sensor.hours_with_data));
    HealthTotals {
        sensors: sensors.len() as u64,
        sensors_reporting: sum(|sensor| u64::from(sensor.readings > 0)),
        sensors_silent: sum(|sensor| u64::from(sensor.silent)),
        sensors_with_low_coverage: sum(|sensor| {
            u64::from(sensor.coverage.is_some_and(|coverage| coverage < LOW_COVERAGE))
        }),
        sensors_with_open_alerts: sum(|sensor| u64::from(sensor.alerts_open > 0)),
        readings: sum(|sensor| sensor.readings),
        hours_expected,
        hours_with_data,
        coverage: share(hours_with_data, hours_expected),
        gaps: sum(|sensor| sensor.gaps),
        alerts_open,
    }
}

fn of_sensor(calendar: Calendar, facts: &SensorFacts<'_>, hours: &Hours<'_>) -> SensorHealth {
    let expected = expected(calendar, facts, hours);
    let reported = Reported::of(expected.clone(), hours);
    let middle = calendar.hours() / 2;
    let change = change(hours.exact_mean(|hour| hour < middle), hours.exact_mean(|hour| hour >= middle));
    let last = facts.last.filter(|last| calendar.knows(last.timestamp));
    SensorHealth {
        sensor_id: facts.sensor_id.clone(),
        sensor_type: facts.sensor_type,
        unit: facts.unit.to_owned(),
        readings: hours.readings(),
        hours_expected: expected.len() as u64,
        hours_with_data: hours.count(),
        coverage: share(hours.count(), expected.len() as u64),
        silent: reported.silent,
        last_timestamp: last.map(|last| last.timestamp),
        last_value: last.map(|last| last.value),
        last_age_seconds: last.map(|last| calendar.as_of.duration_since(last.timestamp).as_secs()),
        min: hours.min(),
        mean: hours.mean(|_| true),
        max: hours.max(),
        first_half_mean: hours.mean(|hour| hour < middle),
        second_half_mean: hours.mean(|hour| hour >= middle),
        change,
        change_in_deviations: in_deviations(change, deviation(&hours.sorted_means())),
        gaps: reported.gaps,
        longest_gap_hours: reported.longest_gap as u64,
        longest_gap_start: reported.longest_gap_start.map(|hour| calendar.hour_start(hour)),
        alerts_open: 0,
        coverage_by_day: by_day(calendar, expected, hours),
    }
}

/// The hours in which the sensor was to report.
fn expected(calendar: Calendar, facts: &SensorFacts<'_>, hours: &Hours<'_>) -> std::ops::Range<usize> {
    // Of the hour that is still running nobody knows yet.
    let end = calendar.whole_hours().max(hours.numbers().last().map_or(0, |last| last + 1));
    // Segments expire before aggregates do, and take the sensor's first time with them.
    let earliest = hours.numbers().next().unwrap_or(end);
    let first = if nanoseconds(facts.first_timestamp) < nanoseconds(calendar.hour_start(0)) {
        0
    } else {
        calendar.hour(facts.first_timestamp).unwrap_or(end)
    };
    first.min(earliest)..end
}

fn by_day(calendar: Calendar, expected: std::ops::Range<usize>, hours: &Hours<'_>) -> Vec<Option<f64>> {
    let mut expected_hours = vec![0; calendar.days()];
    for hour in expected {
        if let Some(count) = expected_hours.get_mut(calendar.day_of_hour(hour)) {
            *count += 1;
        }
    }
    let days = hours.days(calendar);
    days.iter().zip(expected_hours).map(|(day, expected)| share(day.hours_with_data, expected)).collect()
}

/// When a sensor reported and when not.
struct Reported {
    gaps: u64,
    longest_gap: usize,
    longest_gap_start: Option<usize>,
    silent: bool,
}

impl Reported {
    fn of(expected: std::ops::Range<usize>, hours: &Hours<'_>) -> Self {
        let mut this = Self { gaps: 0, longest_gap: 0, longest_gap_start: None, silent: false };
        let mut intervals = Vec::new();
        let mut next = expected.start;
        let mut last = None;
        for hour in hours.numbers() {
            this.gap(next, hour);
            intervals.extend(last.map(|last: usize| hour - last));
            last = Some(hour);
            next = hour + 1;
        }
        this.gap(next, expected.end);
        intervals.sort_unstable();
        let usual = intervals.get(intervals.len() / 2).copied().unwrap_or(1);
        let patience = SILENT_HOURS.max(SILENT_INTERVALS * usual);
        // A sensor that is younger than that may still begin; one without any reading has not.
        this.silent = expected.end.saturating_sub(next) >= patience || (last.is_none() && !expected.is_empty());
        this
    }

    fn gap(&mut self, from: usize, to: usize) {
        let length = to.saturating_sub(from);
        self.gaps += u64::from(length > 0);
        if length > self.longest_gap {
            (self.longest_gap, self.longest_gap_start) = (length, Some(from));
        }
    }
}

const COLUMNS: [&str; 22] = [
    "sensor_id",
    "sensor_type",
    "unit",
    "readings",
    "hours_expected",
    "hours_with_data",
    "coverage",
    "silent",
    "last_timestamp",
    "last_value",
    "last_age_seconds",
    "min",
    "mean",
    "max",
    "first_half_mean",
    "second_half_mean",
    "change",
    "change_in_deviations",
    "gaps",
    "longest_gap_hours",
    "longest_gap_start",
    "alerts_open",
];

impl SystemHealth {
    pub(super) fn csv(&self) -> String {
        table::csv(
            COLUMNS,
            self.sensors.iter().map(|sensor| {
                [
                    Cell::text(&sensor.sensor_id),
                    Cell::text(sensor.sensor_type.as_str()),
                    Cell::text(&sensor.unit),
                    sensor.readings.into(),
                    sensor.hours_expected.into(),
                    sensor.hours_with_data.into(),
                    sensor.coverage.into(),
                    Cell::text(sensor.silent),
                    sensor.last_timestamp.into(),
                    sensor.last_value.into(),
                    sensor.last_age_seconds.into(),
                    sensor.min.into(),
                    sensor.mean.into(),
                    sensor.max.into(),
                    sensor.first_half_mean.into(),
                    sensor.second_half_mean.into(),
                    sensor.change.into(),
                    sensor.change_in_deviations.into(),
                    sensor.gaps.into(),
                    sensor.longest_gap_hours.into(),
                    sensor.longest_gap_start.into(),
                    sensor.alerts_open.into(),
                ]
            }),
        )
    }
}
