use jiff::{SignedDuration, Timestamp};
use maintenance::{Baseline, Drift, DriftRules, Sample, drift};
use proptest::prelude::*;
use serde::Deserialize;

use crate::some::{SECOND, at};

#[derive(Deserialize)]
struct Golden {
    name: String,
    recent: Values,
    preceding: Values,
    ks_statistic: f64,
    p_value: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Written(Vec<f64>),
    Recipe { count: u32, step: u32, modulus: u32, shift: f64 },
}

impl Values {
    fn all(&self) -> Vec<f64> {
        match *self {
            Self::Written(ref values) => values.clone(),
            Self::Recipe { count, step, modulus, shift } => {
                (0..count).map(|i| f64::from(i * step % modulus) + shift).collect()
            }
        }
    }
}

const ANY: DriftRules = DriftRules { p_value_threshold: 0.05, min_samples: 1 };

/// One value a second.
fn every_second(values: &[f64]) -> Vec<Sample> {
    let values = (0..).zip(values);
    values.map(|(second, value)| Sample { timestamp: at(second * SECOND), value: *value, quality: None }).collect()
}

fn baseline(values: &[f64]) -> Baseline {
    Baseline::new(at(0), at(1), &every_second(values), SignedDuration::from_secs(100))
}

fn bits(drift: &Drift) -> [Option<u64>; 3] {
    [drift.ks_statistic, drift.p_value, drift.psi].map(|number| number.map(f64::to_bits))
}

#[test]
fn statistic_and_p_value_are_those_of_scipy() {
    let cases: Vec<Golden> = serde_json::from_str(include_str!("../golden/drift.json")).unwrap();
    assert!(cases.len() > 20);
    for Golden { name, recent, preceding, ks_statistic, p_value } in cases {
        let (recent, preceding) = (recent.all(), preceding.all());
        let found = drift(&recent, &preceding, ANY);
        let exact = recent.len().max(preceding.len()) <= 10_000;
        let tolerance = if exact { 1e-9 } else { 1e-2 };
        assert!((found.ks_statistic.unwrap() - ks_statistic).abs() < 1e-14, "{name}: {found:?}");
        assert!((found.p_value.unwrap() / p_value - 1.0).abs() < tolerance, "{name}: {found:?}, not {p_value}");
        assert_eq!(found.drift_detected, p_value < 0.05, "{name}");
        // Either may be the recent one.
        let back = drift(&preceding, &recent, ANY);
        assert_eq!((back.ks_statistic, back.p_value), (found.ks_statistic, found.p_value), "{name}");
    }
}

#[test]
fn too_few_values_on_either_side_are_said_and_not_judged() {
    let rules = DriftRules { p_value_threshold: 1.0, min_samples: 10 };
    for (recent, earlier) in [(9, 500), (500, 9), (0, 0), (9, 9)] {
        let found = drift(&vec![1.0; recent], &vec![2.0; earlier], rules);
        assert!(found.insufficient_data && !found.drift_detected);
        assert_eq!((found.recent_count, found.baseline_count), (recent as u64, earlier as u64));
        let answer = serde_json::to_value(found).unwrap();
        assert!(["ks_statistic", "p_value", "psi"].iter().all(|name| answer[name].is_null()), "{answer}");
    }
    assert!(!drift(&[1.0; 10], &[2.0; 10], rules).insufficient_data);
    assert!(drift(&[], &[], DriftRules { min_samples: 0, ..rules }).insufficient_data);
}

#[test]
fn the_stability_index_is_the_sum_over_the_deciles() {
    let earlier: Vec<f64> = (0..100).map(f64::from).collect();
    // Of ten equal bins the lower five are empty now, which count as half a value of the smaller sample, and the
    // upper five hold a fifth each.
    let recent: Vec<f64> = (50..100).map(f64::from).collect();
    let expected = 5.0 * ((0.01 - 0.1) * (0.01_f64 / 0.1).ln() + (0.2 - 0.1) * (0.2_f64 / 0.1).ln());
    let psi = drift(&recent, &earlier, ANY).psi.unwrap();
    assert!((psi - expected).abs() < 1e-12, "{psi}");
    assert_eq!(drift(&earlier, &earlier, ANY).psi, Some(0.0));
}

#[test]
fn a_constant_signal_that_moves_either_way_has_shifted_and_one_that_stays_has_not() {
    let constant = vec![5.0; 60];
    for moved in [4.999, 5.001, -5.0, 1e300, -f64::MAX] {
        let found = drift(&vec![moved; 60], &constant, DriftRules::default());
        assert!(found.drift_detected && found.psi.unwrap() > 0.25, "{found:?}");
    }
    let same = drift(&constant, &constant, DriftRules::default());
    assert_eq!((same.ks_statistic, same.p_value, same.psi), (Some(0.0), Some(1.0), Some(0.0)));
    let zeros = drift(&[0.0, -0.0, 0.0], &[-0.0, -0.0], ANY);
    assert_eq!((zeros.ks_statistic, zeros.psi), (Some(0.0), Some(0.0)));
}

