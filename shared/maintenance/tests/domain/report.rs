//! Reports on sensors, checked against the same figures computed the long way.

use jiff::{SignedDuration, Timestamp};
use maintenance::{
    Bucket, Resolution,
    report::{
        Figures, PerformanceSummary, PerformanceSummaryBuilder, Period, PeriodError, Report, SensorHealth,
        SystemHealth, SystemHealthBuilder,
    },
};
use proptest::prelude::*;

use crate::{
    report_some::{
        AlertTold, HOURS, Told, alerts, bucket, generated_at, id, later, period, seconds, sensors, wild_sensors,
    },
    some::{HOUR, at},
};

pub(crate) fn health(period: Period, generated_at: Timestamp, sensors: &[Told], alerts: &[AlertTold]) -> Report {
    let mut builder = SystemHealthBuilder::new(period, generated_at);
    sensors.iter().for_each(|told| builder.sensor(&told.facts()));
    alerts.iter().enumerate().for_each(|(number, told)| builder.alert(&told.alert(number)));
    builder.finish()
}

pub(crate) fn performance(period: Period, generated_at: Timestamp, sensors: &[Told]) -> Report {
    let mut builder = PerformanceSummaryBuilder::new(period, generated_at);
    sensors.iter().for_each(|told| builder.sensor(&told.facts(), Some(&told.preceding)));
    builder.finish()
}

