//! The shipped remaining-life model.

use std::sync::LazyLock;

use inference::{MOST_CYCLES, RawCycle, RulModel};
use proptest::prelude::*;
use schemars::schema_for;
use serde::Deserialize;
use serde_json::json;

use crate::rul_release::{engine, shipped};

static MODEL: LazyLock<RulModel> = LazyLock::new(shipped);

#[derive(Deserialize)]
struct Golden {
    tolerance: f64,
    sha256: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    cycles: Vec<RawCycle>,
    remaining_cycles: f64,
    low: f64,
    high: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../../infra/models/rul/golden.json")).unwrap()
}

fn predict(cycles: &[RawCycle]) -> inference::RemainingLife {
    MODEL.predict(&MODEL.accept(cycles).unwrap()).unwrap()
}

fn told(cycles: &[RawCycle]) -> Vec<(String, String)> {
    let violations = MODEL.accept(cycles).unwrap_err();
    violations.into_iter().map(|v| (v.pointer, v.code.into_owned())).collect()
}

fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

/// Any engine that is accepted: values from the whole of their ranges, cycles with gaps.
fn engines() -> impl Strategy<Value = Vec<RawCycle>> {
    let channel = |index: usize| {
        let feature = &MODEL.manifest().features[index];
        feature.minimum..=feature.maximum
    };
    let settings: [_; 3] = std::array::from_fn(|index| channel(1 + index));
    let sensors: Vec<_> = (0..21).map(|index| channel(4 + index)).collect();
    let reading = (1_u32..=200, settings, sensors);
    prop::collection::vec(reading, 1..=MOST_CYCLES).prop_map(|readings| {
        let mut cycle = 0;
        let mut next = |(step, settings, sensors): (u32, [f64; 3], Vec<f64>)| {
            cycle += step;
            RawCycle { cycle, settings, sensors: sensors.try_into().unwrap() }
        };
        readings.into_iter().map(&mut next).collect()
    })
}

#[test]
fn every_golden_answer_is_the_one_the_training_script_got() {
    let golden = golden();
    assert_eq!(golden.sha256, MODEL.manifest().sha256.to_string());
    assert!(golden.cases.len() >= 14);
    for case in &golden.cases {
        let life = predict(&case.cycles);
        for (got, expected) in
            [(life.remaining_cycles, case.remaining_cycles), (life.low, case.low), (life.high, case.high)]
        {
            assert!((got - expected).abs() <= golden.tolerance, "{} readings: {got}, {expected}", case.cycles.len());
        }
    }
}

#[test]
fn the_golden_answers_are_of_worn_and_of_fresh_engines_with_and_without_missing_cycles() {
    let cases = golden().cases;
    assert!(cases.iter().any(|case| case.remaining_cycles < 30.0));
    assert!(cases.iter().any(|case| case.remaining_cycles > 100.0));
    let gaps = |case: &&Case| case.cycles.windows(2).any(|pair| pair[1].cycle - pair[0].cycle > 1);
    assert!(cases.iter().filter(gaps).count() >= 2);
    assert!(cases.iter().any(|case| case.cycles.len() == 1));
    assert!(cases.iter().any(|case| case.cycles.len() == MOST_CYCLES));
}

#[test]
fn an_engine_that_wears_has_less_and_less_left() {
    let lives: Vec<_> = [0.0, 0.3, 0.6, 0.9].map(|wear| predict(&engine(150, 50, wear)).remaining_cycles).into();
    assert!(lives.is_sorted_by(|one, next| one > next), "{lives:?}");
    assert!(lives[0] > 90.0 && lives[3] < 40.0, "{lives:?}");
}

#[test]
fn more_cycles_make_a_narrower_interval() {
    let width = |cycles| {
        let life = predict(&engine(150, cycles, 0.6));
        life.high - life.low
    };
    assert!(width(50) < width(10) && width(10) < width(1) + 5.0, "{} {} {}", width(50), width(10), width(1));
}

#[test]
fn readings_older_than_the_window_change_nothing() {
    let mut cycles = engine(150, 50, 0.5);
    for cycle in &mut cycles[..10] {
        cycle.cycle -= 50;
        cycle.sensors[2] += 5.0;
    }
    assert_eq!(predict(&cycles), predict(&cycles[10..]));
}

#[test]
fn an_engine_unlike_those_of_the_training_data_is_answered_and_marked() {
    let usual = engine(150, 30, 0.4);
    assert!(predict(&usual).in_distribution);
    // Another operating condition.
    let mut climbing = usual.clone();
    for cycle in &mut climbing {
        cycle.settings = [35.0, 0.84, 100.0];
        cycle.sensors[0] = 449.44;
    }
    // A channel that never changes.
    let mut other = usual.clone();
    for cycle in &mut other {
        cycle.sensors[17] = 2223.0;
    }
    // Far older than any.
    let mut old = usual;
    for cycle in &mut old {
        cycle.cycle += 5000;
    }
    for strange in [climbing, other, old] {
        let life = predict(&strange);
        assert!(!life.in_distribution);
        assert!((0.0..=125.0).contains(&life.remaining_cycles));
    }
}

