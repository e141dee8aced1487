use jiff::{SignedDuration, Timestamp};
use maintenance::{Crossing, Forecast, ForecastError, Limits, ModelName, Sample, forecast, merge};
use proptest::prelude::*;

use crate::some::{SECOND, at, time, value};

const MINUTE: i64 = 60 * SECOND;
const NONE: Limits = Limits { low: None, high: None };

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// One value a minute; the last is now.
fn every_minute(values: impl IntoIterator<Item = f64>) -> Vec<Sample> {
    let values = (0..).zip(values);
    values.map(|(index, value)| Sample { timestamp: at(index * MINUTE), value, quality: None }).collect()
}

fn ahead(history: &[Sample], horizon: i64, limits: Limits) -> Forecast {
    forecast(history, history.last().unwrap().timestamp, minutes(horizon), limits).unwrap()
}

/// Bell-shaped noise of width one, the same in every run.
fn noise(count: i64) -> Vec<f64> {
    let mut seed = 1_u32;
    let mut uniform = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 8) / f64::from(1_u32 << 24)
    };
    (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
}

fn rising(count: i64, from: f64, per_minute: f64) -> Vec<Sample> {
    every_minute((0..count).zip(noise(count)).map(|(index, noise)| from + per_minute * index as f64 + 0.3 * noise))
}

fn well_formed(answer: &Forecast, now: Timestamp) {
    assert!((1..=240).contains(&answer.points.len()));
    assert!(answer.points.iter().all(|point| point.timestamp > now && point.timestamp > answer.last_reading));
    assert!(answer.points.windows(2).all(|pair| pair[0].timestamp < pair[1].timestamp));
    for point in &answer.points {
        let ends = [point.low95, point.low80, point.value, point.high80, point.high95];
        assert!(ends.iter().all(|end| end.is_finite()) && ends.is_sorted(), "{point:?}");
    }
    let nominal: Vec<f64> = answer.coverage.iter().map(|coverage| coverage.nominal).collect();
    assert_eq!(nominal, [0.8, 0.95]);
    assert!(answer.coverage.iter().all(|coverage| (0.0..=1.0).contains(&coverage.measured)));
    assert!((0.0..=1.0).contains(&answer.model.weight));
    assert!(answer.model.mean_absolute_error.is_finite() && answer.model.last_value_error.is_finite());
}

#[test]
fn noise_about_a_level_is_forecast_by_its_mean_with_bands_that_hold() {
    let values = noise(1_200);
    let answer = ahead(&every_minute(values[..1_000].iter().copied()), 200, NONE);
    assert!(matches!(answer.model.name, ModelName::Mean | ModelName::MeanReversion | ModelName::Level), "{answer:?}");
    assert!(answer.model.mean_absolute_error < 0.85 * answer.model.last_value_error);
    let held = |inside: fn(&maintenance::ForecastPoint, f64) -> bool| {
        let count = answer.points.iter().zip(&values[1_000..]).filter(|(point, value)| inside(point, **value)).count();
        count as f64 / answer.points.len() as f64
    };
    assert!((0.7..0.92).contains(&held(|point, value| point.low80 <= value && value <= point.high80)));
    assert!(held(|point, value| point.low95 <= value && value <= point.high95) > 0.9);
    for coverage in &answer.coverage {
        assert!((coverage.measured - coverage.nominal).abs() < 0.06, "{coverage:?}");
        assert!(coverage.count > 10_000);
    }
}

#[test]
fn a_daily_season_is_found_and_continued() {
    let wave = |index: i64| 60.0 + 8.0 * (std::f64::consts::TAU * index as f64 / 96.0).sin();
    let history: Vec<Sample> = (0..8 * 96)
        .zip(noise(8 * 96))
        .map(|(index, noise)| Sample { timestamp: at(index * 15 * MINUTE), value: wave(index) + noise, quality: None })
        .collect();
    let answer = ahead(&history, 24 * 60, NONE);
    let season = answer.model.season_seconds.unwrap();
    assert!((season / 86_400.0 - 1.0).abs() < 0.01, "{season}");
    assert_eq!((answer.points.len(), answer.step_seconds), (96, 900.0));
    let off = (8 * 96..).zip(&answer.points).map(|(index, point)| (point.value - wave(index)).abs());
    assert!(off.sum::<f64>() / 96.0 < 0.5);
}

