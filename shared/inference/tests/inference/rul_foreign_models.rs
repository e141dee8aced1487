//! Remaining-life models other than the shipped one: hand-made ones whose answers are known, and signed ones that
//! were made for other code.

use inference::{LoadError, RulModel, RunError};
use serde_json::{Value, json};

use crate::{
    onnx::dense,
    rul_release::{MODEL, engine, load, manifest},
};

const WIDTH: usize = 31;
/// Where the last cycle and the number of readings are in a row.
const LAST: usize = 28;
const READINGS: usize = 29;

fn changed(pointer: &str, value: Value) -> LoadError {
    let mut manifest = manifest();
    *manifest.pointer_mut(pointer).unwrap() = value;
    load(manifest, MODEL).unwrap_err()
}

/// A model of which each output is `weight` times one number of the row, and no correction but `corrections`.
fn picking(picks: [(usize, f32); 3], op: &str, corrections: &Value) -> Result<RulModel, LoadError> {
    let mut weights = vec![vec![0.0; 3]; WIDTH];
    for (output, (number, weight)) in picks.into_iter().enumerate() {
        weights[number][output] = weight;
    }
    let mut manifest = manifest();
    manifest["output"]["name"] = json!("probabilities");
    manifest["calibration"]["readings"] = json!([1, 10]);
    manifest["calibration"]["answers"] = json!([0.0, 50.0]);
    manifest["calibration"]["corrections"] = corrections.clone();
    load(manifest, &dense(&weights, op))
}

fn answer(model: &RulModel, last: u32, readings: u32) -> [f64; 3] {
    let life = model.predict(&model.accept(&engine(last, readings, 0.4)).unwrap()).unwrap();
    [life.remaining_cycles, life.low, life.high]
}

#[test]
fn the_correction_is_that_of_the_cell_of_readings_and_answer() {
    let corrections = json!([[1.0, 2.0], [3.0, 4.0]]);
    let model = picking([(LAST, 1.0), (LAST, 0.9), (LAST, 1.1)], "Identity", &corrections).unwrap();
    let close = |got: [f64; 3], expected: [f64; 3]| {
        assert!(got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-4), "{got:?} {expected:?}");
    };
    close(answer(&model, 40, 9), [40.0, 35.0, 45.0]);
    close(answer(&model, 60, 9), [60.0, 52.0, 68.0]);
    close(answer(&model, 40, 10), [40.0, 33.0, 47.0]);
    close(answer(&model, 50, 50), [50.0, 41.0, 59.0]);
}

#[test]
fn answers_are_clipped_to_the_longest_life_and_the_interval_always_holds_them() {
    let shrinking = json!([[-30.0, -30.0], [-30.0, -30.0]]);
    let model = picking([(LAST, 1.0), (LAST, 0.9), (LAST, 1.1)], "Identity", &shrinking).unwrap();
    assert_eq!(answer(&model, 40, 9), [40.0, 40.0, 40.0]);
    assert_eq!(answer(&model, 200, 9), [125.0, 125.0, 125.0]);
    let negative = picking([(LAST, -1.0), (READINGS, -1.0), (READINGS, -1.0)], "Identity", &shrinking).unwrap();
    assert_eq!(answer(&negative, 40, 9), [0.0, 0.0, 0.0]);
}

#[test]
fn a_model_that_answers_with_no_number_is_an_error_and_not_an_answer() {
    let zero = json!([[0.0, 0.0], [0.0, 0.0]]);
    let model = picking([(LAST, 1.0), (LAST, 1.0), (LAST, -1.0)], "Sqrt", &zero).unwrap();
    let window = model.accept(&engine(40, 9, 0.4)).unwrap();
    assert_eq!(model.predict(&window), Err(RunError::NotANumber));
}

#[test]
fn a_model_made_for_other_inputs_or_outputs_is_refused() {
    assert_eq!(changed("/input/width", json!(30)), LoadError::Input);
    assert_eq!(changed("/features/0/name", json!("age")), LoadError::Input);
    assert_eq!(changed("/window/cycles", json!(0)), LoadError::Input);
    assert_eq!(changed("/window/sensors", json!([2, 3])), LoadError::Input);
    for outside in [0, 22] {
        assert_eq!(changed("/window/sensors/0", json!(outside)), LoadError::Input);
    }
    assert_eq!(changed("/output/labels/1", json!("lowest")), LoadError::Output);
    let mut fewer = manifest();
    fewer["features"].as_array_mut().unwrap().pop();
    assert_eq!(load(fewer, MODEL).unwrap_err(), LoadError::Input);
}

#[test]
fn a_manifest_with_impossible_numbers_is_refused() {
    assert_eq!(changed("/features/2/maximum", json!(-100.0)), LoadError::Ranges);
    assert_eq!(changed("/features/2/maximum", json!(1e39)), LoadError::Ranges);
    assert_eq!(changed("/longest", json!(0.0)), LoadError::Ranges);
    for (pointer, value) in [
        ("/calibration/coverage", json!(1.5)),
        ("/calibration/readings/0", json!(2)),
        ("/calibration/readings/1", json!(1)),
        ("/calibration/answers/0", json!(1.0)),
        ("/calibration/answers/1", json!(0.0)),
        ("/calibration/corrections/0", json!([1.0])),
        ("/calibration/corrections", json!([])),
    ] {
        assert_eq!(changed(pointer, value), LoadError::Calibration, "{pointer}");
    }
    assert_eq!(changed("/in_distribution/mean", json!([1.0])), LoadError::InDistribution);
    assert_eq!(changed("/in_distribution/inverse_covariance", json!([[1.0]])), LoadError::InDistribution);
}

#[test]
fn a_graph_with_other_names_or_shapes_is_refused() {
    let refused = |manifest, model: &[u8]| matches!(load(manifest, model), Err(LoadError::Graph(_)));
    let mut named = manifest();
    named["output"]["name"] = json!("probabilities");
    assert!(refused(named.clone(), &dense(&vec![vec![0.0; 3]; WIDTH + 1], "Identity")));
    assert!(refused(named, &dense(&vec![vec![0.0; 2]; WIDTH], "Identity")));
    let mut other = manifest();
    other["input"]["name"] = json!("nothing");
    assert!(refused(other, MODEL));
    assert!(refused(manifest(), b"not a model"));
}