#[test]
fn every_bad_number_is_named_with_its_place_and_never_with_the_value() {
    let mut cycles = engine(150, 5, 0.4);
    cycles[3].sensors[2] = -1e300;
    cycles[1].settings[0] = 987_654.0;
    let told = MODEL.accept(&cycles).unwrap_err();
    let told: Vec<_> = told.iter().map(|v| (v.pointer.as_str(), v.code.as_ref(), v.message.as_ref())).collect();
    assert_eq!(
        told,
        [
            ("/cycles/1/settings/0", "out_of_range", "must be between -5 and 60 kft"),
            ("/cycles/3/sensors/2", "out_of_range", "must be between 800 and 2200 degR"),
        ]
    );
}

#[test]
fn the_ends_of_a_range_are_in_it_and_the_next_numbers_are_not() {
    for (sensor, feature) in MODEL.manifest().features[4..].iter().enumerate() {
        let accepts = |value: f64| {
            let mut cycles = engine(150, 2, 0.4);
            cycles[1].sensors[sensor] = value;
            MODEL.accept(&cycles).map(|_| ()).map_err(|violations| violations[0].pointer.clone())
        };
        assert_eq!([accepts(feature.minimum), accepts(feature.maximum)], [Ok(()), Ok(())]);
        for value in [feature.minimum.next_down(), feature.maximum.next_up(), f64::MAX, f64::NAN, f64::INFINITY] {
            assert_eq!(accepts(value), Err(format!("/cycles/1/sensors/{sensor}")), "{value}");
        }
    }
}

#[test]
fn cycles_start_at_one_increase_strictly_and_may_be_missing() {
    let numbered = |numbers: &[u32]| {
        let template = engine(150, 1, 0.4)[0];
        numbers.iter().map(|&cycle| RawCycle { cycle, ..template }).collect::<Vec<_>>()
    };
    assert!(MODEL.accept(&numbered(&[1, 2, 7, 40])).is_ok());
    assert_eq!(told(&numbered(&[0, 1])), named(&[("/cycles/0/cycle", "out_of_range")]));
    assert_eq!(told(&numbered(&[3, 3])), named(&[("/cycles/1/cycle", "not_increasing")]));
    assert_eq!(
        told(&numbered(&[9, 2, 3, 10])),
        named(&[("/cycles/1/cycle", "not_increasing"), ("/cycles/2/cycle", "not_increasing")])
    );
    assert_eq!(told(&numbered(&[u32::MAX])), named(&[("/cycles/0/cycle", "out_of_range")]));
}

#[test]
fn an_engine_has_one_to_fifty_cycles() {
    assert_eq!(told(&[]), named(&[("/cycles", "too_few")]));
    assert!(MODEL.accept(&engine(150, 50, 0.4)).is_ok());
    assert_eq!(told(&engine(150, 51, 0.4)), named(&[("/cycles", "too_many")]));
}

#[test]
fn a_cycle_with_a_missing_an_unknown_or_a_mistyped_field_is_not_one() {
    let good = json!({"cycle": 1, "settings": [0, 0, 100], "sensors": vec![1.5; 21]});
    let parses = |value: &serde_json::Value| serde_json::from_str::<RawCycle>(&value.to_string()).is_ok();
    assert!(parses(&good));
    for (field, bad) in [
        ("cycle", json!(-1)),
        ("cycle", json!(1.5)),
        ("cycle", json!("1")),
        ("settings", json!([0, 0])),
        ("settings", json!([0, 0, 0, 0])),
        ("sensors", json!(vec![1.5; 20])),
        ("sensors", json!(vec![1.5; 22])),
        ("sensors", json!(null)),
        ("unit", json!(1)),
    ] {
        let mut value = good.clone();
        value[field] = bad;
        assert!(!parses(&value), "{field}");
    }
}

#[test]
fn the_schema_of_a_cycle_is_closed_and_says_how_many_numbers_there_are() {
    let schema = serde_json::to_value(schema_for!(RawCycle)).unwrap();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["required"], json!(["cycle", "settings", "sensors"]));
    for (field, length) in [("settings", 3), ("sensors", 21)] {
        let property = &schema["properties"][field];
        assert_eq!((&property["minItems"], &property["maxItems"]), (&json!(length), &json!(length)));
    }
}

#[test]
fn the_same_window_gets_the_same_answer_to_the_last_bit_in_every_thread_and_process() {
    let cycles = engine(120, 40, 0.5);
    let expected = predict(&cycles);
    std::thread::scope(|scope| {
        let other = || shipped().predict(&MODEL.accept(&cycles).unwrap()).unwrap();
        let others: Vec<_> = (0..4).map(|_| scope.spawn(other)).collect();
        for other in others {
            assert_eq!(other.join().unwrap(), expected);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_interval_holds_the_answer_and_stays_within_zero_and_the_longest_life(cycles in engines()) {
        let life = predict(&cycles);
        prop_assert!(0.0 <= life.low && life.low <= life.remaining_cycles);
        prop_assert!(life.remaining_cycles <= life.high && life.high <= MODEL.manifest().longest);
        prop_assert_eq!(life.coverage, 0.9);
    }
}