#[test]
fn a_rising_line_reaches_its_limit_when_it_should_and_not_the_other() {
    let limits = Limits { low: Some(0.0), high: Some(64.0) };
    let answer = ahead(&rising(400, 20.0, 0.1), 100, limits);
    assert_eq!(answer.model.name, ModelName::Trend);
    assert_eq!(answer.time_to_limit.low, None);
    // The line is at 59.9 at the last reading and a tenth higher every minute.
    let Crossing { timestamp, minutes, earliest, latest } = answer.time_to_limit.high.unwrap();
    assert!((minutes - 41.0).abs() < 3.0, "{minutes}");
    assert!((timestamp.duration_since(answer.last_reading).as_secs_f64() / 60.0 - minutes).abs() < 1e-6);
    assert!(earliest < timestamp && timestamp < latest.unwrap());

    let beyond = ahead(&rising(400, 20.0, 0.1), 100, Limits { high: Some(200.0), ..NONE });
    assert_eq!(serde_json::to_value(beyond.time_to_limit).unwrap(), serde_json::json!({ "low": null, "high": null }));
    let barely = ahead(&rising(400, 20.0, 0.1), 100, Limits { high: Some(69.8), ..NONE });
    assert_eq!(barely.time_to_limit.high.unwrap().latest, None);
}

#[test]
fn a_line_without_noise_is_continued_exactly() {
    let history = every_minute((0..60).map(|index| 20.0 + 0.25 * f64::from(index)));
    let answer = ahead(&history, 20, Limits { high: Some(37.0), ..NONE });
    let last = answer.points.last().unwrap();
    assert!((last.value - 39.75).abs() < 1e-6 && last.high95 - last.low95 < 1e-6, "{last:?}");
    assert!((answer.time_to_limit.high.unwrap().minutes - 9.0).abs() < 1e-4);
}

#[test]
fn a_falling_line_reaches_the_lower_limit_as_its_mirror_image_the_upper() {
    let up = rising(400, 20.0, 0.1);
    let down: Vec<Sample> = up.iter().map(|sample| Sample { value: -sample.value, ..*sample }).collect();
    let (up, down) =
        (ahead(&up, 100, Limits { high: Some(64.0), ..NONE }), ahead(&down, 100, Limits { low: Some(-64.0), ..NONE }));
    let (high, low) = (up.time_to_limit.high.unwrap(), down.time_to_limit.low.unwrap());
    assert!((high.minutes - low.minutes).abs() < 1e-6, "{high:?} {low:?}");
    assert_eq!(down.time_to_limit.high, None);
}

#[test]
fn a_limit_that_the_last_reading_has_passed_is_reached_now() {
    let history = rising(200, 20.0, 0.1);
    let answer = ahead(&history, 20, Limits { low: Some(100.0), high: Some(30.0) });
    let now = history.last().unwrap().timestamp;
    let reached = Some(Crossing { timestamp: now, minutes: 0.0, earliest: now, latest: Some(now) });
    assert_eq!((answer.time_to_limit.low, answer.time_to_limit.high), (reached, reached));
}

#[test]
fn a_constant_signal_stays_and_reaches_nothing() {
    let limits = Limits { low: Some(4.9), high: Some(5.1) };
    let answer = ahead(&every_minute([5.0; 120]), 30, limits);
    assert_eq!(answer.model.name, ModelName::LastValue);
    assert!(answer.points.iter().all(|point| (point.low95, point.value, point.high95) == (5.0, 5.0, 5.0)));
    assert_eq!((answer.time_to_limit.low, answer.time_to_limit.high), (None, None));
}