pub(crate) fn of_health(report: &Report) -> &SystemHealth {
    match &report.figures {
        Figures::SystemHealth(figures) => figures,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn of_performance(report: &Report) -> &PerformanceSummary {
    match &report.figures {
        Figures::PerformanceSummary(figures) => figures,
        other => panic!("{other:?}"),
    }
}

/// Equal as far as figures of at most a thousand with ten digits and their differences are, or both absent.
pub(crate) fn close(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(other.abs()) + 1e-6,
        _ => false,
    }
}

fn mean(buckets: &[&Bucket]) -> Option<f64> {
    let count: u64 = buckets.iter().map(|bucket| bucket.count).sum();
    let total: f64 = buckets.iter().map(|bucket| bucket.mean * bucket.count as f64).sum();
    (count > 0).then(|| total / count as f64)
}

fn deviation(buckets: &[&Bucket]) -> Option<f64> {
    let count = buckets.len() as f64;
    let mean = buckets.iter().map(|bucket| bucket.mean).sum::<f64>() / count;
    let squares: f64 = buckets.iter().map(|bucket| (bucket.mean - mean).powi(2)).sum();
    (buckets.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
}

/// The definition of Hyndman and Fan's type 7, counted out.
fn quantile(buckets: &[&Bucket], q: f64) -> Option<f64> {
    let mut means: Vec<f64> = buckets.iter().map(|bucket| bucket.mean).collect();
    means.sort_by(f64::total_cmp);
    let position = q * (means.len().checked_sub(1)? as f64);
    let below = means.iter().enumerate().rev().find(|(index, _)| *index as f64 <= position + 1e-9)?;
    let above = means.get(below.0 + 1).copied().unwrap_or(*below.1);
    Some(below.1 + (above - below.1) * (position - below.0 as f64).max(0.0))
}

fn within(buckets: &[Bucket], from: Timestamp, to: Timestamp) -> Vec<&Bucket> {
    buckets.iter().filter(|bucket| from <= bucket.timestamp && bucket.timestamp < to).collect()
}

fn as_of(generated_at: Timestamp) -> Timestamp {
    generated_at.clamp(period().from(), period().to())
}

/// Whether each hour of the period was to have a reading, and had one.
fn hour_by_hour(told: &Told, as_of: Timestamp) -> Vec<(Timestamp, bool)> {
    let has = |start| within(&told.hours, start, start + SignedDuration::from_hours(1)).len() == 1;
    let starts = (0..HOURS).map(|hour| at(hour * HOUR)).filter(|start| *start < as_of);
    let first = starts.clone().find(|start| has(*start));
    starts
        .filter(|start| {
            let end = *start + SignedDuration::from_hours(1);
            let has_begun = told.first < end || first.is_some_and(|first| first <= *start);
            has_begun && (end <= as_of || has(*start))
        })
        .map(|start| (start, has(start)))
        .collect()
}

/// Runs of hours without a reading: when they start and how long they are.
fn gaps(hours: &[(Timestamp, bool)]) -> Vec<(Timestamp, u64)> {
    hours
        .chunk_by(|one, other| one.1 == other.1)
        .filter(|run| !run[0].1)
        .map(|run| (run[0].0, run.len() as u64))
        .collect()
}

fn check_health(got: &SensorHealth, told: &Told, as_of: Timestamp) -> Result<(), TestCaseError> {
    let used = within(&told.hours, period().from(), as_of);
    prop_assert_eq!(got.readings, used.iter().map(|bucket| bucket.count).sum::<u64>());
    prop_assert_eq!(got.min, used.iter().map(|bucket| bucket.min).reduce(f64::min));
    prop_assert_eq!(got.max, used.iter().map(|bucket| bucket.max).reduce(f64::max));
    prop_assert!(close(got.mean, mean(&used)), "{:?} {:?}", got.mean, mean(&used));

    let hours = hour_by_hour(told, as_of);
    prop_assert_eq!(got.hours_expected, hours.len() as u64);
    prop_assert_eq!(got.hours_with_data, used.len() as u64);
    let covered = hours.iter().filter(|(_, has)| *has).count();
    prop_assert!(close(got.coverage, (!hours.is_empty()).then(|| covered as f64 / hours.len() as f64)));

    let gaps = gaps(&hours);
    prop_assert_eq!(got.gaps, gaps.len() as u64);
    prop_assert_eq!(got.longest_gap_hours, gaps.iter().map(|(_, length)| *length).max().unwrap_or(0));
    let longest = gaps.iter().find(|(_, length)| *length == got.longest_gap_hours).map(|(start, _)| *start);
    prop_assert_eq!(got.longest_gap_start, longest);
    for day in 0..got.coverage_by_day.len() {
        let start =
            Resolution::Day.start(period().from()) + SignedDuration::from_hours(24) * i32::try_from(day).unwrap();
        let of_day: Vec<_> = hours.iter().filter(|(hour, _)| Resolution::Day.start(*hour) == start).collect();
        let share = of_day.iter().filter(|(_, has)| *has).count() as f64 / of_day.len() as f64;
        prop_assert!(close(got.coverage_by_day[day], (!of_day.is_empty()).then_some(share)));
    }

    let begun = (0..HOURS).filter(|hour| at(hour * HOUR) < as_of).count();
    let middle = at(i64::try_from(begun / 2).unwrap() * HOUR);
    let (first, second) = (mean(&within(&told.hours, at(0), middle)), mean(&within(&told.hours, middle, as_of)));
    prop_assert!(close(got.first_half_mean, first) && close(got.second_half_mean, second));
    let change = first.zip(second).map(|(first, second)| second - first);
    prop_assert!(close(got.change, change), "{:?} {:?}", got.change, change);
    if let Some(deviation) = deviation(&used).filter(|deviation| *deviation > 1.0) {
        prop_assert!(close(got.change_in_deviations, change.map(|change| change / deviation)));
    }
    let last = told.last.filter(|last| last.timestamp < as_of);
    prop_assert_eq!(got.last_timestamp, last.map(|last| last.timestamp));
    prop_assert_eq!(got.last_value, last.map(|last| last.value));
    prop_assert_eq!(got.last_age_seconds, last.map(|last| as_of.duration_since(last.timestamp).as_secs()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_figure_of_system_health_is_what_counting_gives(
        sensors in sensors(),
        alerts in alerts(),
        generated_at in generated_at(),
    ) {
        let report = health(period(), generated_at, &sensors, &alerts);
        let as_of = as_of(generated_at);
        prop_assert_eq!(report.as_of, as_of);
        let figures = of_health(&report);
        for (got, told) in figures.sensors.iter().zip(&sensors) {
            prop_assert_eq!(&got.sensor_id, &told.sensor_id);
            check_health(got, told, as_of)?;
            let open = alerts.iter().filter(|alert| {
                *told.sensor_id == *format!("s{}", alert.sensor)
                    && seconds(alert.opened) < as_of
                    && alert.resolved.is_none_or(|at| seconds(at) >= as_of)
            });
            prop_assert_eq!(got.alerts_open, open.count() as u64);
        }
        let totals = figures.totals;
        prop_assert_eq!(totals.sensors, sensors.len() as u64);
        prop_assert_eq!(totals.readings, figures.sensors.iter().map(|sensor| sensor.readings).sum::<u64>());
        prop_assert_eq!(totals.gaps, figures.sensors.iter().map(|sensor| sensor.gaps).sum::<u64>());
        prop_assert_eq!(report.inputs.readings, totals.readings);
        prop_assert_eq!(report.inputs.alerts, totals.alerts_open);
        let reporting = figures.sensors.iter().filter(|sensor| sensor.readings > 0).count();
        prop_assert_eq!(totals.sensors_reporting, reporting as u64);
    }

    #[test]
    fn every_figure_of_the_performance_summary_is_what_counting_gives(
        sensors in sensors(),
        generated_at in generated_at(),
    ) {
        let report = performance(period(), generated_at, &sensors);
        let as_of = as_of(generated_at);
        let length = Resolution::Hour.next(as_of - SignedDuration::from_nanos(1)).duration_since(period().from());
        let figures = of_performance(&report);
        for (got, told) in figures.sensors.iter().zip(&sensors) {
            let used = within(&told.hours, period().from(), as_of);
            prop_assert_eq!(got.readings, used.iter().map(|bucket| bucket.count).sum::<u64>());
            prop_assert_eq!(got.hours_with_data, used.len() as u64);
            prop_assert!(close(got.mean, mean(&used)));
            prop_assert!(close(got.hourly_mean_deviation, deviation(&used)));
            for (quantile_got, q) in [(got.hourly_mean_p05, 0.05), (got.hourly_mean_p50, 0.5), (got.hourly_mean_p95, 0.95)] {
                prop_assert!(close(quantile_got, quantile(&used, q)), "{q} {quantile_got:?} {:?}", quantile(&used, q));
            }
            let before = within(&told.preceding, period().from() - length, period().from());
            prop_assert_eq!(got.preceding_readings, Some(before.iter().map(|bucket| bucket.count).sum()));
            prop_assert!(close(got.preceding_mean, mean(&before)));
            let change = mean(&before).zip(mean(&used)).map(|(before, now)| now - before);
            prop_assert!(close(got.mean_change, change));
            let mut start = Resolution::Day.start(period().from());
            for day in 0..figures.days.len() {
                let of_day: Vec<_> = used.iter().copied().filter(|bucket| Resolution::Day.start(bucket.timestamp) == start).collect();
                prop_assert_eq!(got.by_day.readings[day], of_day.iter().map(|bucket| bucket.count).sum::<u64>());
                prop_assert_eq!(got.by_day.min[day], of_day.iter().map(|bucket| bucket.min).reduce(f64::min));
                prop_assert!(close(got.by_day.mean[day], mean(&of_day)));
                prop_assert_eq!(figures.days[day].to_string(), start.strftime("%F").to_string());
                start = Resolution::Day.next(start);
            }
        }
        prop_assert_eq!(figures.readings_by_day.iter().sum::<u64>(), figures.totals.readings);
        prop_assert_eq!(figures.totals.most_readings_a_day, figures.readings_by_day.iter().max().copied());
        for (day, sensors) in figures.sensors_by_day.iter().enumerate() {
            let reporting = figures.sensors.iter().filter(|sensor| sensor.by_day.readings[day] > 0).count();
            prop_assert_eq!(*sensors, reporting as u64);
        }
    }

    #[test]
    fn the_order_of_what_is_handed_in_does_not_change_a_byte(sensors in sensors(), alerts in alerts()) {
        let reversed: Vec<Told> = sensors.iter().rev().cloned().collect();
        let one = health(period(), later(), &sensors, &alerts);
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&health(period(), later(), &reversed, &alerts)).unwrap());
        prop_assert_eq!(one.html(true), health(period(), later(), &reversed, &alerts).html(true));
        let (one, other) = (performance(period(), later(), &sensors), performance(period(), later(), &reversed));
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        prop_assert_eq!((one.csv(), one.html(true)), (other.csv(), other.html(true)));
    }

    #[test]
    fn any_finite_number_can_be_reported_on(sensors in wild_sensors()) {
        for report in [health(period(), later(), &sensors, &[]), performance(period(), later(), &sensors)] {
            for text in [report.csv(), report.html(true)] {
                prop_assert!(!text.contains("NaN") && !text.contains("inf,") && !text.contains(">inf"), "{}", text);
            }
        }
        let report = performance(period(), later(), &sensors);
        for sensor in &of_performance(&report).sensors {
            for (min, (mean, max)) in sensor.by_day.min.iter().zip(sensor.by_day.mean.iter().zip(&sensor.by_day.max)) {
                prop_assert!(min <= mean && mean <= max, "{min:?} {mean:?} {max:?}");
            }
            prop_assert!(sensor.min <= sensor.hourly_mean_p05 && sensor.hourly_mean_p05 <= sensor.hourly_mean_p50);
            prop_assert!(sensor.hourly_mean_p50 <= sensor.hourly_mean_p95 && sensor.hourly_mean_p95 <= sensor.max);
        }
    }
}

/// A sensor that reported in the given hours.
fn reporting(hours: impl IntoIterator<Item = i64>) -> Told {
    Told {
        sensor_id: id("s"),
        unit: "bar".to_owned(),
        first: at(-90 * HOUR),
        last: None,
        hours: hours.into_iter().map(|hour| bucket(hour, [1.0, 2.0, 3.0], 10)).collect(),
        preceding: Vec::new(),
    }
}

#[test]
fn a_sensor_is_silent_when_it_misses_six_hours_or_three_of_its_intervals() {
    let is_silent =
        |told: &Told| of_health(&health(period(), later(), std::slice::from_ref(told), &[])).sensors[0].silent;
    assert!(!is_silent(&reporting(0..HOURS)));
    assert!(!is_silent(&reporting(0..HOURS - 5)));
    assert!(is_silent(&reporting(0..HOURS - 6)));
    assert!(is_silent(&reporting([])));
    // Every eighth hour: silent after a day, not before.
    assert!(!is_silent(&reporting((7..HOURS - 23).step_by(8))));
    assert!(is_silent(&reporting((6..HOURS - 24).step_by(8))));
    let yet_to_come = Told { first: at(HOURS * HOUR), ..reporting([]) };
    assert!(!is_silent(&yet_to_come));
}

#[test]
fn a_sensor_that_began_within_the_period_is_expected_from_then_on() {
    let told = Told { first: at(70 * HOUR + 1), ..reporting(70..HOURS) };
    let report = health(period(), later(), &[told], &[]);
    let sensor = &of_health(&report).sensors[0];
    assert_eq!((sensor.hours_expected, sensor.coverage, sensor.gaps), (9, Some(1.0), 0));
    assert_eq!(sensor.coverage_by_day, [None, None, None, Some(1.0)]);
    assert_eq!((sensor.first_half_mean, sensor.change), (None, None));
}

#[test]
fn an_hour_that_is_still_running_is_missed_by_nobody() {
    let generated_at = at(10 * HOUR + 60);
    let report = health(period(), generated_at, &[reporting(0..10)], &[]);
    assert_eq!(of_health(&report).sensors[0].coverage, Some(1.0));
    assert_eq!(of_health(&report).sensors[0].hours_expected, 10);
    let report = health(period(), generated_at, &[reporting(0..11)], &[]);
    assert_eq!(of_health(&report).sensors[0].hours_expected, 11);
}

#[test]
fn without_a_preceding_period_there_is_no_comparison() {
    let mut builder = PerformanceSummaryBuilder::new(period(), later());
    builder.sensor(&reporting(0..5).facts(), None);
    let report = builder.finish();
    let figures = of_performance(&report);
    assert_eq!(figures.totals.preceding_readings, None);
    assert_eq!((figures.sensors[0].preceding_readings, figures.sensors[0].mean_change), (None, None));
    assert!(report.html(true).contains("not compared"));
}

#[test]
fn a_period_is_made_of_whole_hours() {
    let covering = |from: &str, to: &str| {
        let period = Period::covering(from.parse().unwrap(), to.parse().unwrap());
        period.map(|period| (period.from().to_string(), period.to().to_string()))
    };
    let hours = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
    let (noon, one) = ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z");
    assert_eq!(covering(noon, one), hours(noon, one));
    assert_eq!(covering("2026-03-01T12:59:59.999Z", one), hours(noon, one));
    assert_eq!(covering(noon, "2026-03-01T12:00:00.000000001Z"), hours(noon, one));
    assert_eq!(covering(one, noon), Err(PeriodError::Empty));
    assert_eq!(covering(noon, noon), Err(PeriodError::Empty));
    assert!(covering("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z").is_ok());
    assert_eq!(covering("2024-01-01T00:00:00Z", "2025-01-01T00:00:01Z"), Err(PeriodError::TooLong));
    assert_eq!(covering("1969-12-31T00:00:00Z", "1970-01-01T00:00:01Z"), Err(PeriodError::OutOfRange));
    assert_eq!(covering("9999-12-01T00:00:00Z", "9999-12-02T00:00:00Z"), Err(PeriodError::OutOfRange));
    let preceding = period().preceding();
    assert_eq!((preceding.to(), preceding.from()), (period().from(), at(-HOURS * HOUR)));
}
