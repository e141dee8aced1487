//! The shipped model.

use std::sync::LazyLock;

use inference::{Contributions, FailureModel, MachineState, MachineType, RawMachineState};
use proptest::prelude::*;
use schemars::schema_for;
use serde::Deserialize;
use serde_json::json;

use crate::release::{ORDINARY, decode, shipped};

static MODEL: LazyLock<FailureModel> = LazyLock::new(shipped);

#[derive(Deserialize)]
struct Golden {
    tolerance: f64,
    sha256: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    features: Vec<f64>,
    probabilities: [f64; 5],
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../../infra/models/failure/golden.json")).unwrap()
}

fn accept(raw: RawMachineState) -> MachineState {
    MODEL.accept(&raw).unwrap()
}

fn shares(contributions: &Contributions) -> [f64; 6] {
    let Contributions {
        machine_type,
        air_temperature_k,
        process_temperature_k,
        rotational_speed_rpm,
        torque_nm,
        tool_wear_min,
    } = *contributions;
    [machine_type, air_temperature_k, process_temperature_k, rotational_speed_rpm, torque_nm, tool_wear_min]
}

fn states() -> impl Strategy<Value = RawMachineState> {
    let machine_type = prop_oneof![Just(MachineType::L), Just(MachineType::M), Just(MachineType::H)];
    let [air, process, speed, torque, wear] = std::array::from_fn(|feature| {
        let feature = &MODEL.manifest().features[feature];
        feature.minimum..=feature.maximum
    });
    (machine_type, air, process, speed, torque, wear).prop_map(
        |(machine_type, air_temperature_k, process_temperature_k, rotational_speed_rpm, torque_nm, tool_wear_min)| {
            RawMachineState {
                machine_type,
                air_temperature_k,
                process_temperature_k,
                rotational_speed_rpm,
                torque_nm,
                tool_wear_min,
            }
        },
    )
}

#[test]
fn every_golden_answer_is_the_one_the_training_script_got() {
    let golden = golden();
    assert_eq!(golden.sha256, MODEL.manifest().sha256.to_string());
    assert!(golden.cases.len() >= 48);
    for Case { features, probabilities } in &golden.cases {
        let prediction = MODEL.predict(&accept(decode(features))).unwrap();
        let modes = prediction.modes;
        let answer =
            [prediction.failure_probability, modes.tool_wear, modes.heat_dissipation, modes.power, modes.overstrain];
        for (got, expected) in answer.iter().zip(probabilities) {
            assert!((got - expected).abs() <= golden.tolerance, "{features:?}: {answer:?} and {probabilities:?}");
        }
        assert_eq!(prediction.will_fail, prediction.failure_probability >= MODEL.manifest().threshold);
    }
}

#[test]
fn the_golden_answers_are_on_both_sides_of_the_decision() {
    let decide = |case: &Case| MODEL.predict(&accept(decode(&case.features))).unwrap().will_fail;
    let fail = golden().cases.iter().filter(|case| decide(case)).count();
    assert!((10..golden().cases.len() - 10).contains(&fail), "{fail}");
}

#[test]
fn each_number_out_of_its_range_is_named_with_the_range_and_never_with_the_value() {
    let raw = RawMachineState { air_temperature_k: -987.654, tool_wear_min: 987_654.0, ..ORDINARY };
    let violations = MODEL.accept(&raw).unwrap_err();
    let told: Vec<_> = violations.iter().map(|v| (v.pointer.as_str(), v.code.as_ref(), v.message.as_ref())).collect();
    assert_eq!(
        told,
        [
            ("/air_temperature_k", "out_of_range", "must be between 285 and 315 K"),
            ("/tool_wear_min", "out_of_range", "must be between 0 and 300 min"),
        ]
    );
}

#[test]
fn the_ends_of_a_range_are_in_it_and_the_next_numbers_are_not() {
    type Field = fn(&mut RawMachineState) -> &mut f64;
    let fields: [Field; 5] = [
        |raw| &mut raw.air_temperature_k,
        |raw| &mut raw.process_temperature_k,
        |raw| &mut raw.rotational_speed_rpm,
        |raw| &mut raw.torque_nm,
        |raw| &mut raw.tool_wear_min,
    ];
    for (field, feature) in fields.iter().zip(&MODEL.manifest().features) {
        let accepts = |value: f64| {
            let mut raw = ORDINARY;
            *field(&mut raw) = value;
            MODEL.accept(&raw).map(|_| ()).map_err(|violations| violations[0].pointer.clone())
        };
        assert_eq!([accepts(feature.minimum), accepts(feature.maximum)], [Ok(()), Ok(())]);
        let outside = [feature.minimum.next_down(), feature.maximum.next_up(), 1e39, -1e39, f64::MAX];
        for value in outside.into_iter().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]) {
            assert_eq!(accepts(value), Err(format!("/{}", feature.name)), "{value}");
        }
    }
}

#[test]
fn values_in_range_in_a_combination_never_seen_are_answered_and_marked() {
    assert!(MODEL.predict(&accept(ORDINARY)).unwrap().in_distribution);
    // A process cooler than the air around it.
    let odd = RawMachineState { air_temperature_k: 314.0, process_temperature_k: 296.0, ..ORDINARY };
    assert!(!MODEL.predict(&accept(odd)).unwrap().in_distribution);
}

