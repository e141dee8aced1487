//! Models other than the shipped one: hand-made ones whose explanations are known, and signed ones that were
//! made for other code.

use inference::{FailureModel, LoadError, MachineType, RawMachineState, RunError};
use serde_json::{Value, json};

use crate::{
    onnx::dense,
    release::{MODEL, ORDINARY, load, manifest},
};

/// Weights of the eight numbers of a row for the failure output; the other outputs are zero.
fn linear(weights: [f32; 8]) -> Vec<u8> {
    dense(&weights.map(|weight| vec![weight, 0.0, 0.0, 0.0, 0.0]), "Identity")
}

/// A linear model over a background of two machines, with the baseline that it has there.
fn loaded(weights: [f32; 8]) -> FailureModel {
    let background =
        [[1.0, 0.0, 0.0, 300.0, 310.0, 1000.0, 20.0, 0.0], [0.0, 1.0, 0.0, 300.0, 312.0, 2000.0, 40.0, 200.0]];
    let output = |row: &[f64; 8]| row.iter().zip(weights).map(|(value, weight)| value * f64::from(weight)).sum::<f64>();
    let mut manifest = manifest();
    manifest["baseline"] = json!(background.iter().map(output).sum::<f64>() / 2.0);
    manifest["background"] = json!(background);
    load(manifest, &linear(weights)).unwrap()
}

fn changed(pointer: &str, value: Value) -> LoadError {
    let mut manifest = manifest();
    *manifest.pointer_mut(pointer).unwrap() = value;
    load(manifest, MODEL).unwrap_err()
}

#[test]
fn a_linear_models_contributions_are_its_weights_times_the_distances_from_the_background_means() {
    let model = loaded([0.1, 0.2, 0.3, 0.0, 0.0, 1e-4, 1e-3, 1e-3]);
    let raw = RawMachineState { machine_type: MachineType::H, rotational_speed_rpm: 1700.0, ..ORDINARY };
    let explanation = model.explain(&model.accept(&raw).unwrap()).unwrap();
    let contributions = explanation.contributions;
    assert!((explanation.baseline_probability - 0.43).abs() < 1e-6);
    for (share, expected) in [
        (contributions.machine_type, 0.15),
        (contributions.rotational_speed_rpm, 0.02),
        (contributions.torque_nm, 0.01),
        (contributions.tool_wear_min, 0.0),
    ] {
        assert!((share - expected).abs() < 1e-6, "{share} and {expected}");
    }
}

#[test]
fn an_input_that_the_model_ignores_contributes_nothing_but_rounding() {
    let model = loaded([0.1, 0.2, 0.3, 0.0, 0.0, 1e-4, 0.0, 1e-3]);
    let raw = RawMachineState { torque_nm: 119.0, air_temperature_k: 290.0, ..ORDINARY };
    let contributions = model.explain(&model.accept(&raw).unwrap()).unwrap().contributions;
    assert!(contributions.torque_nm.abs() < 1e-7 && contributions.air_temperature_k.abs() < 1e-7);
}

#[test]
fn an_input_equal_to_every_background_row_contributes_nothing_but_rounding() {
    let model = loaded([0.0, 0.0, 0.0, 1e-3, 0.0, 0.0, 1e-3, 0.0]);
    let raw = RawMachineState { air_temperature_k: 300.0, torque_nm: 90.0, ..ORDINARY };
    let contributions = model.explain(&model.accept(&raw).unwrap()).unwrap().contributions;
    assert!(contributions.air_temperature_k.abs() < 1e-7);
    assert!(contributions.torque_nm > 0.05);
}

