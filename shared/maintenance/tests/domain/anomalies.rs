use jiff::Timestamp;
use kernel::Identifier;
use maintenance::anomaly::{Anomaly, Detector, Finding, Kind, Point, Sensitivity, Verdict, detect};
use proptest::prelude::*;

use crate::some::{SECOND, at, time, value};

/// Bell-shaped noise, the same for the same seed.
fn noise(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut uniform = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 24)
    };
    move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0
}

fn some_noise(seed: u32, count: usize) -> Vec<f64> {
    std::iter::repeat_with(noise(seed)).take(count).collect()
}

fn seconds(place: usize) -> Timestamp {
    at(i64::try_from(place).unwrap() * SECOND)
}

/// What is found among values one second apart.
fn findings(values: &[f64], sensitivity: f64) -> Vec<Option<Finding>> {
    let mut detector = Detector::default();
    let sensitivity = Sensitivity::new(sensitivity).unwrap();
    values
        .iter()
        .enumerate()
        .map(|(place, value)| match detector.observe(seconds(place), *value, sensitivity) {
            Verdict::Anomalous { finding, .. } => Some(finding),
            _ => None,
        })
        .collect()
}

fn count(found: &[Option<Finding>], kind: Kind) -> usize {
    found.iter().flatten().filter(|finding| finding.kind == kind).count()
}

/// How many of these are flagged.
fn flagged(found: &[Option<Finding>]) -> usize {
    found.iter().flatten().count()
}

#[test]
fn a_spike_is_found_where_it_is_and_expected_where_the_others_are() {
    let mut values = some_noise(1, 300);
    values[200] = -15.0;
    let found = findings(&values, 0.5);
    let finding = found[200].unwrap();
    assert_eq!(finding.kind, Kind::Spike);
    assert!(finding.expected.low > -12.0 && finding.expected.low < -3.0 && finding.expected.high > 3.0, "{finding:?}");
    assert_eq!(flagged(&found), 1);
}

#[test]
fn a_level_shift_is_flagged_over_all_its_readings_and_not_after() {
    for (seed, shift) in (0..20).zip([3.0, -3.0, 6.0, -40.0].into_iter().cycle()) {
        let mut values = some_noise(seed, 1200);
        values[500..900].iter_mut().for_each(|value| *value += shift);
        let found = findings(&values, 0.5);
        assert!(flagged(&found[..500]) <= 4, "{seed} {shift}: {}", flagged(&found[..500]));
        assert!(flagged(&found[510..900]) >= 380, "{seed} {shift}: {}", flagged(&found[510..900]));
        assert!(flagged(&found[915..]) <= 4, "{seed} {shift}: {}", flagged(&found[915..]));
        assert!(count(&found, Kind::LevelShift) >= 380, "{seed} {shift}");
    }
}

#[test]
fn a_lasting_level_is_accepted_after_six_hundred_readings() {
    for seed in 0..20 {
        let mut values = some_noise(seed, 2000);
        values[500..].iter_mut().for_each(|value| *value += 8.0);
        let found = findings(&values, 0.5);
        assert!(flagged(&found[505..1090]) >= 580, "{seed}");
        assert!(flagged(&found[1120..]) <= 5, "{seed}: {}", flagged(&found[1120..]));
    }
}

#[test]
fn a_gradual_change_is_found_and_mostly_called_a_drift() {
    let (mut late, mut drifts, mut all) = (0, 0, 0);
    for seed in 0..20 {
        let mut values = some_noise(seed, 1000);
        values[500..].iter_mut().zip(0..).for_each(|(value, reading)| *value += 0.03 * f64::from(reading));
        let found = findings(&values, 0.5);
        late += flagged(&found[750..]);
        drifts += count(&found, Kind::Drift);
        all += flagged(&found);
    }
    assert!(late > 20 * 250 * 4 / 5, "{late}");
    assert!(drifts * 2 > all, "{drifts} of {all}");
}