#[test]
fn too_little_history_is_refused_with_what_is_needed() {
    let now = at(10_000 * MINUTE);
    let refused = |history: &[Sample], horizon| {
        let now = history.last().map_or(now, |sample| sample.timestamp);
        forecast(history, now, minutes(horizon), NONE).unwrap_err()
    };
    let values = every_minute(noise(200));
    assert_eq!(
        refused(&values[..29], 10),
        ForecastError::TooLittleHistory {
            readings: 29,
            needed_readings: 30,
            span: minutes(28),
            needed_span: minutes(20)
        }
    );
    let short = refused(&values, 100);
    let expected = ForecastError::TooLittleHistory {
        readings: 200,
        needed_readings: 30,
        span: minutes(199),
        needed_span: minutes(200),
    };
    assert_eq!(short, expected);
    assert_eq!(
        short.to_string(),
        "too little history: 200 readings over 199 minutes, where at least 30 over 200 minutes are needed"
    );
    assert!(matches!(refused(&[], 1), ForecastError::TooLittleHistory { readings: 0, .. }));
    // All at one time.
    let heap = vec![Sample { timestamp: at(0), value: 1.0, quality: None }; 100];
    assert!(matches!(refused(&heap, 1), ForecastError::TooLittleHistory { .. }));
    assert_eq!(ahead(&values, 99, NONE).points.len(), 99);
    assert_eq!(ahead(&values[..30], 14, NONE).points.len(), 14);
}

#[test]
fn a_sensor_that_fell_silent_is_not_forecast() {
    let history = every_minute(noise(500));
    let last = history.last().unwrap().timestamp;
    let silent = forecast(&history, last + minutes(31), minutes(30), NONE);
    assert_eq!(silent, Err(ForecastError::Stale { silent: minutes(31) }));
    // After a shorter silence the points start at the present, and what is later than the present is not known.
    let now = last + minutes(7);
    let answer = forecast(&history, now, minutes(30), NONE).unwrap();
    assert_eq!(answer.points.first().unwrap().timestamp, now + minutes(1));
    assert_eq!(answer.points.last().unwrap().timestamp, now + minutes(30));
    let past = forecast(&history, at(400 * MINUTE), minutes(30), NONE).unwrap();
    assert_eq!(past, forecast(&history[..401], at(400 * MINUTE), minutes(30), NONE).unwrap());
}

#[test]
fn gaps_stay_gaps_and_too_many_are_refused() {
    let values = every_minute(noise(900));
    let with_gap: Vec<Sample> = values
        .iter()
        .copied()
        .filter(|sample| !(at(300 * MINUTE)..at(600 * MINUTE)).contains(&sample.timestamp))
        .collect();
    let answer = ahead(&with_gap, 60, NONE);
    assert_eq!((answer.readings, answer.step_seconds), (600, 60.0));
    well_formed(&answer, answer.last_reading);
    // Irregular readings are put on a step that most of them fill.
    let scattered: Vec<Sample> = values
        .iter()
        .copied()
        .enumerate()
        .filter(|(index, _)| index * index % 7 < 2)
        .map(|(_, sample)| sample)
        .collect();
    well_formed(&ahead(&scattered, 60, NONE), scattered.last().unwrap().timestamp);
    // Ten readings a second apart, then a day of silence, again and again.
    let bursts = (0..10).flat_map(|day| (0..10).map(move |second| at(day * 24 * 60 * MINUTE + second * SECOND)));
    let bursts: Vec<Sample> = bursts.map(|timestamp| Sample { timestamp, value: 1.0, quality: None }).collect();
    let now = bursts.last().unwrap().timestamp;
    assert_eq!(forecast(&bursts, now, minutes(60), NONE), Err(ForecastError::TooManyGaps));
}

#[test]
fn a_long_horizon_is_answered_in_at_most_240_points_that_end_at_it() {
    let history = every_minute(noise(5_000));
    let answer = ahead(&history, 2_000, NONE);
    well_formed(&answer, answer.last_reading);
    assert_eq!(answer.points.last().unwrap().timestamp, answer.last_reading + minutes(2_000));
    // More steps than are ever forecast: the step is widened.
    let seconds: Vec<Sample> = (0..)
        .zip(noise(20_000))
        .map(|(index, value)| Sample { timestamp: at(index * SECOND), value, quality: None })
        .collect();
    let answer = ahead(&seconds, 120, NONE);
    well_formed(&answer, answer.last_reading);
    assert_eq!(answer.step_seconds, 4.0);
}

