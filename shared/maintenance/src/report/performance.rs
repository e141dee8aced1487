//! `performance_summary`: how the values are distributed, by sensor and by day.

use jiff::{Timestamp, civil::Date};
use kernel::Identifier;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Definition, Figures, Frame, Report,
    facts::{DayFigures, Hours, SensorFacts},
    figures::{Quantile, change, deviation, in_deviations, quantile},
    period::{Calendar, Period},
    table::{self, Cell},
};
use crate::{aggregate::Bucket, reading::SensorType};

/// The figures of a `performance_summary` report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PerformanceSummary {
    /// All sensors together.
    pub totals: PerformanceTotals,
    /// The days of UTC that the report touches.
    pub days: Vec<Date>,
    /// Readings of all sensors on each day.
    pub readings_by_day: Vec<u64>,
    /// How many sensors have a reading on each day.
    pub sensors_by_day: Vec<u64>,
    /// Every sensor, by id.
    pub sensors: Vec<SensorPerformance>,
}

/// Counts over all sensors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct PerformanceTotals {
    /// How many sensors there are.
    pub sensors: u64,
    /// How many have a reading in the period.
    pub sensors_reporting: u64,
    /// Readings of all sensors.
    pub readings: u64,
    /// Readings in the preceding period, of the sensors for which it is known.
    pub preceding_readings: Option<u64>,
    /// The most readings of all sensors on one day.
    pub most_readings_a_day: Option<u64>,
    /// The fewest.
    pub fewest_readings_a_day: Option<u64>,
}

/// One sensor.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SensorPerformance {
    /// Which sensor.
    pub sensor_id: Identifier,
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
    /// How many readings it has in the period.
    pub readings: u64,
    /// In how many hours.
    pub hours_with_data: u64,
    /// The smallest value.
    pub min: Option<f64>,
    /// The mean of the readings.
    pub mean: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// The sample standard deviation of the hourly means.
    pub hourly_mean_deviation: Option<f64>,
    /// The hourly mean that 5 % of the hours do not exceed.
    pub hourly_mean_p05: Option<f64>,
    /// The median hourly mean.
    pub hourly_mean_p50: Option<f64>,
    /// The hourly mean that 95 % of the hours do not exceed.
    pub hourly_mean_p95: Option<f64>,
    /// Readings in the preceding period; `null` when that was not looked at.
    pub preceding_readings: Option<u64>,
    /// Their mean.
    pub preceding_mean: Option<f64>,
    /// `mean - preceding_mean`.
    pub mean_change: Option<f64>,
    /// `mean_change` as a multiple of the standard deviation of the preceding hourly means.
    pub mean_change_in_deviations: Option<f64>,
    /// Its days.
    pub by_day: ByDay,
}

/// A figure for each day of the report; `null` on days without a reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ByDay {
    /// How many readings.
    pub readings: Vec<u64>,
    /// The smallest value.
    pub min: Vec<Option<f64>>,
    /// The mean of the readings.
    pub mean: Vec<Option<f64>>,
    /// The largest value.
    pub max: Vec<Option<f64>>,
}

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition::new("readings", "Readings of the sensor within the period; those with the same time count once."),
    Definition::new("hours_with_data", "Hours of the period with at least one reading."),
    Definition::new("min, max", "The smallest and the largest reading."),
    Definition::new("mean", "The mean of all readings: hourly means weighted by their number of readings."),
    Definition::new(
        "hourly_mean_p05, hourly_mean_p50, hourly_mean_p95",
        "Quantiles of the hourly means, not of single readings, every hour with data counting once; between two hours \
         interpolated linearly.",
    ),
    Definition::new("hourly_mean_deviation", "The sample standard deviation of the hourly means."),
    Definition::new(
        "preceding_readings, preceding_mean",
        "The same figures over as many hours directly before this period as the report covers of it; none when they were not looked at.",
    ),
    Definition::new("mean_change", "mean minus preceding_mean, in the sensor's unit."),
    Definition::new(
        "mean_change_in_deviations",
        "mean_change divided by the sample standard deviation of the preceding period's hourly means; none when they do not vary.",
    ),
    Definition::new(
        "by_day",
        "readings, min, mean and max of each day of UTC; the first and the last day may be cut by the period.",
    ),
];

/// Collects what a `performance_summary` report is computed from. The order does not matter.
#[derive(Debug)]
pub struct PerformanceSummaryBuilder {
    frame: Frame,
    sensors: Vec<SensorPerformance>,
}

impl PerformanceSummaryBuilder {
    /// A report on `period`, generated at `generated_at`.
    #[must_use]
    pub fn new(period: Period, generated_at: Timestamp) -> Self {
        Self { frame: Frame::new(period, generated_at), sensors: Vec::new() }
    }