#[test]
fn a_stuck_sensor_is_a_flat_line_unless_it_always_was() {
    let mut values = some_noise(3, 400);
    let stuck = values[299];
    values[300..].fill(stuck);
    let found = findings(&values, 0.5);
    assert_eq!(flagged(&found[..305]), 0);
    assert!(count(&found[320..], Kind::Flatline) >= 75);
    assert!(flagged(&findings(&[4.0; 2000], 1.0)) == 0);
    assert!(flagged(&findings(&[0.0; 2000], 1.0)) == 0);
    // Rounded noise repeats itself; runs of that are usual.
    let rounded: Vec<f64> = some_noise(4, 3000).into_iter().map(|value| (value * 0.3).round()).collect();
    assert_eq!(count(&findings(&rounded, 0.5), Kind::Flatline), 0);
}

#[test]
fn a_change_of_a_constant_is_found_when_it_is_one_to_speak_of() {
    for (level, change, expected) in [(50.0, 1.0, true), (50.0, 0.01, false), (0.0, 1e-3, true), (-1e6, 5e5, true)] {
        let mut values = vec![level; 400];
        values[200..].fill(level + change);
        assert_eq!(flagged(&findings(&values, 0.5)) > 0, expected, "{level} {change}");
    }
}

#[test]
fn noise_that_grows_is_found() {
    let mut values = some_noise(5, 1000);
    values[600..].iter_mut().for_each(|value| *value *= 6.0);
    let found = findings(&values, 0.5);
    assert!(flagged(&found[..600]) <= 2);
    assert!(flagged(&found[600..]) >= 300, "{}", flagged(&found[600..]));
}

#[test]
fn nothing_is_said_of_too_little_history() {
    let mut detector = Detector::default();
    let mut wild = [1.0, -1e9, 7.0, 1e12, 0.0].into_iter().cycle();
    for place in 0..30 {
        let verdict = detector.observe(seconds(place), wild.next().unwrap(), Sensitivity::new(1.0).unwrap());
        assert_eq!(verdict, Verdict::Unknown, "{place}");
    }
}

#[test]
fn magnitude_and_sign_do_not_matter() {
    let mut values = some_noise(6, 900);
    values[500..700].iter_mut().for_each(|value| *value += 5.0);
    values[300] += 20.0;
    let plain = findings(&values, 0.5);
    let places = |found: &[Option<Finding>]| found.iter().map(Option::is_some).collect::<Vec<_>>();
    for scale in [-1.0, 1e-100, 1e9, -1e100, 2.0_f64.powi(-30)] {
        let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
        let found = places(&findings(&scaled, 0.5));
        let different = found.iter().zip(places(&plain)).filter(|(one, other)| *one != other).count();
        assert!(different <= 2, "{scale}: {different}");
    }
    let moved: Vec<f64> = values.iter().map(|value| value - 273.15).collect();
    assert_eq!(places(&findings(&moved, 0.5)), places(&plain));
}

#[test]
fn a_gap_neither_hides_a_shift_nor_makes_one() {
    let values = some_noise(7, 1000);
    for shift in [0.0, 5.0] {
        let mut detector = Detector::default();
        let mut anomalous = 0;
        for (place, value) in values.iter().enumerate() {
            let (place, value) = if place < 400 { (place, *value) } else { (place + 5000, value + shift) };
            let verdict = detector.observe(seconds(place), value, Sensitivity::default());
            assert!(place != 5400 || verdict == Verdict::Unknown);
            anomalous += usize::from(matches!(verdict, Verdict::Anomalous { .. }));
        }
        assert!(if shift > 0.0 { anomalous > 550 } else { anomalous <= 3 }, "{shift}: {anomalous}");
    }
}

#[test]
fn a_late_reading_changes_nothing() {
    let mut detector = Detector::default();
    for (place, value) in some_noise(8, 200).into_iter().enumerate() {
        detector.observe(seconds(place), value, Sensitivity::default());
    }
    let before = detector.clone();
    for place in [0, 100, 199] {
        assert_eq!(detector.observe(seconds(place), 1e9, Sensitivity::default()), Verdict::Late);
    }
    assert_eq!(detector, before);
}