#[test]
fn outputs_past_the_ends_are_clamped_to_probabilities() {
    let model = loaded([0.5, 0.5, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let state = model.accept(&RawMachineState { machine_type: MachineType::H, ..ORDINARY }).unwrap();
    assert_eq!(model.predict(&state).unwrap().failure_probability, 1.0);
    let contributions = model.explain(&state).unwrap().contributions;
    assert!((contributions.machine_type - 0.5).abs() < 1e-9);
}

#[test]
fn a_model_that_answers_with_no_number_is_an_error_and_not_an_answer() {
    let mut manifest = manifest();
    manifest["background"] = json!([[1.0, 0.0, 0.0, 300.0, 310.0, 1500.0, 40.0, 100.0]]);
    manifest["baseline"] = json!(0.2);
    let root = |of_h: f32| {
        let weights = [0.04, 0.04, of_h, 0.0, 0.0, 0.0, 0.0, 0.0];
        dense(&weights.map(|weight| vec![weight, 0.04, 0.04, 0.04, 0.04]), "Sqrt")
    };
    let model = load(manifest.clone(), &root(-1.0)).unwrap();
    let state = |machine_type| model.accept(&RawMachineState { machine_type, ..ORDINARY }).unwrap();
    assert!((model.predict(&state(MachineType::M)).unwrap().failure_probability - 0.2).abs() < 1e-6);
    assert_eq!(model.predict(&state(MachineType::H)), Err(RunError::NotANumber));
    assert_eq!(model.explain(&state(MachineType::H)), Err(RunError::NotANumber));

    // The background itself shows it: such a model is not even loaded.
    manifest["background"] = json!([[0.0, 0.0, 1.0, 300.0, 310.0, 1500.0, 40.0, 100.0]]);
    assert_eq!(load(manifest, &root(-1.0)).unwrap_err(), LoadError::Baseline);
}

#[test]
fn a_model_made_for_other_inputs_or_outputs_is_refused() {
    assert_eq!(changed("/input/width", json!(9)), LoadError::Input);
    assert_eq!(changed("/features/0/name", json!("air_temperature_c")), LoadError::Input);
    assert_eq!(changed("/categories", json!({})), LoadError::Input);
    assert_eq!(changed("/categories/machine_type", json!(["L", "H", "M"])), LoadError::Input);
    assert_eq!(changed("/categories", json!({"machine_type": ["L", "M", "H"], "site": ["A"]})), LoadError::Input);
    assert_eq!(changed("/output/labels/1", json!("wear")), LoadError::Output);
    let mut reordered = manifest();
    reordered["features"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(load(reordered, MODEL).unwrap_err(), LoadError::Input);
    let mut fewer = manifest();
    fewer["features"].as_array_mut().unwrap().pop();
    assert_eq!(load(fewer, MODEL).unwrap_err(), LoadError::Input);
}

#[test]
fn a_manifest_with_impossible_numbers_is_refused() {
    assert_eq!(changed("/threshold", json!(1.5)), LoadError::Threshold);
    assert_eq!(changed("/baseline", json!(-0.1)), LoadError::Threshold);
    assert_eq!(changed("/features/2/maximum", json!(0.0)), LoadError::Ranges);
    assert_eq!(changed("/background", json!([])), LoadError::Background);
    assert_eq!(changed("/background/0", json!([1.0, 0.0])), LoadError::Background);
    assert_eq!(changed("/background/0/1", json!(0.5)), LoadError::Background);
    assert_eq!(changed("/in_distribution/mean", json!([1.0])), LoadError::InDistribution);
    assert_eq!(changed("/in_distribution/inverse_covariance", json!([[1.0]])), LoadError::InDistribution);
}

#[test]
fn a_model_that_does_not_reproduce_its_signed_baseline_is_refused() {
    let signed = manifest()["baseline"].as_f64().unwrap();
    assert_eq!(changed("/baseline", json!(signed + 1e-4)), LoadError::Baseline);
}

#[test]
fn a_graph_with_other_names_or_shapes_is_refused() {
    let refused = |manifest, model: &[u8]| matches!(load(manifest, model), Err(LoadError::Graph(_)));
    assert!(refused(manifest(), &dense(&vec![vec![0.0; 5]; 9], "Identity")));
    assert!(refused(manifest(), &dense(&vec![vec![0.0; 4]; 8], "Identity")));
    let mut other = manifest();
    other["input"]["name"] = json!("nothing");
    assert!(refused(other, MODEL));
    let mut other = manifest();
    other["output"]["name"] = json!("nothing");
    assert!(refused(other, MODEL));
    assert!(refused(manifest(), b"not a model"));
    assert!(refused(manifest(), b""));
}