    /// Takes in a sensor. `preceding` are its hours in [`Period::preceding`], when these are to be
    /// compared.
    pub fn sensor(&mut self, facts: &SensorFacts<'_>, preceding: Option<&[Bucket]>) {
        let calendar = self.frame.calendar;
        let hours = Hours::of(calendar, facts.hours);
        self.frame.inputs.sensor(&hours);
        let before = preceding.map(|preceding| Hours::of(calendar.preceding(), preceding));
        self.sensors.push(of_sensor(calendar, facts, &hours, before.as_ref()));
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Report {
        let Self { frame, mut sensors } = self;
        sensors.sort_by(|one, other| one.sensor_id.cmp(&other.sensor_id));
        let days = frame.calendar.dates();
        let readings_by_day = over_sensors(&sensors, days.len(), |readings| readings);
        let sensors_by_day = over_sensors(&sensors, days.len(), |readings| u64::from(readings > 0));
        let totals = PerformanceTotals {
            sensors: sensors.len() as u64,
            sensors_reporting: sensors.iter().filter(|sensor| sensor.readings > 0).count() as u64,
            readings: readings_by_day.iter().copied().fold(0, u64::saturating_add),
            preceding_readings: sensors
                .iter()
                .filter_map(|sensor| sensor.preceding_readings)
                .reduce(u64::saturating_add),
            most_readings_a_day: readings_by_day.iter().copied().max(),
            fewest_readings_a_day: readings_by_day.iter().copied().min(),
        };
        let figures = PerformanceSummary { totals, days, readings_by_day, sensors_by_day, sensors };
        frame.report(Figures::PerformanceSummary(figures))
    }
}

/// The sum over sensors, for each day, of what `of` makes of its readings.
fn over_sensors(sensors: &[SensorPerformance], days: usize, of: fn(u64) -> u64) -> Vec<u64> {
    let mut sums = vec![0_u64; days];
    for sensor in sensors {
        for (sum, readings) in sums.iter_mut().zip(&sensor.by_day.readings) {
            *sum = sum.saturating_add(of(*readings));
        }
    }
    sums
}

fn of_sensor(
    calendar: Calendar,
    facts: &SensorFacts<'_>,
    hours: &Hours<'_>,
    before: Option<&Hours<'_>>,
) -> SensorPerformance {
    let means = hours.sorted_means();
    let mean_change = change(before.and_then(|before| before.exact_mean(|_| true)), hours.exact_mean(|_| true));
    let preceding_deviation = before.and_then(|before| deviation(&before.sorted_means()));
    SensorPerformance {
        sensor_id: facts.sensor_id.clone(),
        sensor_type: facts.sensor_type,
        unit: facts.unit.to_owned(),
        readings: hours.readings(),
        hours_with_data: hours.count(),
        min: hours.min(),
        mean: hours.mean(|_| true),
        max: hours.max(),
        hourly_mean_deviation: deviation(&means),
        hourly_mean_p05: quantile(&means, Quantile::P05),
        hourly_mean_p50: quantile(&means, Quantile::P50),
        hourly_mean_p95: quantile(&means, Quantile::P95),
        preceding_readings: before.map(Hours::readings),
        preceding_mean: before.and_then(|before| before.mean(|_| true)),
        mean_change,
        mean_change_in_deviations: in_deviations(mean_change, preceding_deviation),
        by_day: ByDay::of(&hours.days(calendar)),
    }
}

impl ByDay {
    fn of(days: &[DayFigures]) -> Self {
        Self {
            readings: days.iter().map(|day| day.readings).collect(),
            min: days.iter().map(|day| day.min).collect(),
            mean: days.iter().map(|day| day.mean).collect(),
            max: days.iter().map(|day| day.max).collect(),
        }
    }
}

const COLUMNS: [&str; 16] = [
    "sensor_id",
    "sensor_type",
    "unit",
    "readings",
    "hours_with_data",
    "min",
    "mean",
    "max",
    "hourly_mean_deviation",
    "hourly_mean_p05",
    "hourly_mean_p50",
    "hourly_mean_p95",
    "preceding_readings",
    "preceding_mean",
    "mean_change",
    "mean_change_in_deviations",
];

impl PerformanceSummary {
    pub(super) fn csv(&self) -> String {
        table::csv(
            COLUMNS,
            self.sensors.iter().map(|sensor| {
                [
                    Cell::text(&sensor.sensor_id),
                    Cell::text(sensor.sensor_type.as_str()),
                    Cell::text(&sensor.unit),
                    sensor.readings.into(),
                    sensor.hours_with_data.into(),
                    sensor.min.into(),
                    sensor.mean.into(),
                    sensor.max.into(),
                    sensor.hourly_mean_deviation.into(),
                    sensor.hourly_mean_p05.into(),
                    sensor.hourly_mean_p50.into(),
                    sensor.hourly_mean_p95.into(),
                    sensor.preceding_readings.into(),
                    sensor.preceding_mean.into(),
                    sensor.mean_change.into(),
                    sensor.mean_change_in_deviations.into(),
                ]
            }),
        )
    }
}