#[test]
fn an_episode_opens_goes_on_and_ends_after_sixty_quiet_readings() {
    let mut values = some_noise(9, 800);
    for place in [300, 340, 600] {
        values[place] = 30.0;
    }
    let mut detector = Detector::default();
    let (mut opened, mut ended) = (Vec::new(), Vec::new());
    for (place, value) in values.into_iter().enumerate() {
        match detector.observe(seconds(place), value, Sensitivity::default()) {
            Verdict::Anomalous { episode, finding } => {
                assert_eq!(episode.last, seconds(place));
                assert!(finding.score <= episode.score);
                if episode.flagged == 1 {
                    opened.push(place);
                }
            }
            Verdict::Normal { ended: Some(episode) } => ended.push((place, episode.opened, episode.flagged)),
            _ => {}
        }
    }
    assert_eq!(opened, [300, 600]);
    assert_eq!(ended, [(400, seconds(300), 2), (660, seconds(600), 1)]);
    assert_eq!(detector.episode(), None);
}

#[test]
fn a_stored_state_is_small_goes_on_as_before_and_names_its_version() {
    let mut detector = Detector::default();
    let mut largest = 0;
    let mut values = some_noise(10, 3000);
    values[1000..1400].iter_mut().for_each(|value| *value += 7.0);
    for (place, value) in values.into_iter().map(|value| 1234.5 + 0.123_456_789 * value).enumerate() {
        let stored = serde_json::to_string(&detector).unwrap();
        largest = largest.max(stored.len());
        let mut read: Detector = serde_json::from_str(&stored).unwrap();
        let verdict = detector.observe(seconds(place), value, Sensitivity::default());
        assert_eq!(read.observe(seconds(place), value, Sensitivity::default()), verdict);
    }
    assert!(largest < 2400, "{largest}");
    let stored = serde_json::to_string(&detector).unwrap();
    assert!(serde_json::from_str::<Detector>(&stored.replace(r#""version":1"#, r#""version":2"#)).is_err());
}

fn sensor(name: usize) -> Identifier {
    Identifier::parse(&format!("s{name}")).unwrap()
}

/// Sensors that all follow one load, each with its own unit and a little noise of its own.
fn coupled(names: &[Identifier], count: usize) -> Vec<Point<'_>> {
    let mut random = noise(11);
    let mut load = 0.0;
    let mut points = Vec::new();
    for place in 0..count {
        load = 0.9 * load + random();
        for (sensor_id, scale) in names.iter().zip([1.0, 10.0, -0.01, 200.0]) {
            points.push(Point { sensor_id, timestamp: seconds(place), value: scale * (50.0 + load + 0.2 * random()) });
        }
    }
    points
}

#[test]
fn sensors_that_part_are_found_together_and_the_one_that_left_is_named() {
    let names: Vec<Identifier> = (0..4).map(sensor).collect();
    let mut points = coupled(&names, 800);
    let normal = detect(&[], &points, Sensitivity::default()).anomalies;
    assert!(normal.len() <= 20, "{}", normal.len());
    for point in points.iter_mut().skip(500 * 4).filter(|point| *point.sensor_id == names[1]) {
        // Usual by itself: a third of a standard deviation of the sensor, but against the others.
        point.value += 8.0;
    }
    let alone: Vec<Point<'_>> = points.iter().copied().filter(|point| *point.sensor_id == names[1]).collect();
    assert!(detect(&[], &alone, Sensitivity::default()).anomalies.len() <= 30);
    let found = detect(&[], &points, Sensitivity::default()).anomalies;
    let parted: Vec<&Anomaly> = found.iter().filter(|anomaly| anomaly.finding.kind == Kind::Multivariate).collect();
    assert!(parted.len() > 200, "{}", parted.len());
    let named = parted.iter().filter(|anomaly| anomaly.sensor_id == names[1]).count();
    assert!(named * 2 > parted.len(), "{named} of {}", parted.len());
    assert!(parted.iter().all(|anomaly| anomaly.timestamp >= seconds(480)));
}

#[test]
fn a_batch_is_sorted_keeps_its_places_and_counts_the_last_of_repeated_readings() {
    let names = [sensor(0)];
    let mut values = some_noise(12, 300);
    values[250] = 40.0;
    let point =
        |(place, value): (usize, &f64)| Point { sensor_id: &names[0], timestamp: seconds(place), value: *value };
    let points: Vec<Point<'_>> = values.iter().enumerate().map(point).collect();
    let forwards = detect(&[], &points, Sensitivity::default());
    assert_eq!(forwards.anomalies.iter().map(|anomaly| anomaly.index).collect::<Vec<_>>(), [250]);
    assert!(forwards.judged < 300 && forwards.judged > 250);
    let mut turned: Vec<Point<'_>> = points.iter().rev().copied().collect();
    let found = detect(&[], &turned, Sensitivity::default());
    assert_eq!(found.anomalies.iter().map(|anomaly| anomaly.index).collect::<Vec<_>>(), [49]);
    turned.push(Point { value: 0.0, ..turned[49] });
    assert_eq!(detect(&[], &turned, Sensitivity::default()).anomalies, []);
}

#[test]
fn context_is_learned_from_and_not_reported() {
    let names = [sensor(0)];
    let mut values = some_noise(13, 300);
    values[200] = 40.0;
    values[295] = 40.0;
    let point =
        |(place, value): (usize, &f64)| Point { sensor_id: &names[0], timestamp: seconds(place), value: *value };
    let points: Vec<Point<'_>> = values.iter().enumerate().map(point).collect();
    let (context, batch) = points.split_at(290);
    let found = detect(context, batch, Sensitivity::default());
    assert_eq!(found.anomalies.iter().map(|anomaly| anomaly.index).collect::<Vec<_>>(), [5]);
    assert_eq!(found.judged, 10);
    assert_eq!(detect(&[], batch, Sensitivity::default()).judged, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_the_readings_there_is_an_answer_and_more_sensitivity_flags_no_less(
        readings in prop::collection::vec((0..4_usize, time(), value()), 0..300),
        sensitivities in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let names: Vec<Identifier> = (0..4).map(sensor).collect();
        let points: Vec<Point<'_>> = readings
            .iter()
            .map(|(sensor, timestamp, value)| Point { sensor_id: &names[*sensor], timestamp: *timestamp, value: *value })
            .collect();
        nested(&points, sensitivities)?;
    }

    #[test]
    fn whatever_the_signal_more_sensitivity_flags_no_less(
        seed in any::<u32>(),
        shift in -10.0..10.0_f64,
        magnitude in -300..300_i32,
        sensitivities in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let names: Vec<Identifier> = (0..3).map(sensor).collect();
        let mut random = noise(seed);
        let scale = 10.0_f64.powi(magnitude);
        let points: Vec<Point<'_>> = (0..400)
            .flat_map(|place| names.iter().map(move |sensor_id| (place, sensor_id)))
            .map(|(place, sensor_id)| {
                let shift = if place > 250 { shift } else { 0.0 };
                Point { sensor_id, timestamp: seconds(place), value: (random() + shift) * scale }
            })
            .collect();
        nested(&points, sensitivities)?;
    }
}

/// What is flagged at the lower sensitivity is flagged alike at the higher; all that is said is finite.
fn nested(points: &[Point<'_>], (one, other): (f64, f64)) -> Result<(), TestCaseError> {
    let found = |sensitivity: f64| detect(&[], points, Sensitivity::new(sensitivity).unwrap());
    let (low, high) = (found(one.min(other)), found(one.max(other)));
    prop_assert_eq!(low.judged, high.judged);
    for anomaly in &low.anomalies {
        let same = high.anomalies.iter().find(|found| found.index == anomaly.index).map(|found| found.finding);
        prop_assert_eq!(
            same.map(|found| (found.kind, found.score)),
            Some((anomaly.finding.kind, anomaly.finding.score))
        );
    }
    for Anomaly { finding: Finding { score, severity, expected, .. }, .. } in high.anomalies {
        prop_assert!(score.is_finite() && (1..=5).contains(&severity), "{} {}", score, severity);
        prop_assert!(
            expected.low.is_finite() && expected.high.is_finite() && expected.low <= expected.high,
            "{:?}",
            expected
        );
    }
    Ok(())
}