#[test]
fn an_input_at_the_means_of_the_training_data_is_the_most_familiar_one() {
    let manifest::InDistribution::Mahalanobis { mean, .. } = &MODEL.manifest().in_distribution else {
        panic!("another kind");
    };
    let row = [&[0.0, 1.0, 0.0], mean.as_slice()].concat();
    assert!(MODEL.predict(&accept(decode(&row))).unwrap().in_distribution);
}

#[test]
fn the_machine_type_changes_the_answer_and_so_it_gets_a_share() {
    const SLOW: RawMachineState = RawMachineState { rotational_speed_rpm: 1300.0, ..ORDINARY };
    let strained = |machine_type| {
        let raw = RawMachineState { machine_type, torque_nm: 60.0, tool_wear_min: 195.0, ..SLOW };
        MODEL.explain(&accept(raw)).unwrap().contributions.machine_type
    };
    // 11,700 Nm min: too much for class L, not for class H.
    assert!(strained(MachineType::L) > strained(MachineType::H) + 0.1);
}

#[test]
fn the_explanation_of_a_failure_names_its_cause() {
    let overpowered = RawMachineState { torque_nm: 75.0, rotational_speed_rpm: 1300.0, ..ORDINARY };
    let worn = RawMachineState { tool_wear_min: 250.0, torque_nm: 50.0, ..ORDINARY };
    for (raw, cause) in [(overpowered, 4), (worn, 5)] {
        let state = accept(raw);
        assert!(MODEL.predict(&state).unwrap().will_fail, "{raw:?}");
        let shares = shares(&MODEL.explain(&state).unwrap().contributions);
        assert!(shares[cause] > 0.2, "{shares:?}");
    }
}

#[test]
fn the_same_state_gets_the_same_answer_to_the_last_bit_in_every_thread_and_process() {
    let state = accept(RawMachineState { torque_nm: 62.0, tool_wear_min: 200.0, ..ORDINARY });
    let answer = |model: &FailureModel| (model.predict(&state).unwrap(), model.explain(&state).unwrap());
    let expected = answer(&MODEL);
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..4).map(|_| scope.spawn(|| (answer(&MODEL), answer(&shipped())))).collect();
        for other in others {
            assert_eq!(other.join().unwrap(), (expected, expected));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_sum_to_the_prediction_minus_the_baseline(raw in states()) {
        let state = accept(raw);
        let explanation = MODEL.explain(&state).unwrap();
        let sum: f64 = shares(&explanation.contributions).iter().sum();
        let prediction = MODEL.predict(&state).unwrap().failure_probability;
        prop_assert!((sum - (prediction - explanation.baseline_probability)).abs() < 1e-6);
        prop_assert_eq!(explanation.baseline_probability, MODEL.baseline());
    }

    #[test]
    fn every_probability_is_one_and_failing_is_never_less_likely_than_failing_in_one_way(raw in states()) {
        let prediction = MODEL.predict(&accept(raw)).unwrap();
        let modes = prediction.modes;
        for mode in [modes.tool_wear, modes.heat_dissipation, modes.power, modes.overstrain] {
            prop_assert!((0.0..=1.0).contains(&mode));
            prop_assert!(mode <= prediction.failure_probability + 1e-6);
        }
        prop_assert!((0.0..=1.0).contains(&prediction.failure_probability));
    }
}

#[test]
fn a_request_with_a_missing_an_unknown_or_a_mistyped_field_is_not_a_state() {
    let good = json!({"machine_type": "L", "air_temperature_k": 300, "process_temperature_k": 310.5,
        "rotational_speed_rpm": 1500, "torque_nm": 40, "tool_wear_min": 0});
    let parses = |value: &serde_json::Value| serde_json::from_str::<RawMachineState>(&value.to_string()).is_ok();
    assert!(parses(&good));
    for field in good.as_object().unwrap().keys() {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(field);
        assert!(!parses(&bad), "{field}");
        bad[field] = json!(null);
        assert!(!parses(&bad), "{field}");
        bad[field] = json!("300");
        assert!(!parses(&bad), "{field}");
    }
    let mut bad = good.clone();
    bad["torque"] = json!(1);
    assert!(!parses(&bad));
    for machine_type in ["l", "X", "", "Ｌ", "LM"] {
        bad = good.clone();
        bad["machine_type"] = json!(machine_type);
        assert!(!parses(&bad), "{machine_type}");
    }
}

#[test]
fn the_schema_of_a_state_is_closed_and_documents_every_unit() {
    let schema = serde_json::to_value(schema_for!(RawMachineState)).unwrap();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["required"].as_array().unwrap().len(), 6);
    for (field, unit) in [
        ("air_temperature_k", "kelvin"),
        ("process_temperature_k", "kelvin"),
        ("rotational_speed_rpm", "revolutions per minute"),
        ("torque_nm", "newton metres"),
        ("tool_wear_min", "minutes"),
    ] {
        let property = &schema["properties"][field];
        assert_eq!(property["type"], "number");
        assert!(property["description"].as_str().unwrap().contains(unit), "{field}");
    }
}