#[test]
fn a_baseline_of_many_values_is_small_and_nearly_as_good_as_all_of_them() {
    let recipe = |count, step, shift| Values::Recipe { count, step, modulus: 30_011, shift }.all();
    let earlier = recipe(20_000, 7_919, 0.0);
    let kept = baseline(&earlier);
    let stored = serde_json::to_string(&kept).unwrap();
    assert!(stored.len() < 8_000, "{} bytes", stored.len());
    assert_eq!(kept.count(), 20_000);
    assert_eq!(kept.period(), (at(0), at(1)));
    for shift in [0.0, 400.0, 3_000.0, -9_000.0, 1e9] {
        let recent = recipe(1_000, 104_729, shift);
        let (all, sketch) = (drift(&recent, &earlier, ANY), kept.drift(&recent, ANY));
        let lost = all.ks_statistic.unwrap() - sketch.ks_statistic.unwrap();
        assert!((0.0..=1.0 / 120.0).contains(&lost), "{shift}: {lost}");
        assert!(sketch.p_value >= all.p_value);
        assert_eq!((sketch.psi, sketch.baseline_count), (all.psi, all.baseline_count));
    }
}

#[test]
fn a_stored_baseline_that_no_sample_has_is_refused() {
    let stored = |knots: &str| {
        format!(r#"{{"from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z","usual":0.5,"knots":{knots}}}"#)
    };
    let read = |knots: &str| serde_json::from_str::<Baseline>(&stored(knots));
    let whole = read(r#"[{"value":1,"below":0,"through":2},{"value":2,"below":5,"through":6}]"#).unwrap();
    assert_eq!((whole.count(), whole.period().0), (6, "2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap()));
    assert!(read("[]").unwrap().drift(&[1.0], ANY).insufficient_data);
    for wrong in [
        r#"[{"value":1,"below":1,"through":2}]"#,
        r#"[{"value":1,"below":0,"through":0}]"#,
        r#"[{"value":2,"below":0,"through":2},{"value":1,"below":2,"through":3}]"#,
        r#"[{"value":1,"below":0,"through":2},{"value":2,"below":1,"through":3}]"#,
        r#"[{"value":1,"below":0,"through":18446744073709551615}]"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_wandering_sensor_drifts_by_the_plain_test_and_is_unusual_only_when_it_leaves_its_range() {
    // Two slow waves without a common period: every window differs from the whole.
    let wander = |second: i64| (second as f64 / 61.0).sin() + (second as f64 / 237.0).sin();
    let values: Vec<f64> = (0..6_000).map(wander).collect();
    let kept = baseline(&values);
    let checks = |shift: f64| {
        let windows = (60..80).map(|window| (100 * window..100 * (window + 1)).map(|second| wander(second) + shift));
        let checks: Vec<Drift> = windows.map(|window| kept.drift(&window.collect::<Vec<_>>(), ANY)).collect();
        let unusual = checks.iter().filter(|check| kept.is_unusual(check)).count();
        (checks.iter().filter(|check| check.drift_detected).count(), unusual)
    };
    let (drifting, unusual) = checks(0.0);
    assert!(drifting >= 19 && unusual <= 2, "{drifting} and {unusual} of 20");
    assert_eq!(checks(4.0), (20, 20));
    // Nine windows are too few to tell.
    let short = baseline(&values[..900]);
    assert!(!short.is_unusual(&short.drift(&[100.0; 50], ANY)));
}

/// Few different values, so that ties abound, beside any finite ones.
fn values(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let one = prop_oneof![
        (-4..4_i8).prop_map(f64::from),
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE / 4.0),
    ];
    prop::collection::vec(one, 1..most)
}

proptest! {
    #[test]
    fn the_comparison_is_finite_and_depends_on_neither_order_nor_scale(recent in values(60), earlier in values(60)) {
        let found = drift(&recent, &earlier, ANY);
        let (distance, p_value, psi) = (found.ks_statistic.unwrap(), found.p_value.unwrap(), found.psi.unwrap());
        prop_assert!((0.0..=1.0).contains(&distance) && (0.0..=1.0).contains(&p_value));
        prop_assert!(psi >= 0.0 && psi.is_finite());
        let turned = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        prop_assert_eq!(bits(&drift(&turned(&recent), &turned(&earlier), ANY)), bits(&found));
        // A power of two that neither overflows nor loses a digit of these.
        let mild = |values: &[f64], factor: f64| {
            values.iter().filter(|value| value.abs() < 1e9).map(|value| value * factor).collect::<Vec<_>>()
        };
        let small = drift(&mild(&recent, 1.0), &mild(&earlier, 1.0), ANY);
        let large = drift(&mild(&recent, 8.0), &mild(&earlier, 8.0), ANY);
        prop_assert_eq!(bits(&large), bits(&small));
    }

    #[test]
    fn a_baseline_survives_storage_and_never_exaggerates(recent in values(60), earlier in values(400)) {
        let kept = baseline(&earlier);
        let back: Baseline = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        prop_assert_eq!(&back, &kept);
        let (all, sketch) = (drift(&recent, &earlier, ANY), back.drift(&recent, ANY));
        let lost = all.ks_statistic.unwrap() - sketch.ks_statistic.unwrap();
        prop_assert!((-1e-12..=1.0 / 120.0).contains(&lost), "{}", lost);
        prop_assert_eq!(all.psi, sketch.psi);
    }
}