#[test]
fn jittered_times_keep_the_step_their_clock_was_set_to() {
    let jitter = noise(300);
    let history: Vec<Sample> = (0..)
        .zip(&jitter)
        .map(|(index, jitter)| {
            let late = SignedDuration::from_secs_f64(0.2 * jitter);
            Sample { timestamp: at(index * MINUTE) + late, value: *jitter, quality: None }
        })
        .collect();
    let answer = ahead(&merge([(0, history)]), 60, NONE);
    assert_eq!((answer.step_seconds, answer.readings, answer.points.len()), (60.0, 300, 60));
}

#[test]
fn the_forecast_follows_a_change_of_unit() {
    let history = rising(400, 20.0, 0.1);
    let plain = ahead(&history, 60, NONE);
    // Powers of two, so that nothing is rounded differently.
    for factor in [-2.0, 2.0_f64.powi(900), 2.0_f64.powi(-900)] {
        let scaled: Vec<Sample> =
            history.iter().map(|sample| Sample { value: factor * sample.value, ..*sample }).collect();
        let answer = ahead(&scaled, 60, NONE);
        for (point, other) in plain.points.iter().zip(&answer.points) {
            assert!((other.value / factor - point.value).abs() < 1e-9, "{factor}: {other:?}, not {point:?}");
            let width = (other.high95 - other.low95) / factor.abs();
            assert!((width - (point.high95 - point.low95)).abs() < 1e-9);
        }
    }
}

#[test]
fn the_answer_has_the_names_of_its_contract() {
    let answer = serde_json::to_value(ahead(&rising(400, 20.0, 0.1), 60, Limits { high: Some(64.0), ..NONE })).unwrap();
    assert_eq!(answer["model"]["name"], "trend");
    assert_eq!(answer["coverage"][0]["nominal"], 0.8);
    for name in ["timestamp", "value", "low80", "high80", "low95", "high95"] {
        assert!(!answer["points"][0][name].is_null(), "{name}");
    }
    for name in ["timestamp", "minutes", "earliest", "latest"] {
        assert!(!answer["time_to_limit"]["high"][name].is_null(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_history_has_a_well_formed_forecast_or_a_reason(
        samples in prop::collection::vec((time(), value()), 0..120),
        horizon in prop_oneof![1..10_i64, 1..10_080_i64],
        low in prop::option::of(value()),
        high in prop::option::of(value()),
    ) {
        let samples = samples.into_iter().map(|(timestamp, value)| Sample { timestamp, value, quality: None });
        let samples = merge([(0, samples.collect())]);
        let now = samples.last().map_or(at(0), |sample| sample.timestamp);
        if let Ok(answer) = forecast(&samples, now, minutes(horizon), Limits { low, high }) {
            well_formed(&answer, now);
        }
    }

    #[test]
    fn any_values_at_even_times_have_a_well_formed_forecast(
        values in prop::collection::vec(value(), 60..160),
        horizon in 1..29_i64,
        low in prop::option::of(value()),
        high in prop::option::of(value()),
    ) {
        let history = every_minute(values);
        let answer = ahead(&history, horizon, Limits { low, high });
        well_formed(&answer, answer.last_reading);
        prop_assert_eq!(answer.points.len() as i64, horizon);
        for crossing in [answer.time_to_limit.low, answer.time_to_limit.high].into_iter().flatten() {
            prop_assert!(crossing.earliest <= crossing.timestamp);
            prop_assert!(crossing.latest.is_none_or(|latest| crossing.timestamp <= latest));
            prop_assert!(crossing.minutes >= 0.0 && crossing.minutes <= horizon as f64 + 1e-6);
        }
    }
}
