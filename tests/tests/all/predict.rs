//! `POST /v1/predict`: the signed model's numbers, why, and how often one may ask.

use crate::world::{Answer, SHAPES, World, machine, root, text};
use kernel::Scope;
use palisade_local::host::Shape;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const INPUTS: [&str; 6] = [
    "machine_type",
    "air_temperature_k",
    "process_temperature_k",
    "rotational_speed_rpm",
    "torque_nm",
    "tool_wear_min",
];
const MODES: [&str; 4] = ["tool_wear", "heat_dissipation", "power", "overstrain"];
const JUDGED: [&str; 5] = ["failure_probability", "will_fail", "threshold", "failure_modes", "in_distribution"];
const EXPLAINED: [&str; 2] = ["contributions", "baseline_probability"];

async fn predict(world: &World, body: &Value) -> Answer {
    world.post("/v1/predict").key(&world.keys.all).json(body).send().await
}

/// The good machine with `changes`; a member changed to `"absent"` is left out.
fn with(changes: &Value) -> Value {
    let mut machine = machine();
    for (name, value) in changes.as_object().unwrap() {
        machine[name] = value.clone();
    }
    machine.as_object_mut().unwrap().retain(|_, value| *value != "absent");
    machine
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// What holds for every prediction.
fn assert_sound(prediction: &Value) {
    let failure = number(&prediction["failure_probability"]);
    assert!((0.0..=1.0).contains(&failure), "{prediction}");
    assert_eq!(prediction["will_fail"], failure >= number(&prediction["threshold"]), "{prediction}");
    assert!(prediction["in_distribution"].is_boolean(), "{prediction}");
    let modes = &prediction["failure_modes"];
    assert_eq!(names(modes), BTreeSet::from(MODES));
    for mode in MODES {
        assert!((0.0..=failure).contains(&number(&modes[mode])), "{mode}: {prediction}");
    }
    if let Some(contributions) = prediction.get("contributions") {
        assert_eq!(names(contributions), BTreeSet::from(INPUTS));
        let sum: f64 = INPUTS.iter().map(|input| number(&contributions[input])).sum();
        let difference = failure - number(&prediction["baseline_probability"]);
        assert!((sum - difference).abs() < 1e-6, "{sum} {difference} {prediction}");
    }
}

/// The committed vectors: machines, and the five probabilities the training script computed for them.
fn golden() -> Vec<(Value, Vec<f64>)> {
    let text = std::fs::read_to_string(root().join("infra/models/failure/golden.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let machine = |case: &Value| {
        let features: Vec<f64> = case["features"].as_array().unwrap().iter().map(number).collect();
        let kind = features.iter().position(|bit| *bit == 1.0).unwrap();
        let mut machine: Map<_, _> =
            INPUTS[1..].iter().zip(&features[3..]).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        machine.insert("machine_type".to_owned(), json!(["L", "M", "H"][kind]));
        (machine.into(), case["probabilities"].as_array().unwrap().iter().map(number).collect())
    };
    golden["cases"].as_array().unwrap().iter().map(machine).collect()
}

#[tokio::test]
async fn one_machine_is_judged_and_explained() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let answer = predict(&world, &machine()).await;
        let request_id = answer.header("x-request-id").to_owned();
        let prediction = answer.expect(200);
        let fields = JUDGED.iter().chain(&EXPLAINED).chain(&["model", "request_id"]).copied();
        assert_eq!(names(&prediction), fields.collect());
        assert_eq!(prediction["request_id"], request_id);
        assert_sound(&prediction);
        assert_eq!(
            predict(&world, &with(&json!({"explain": true}))).await.expect(200)["contributions"],
            prediction["contributions"]
        );
        let bare = predict(&world, &with(&json!({"explain": false}))).await.expect(200);
        assert_eq!(names(&bare), JUDGED.iter().chain(&["model", "request_id"]).copied().collect());
        for field in JUDGED {
            assert_eq!(bare[field], prediction[field], "{field}");
        }
    }
}

#[tokio::test]
async fn the_model_names_itself_by_its_digest() {
    let world = World::start().await;
    let model = predict(&world, &machine()).await.expect(200)["model"].take();
    let folder = root().join("infra/models/failure");
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let digest = manifest::Digest::of(&std::fs::read(folder.join("model.onnx")).unwrap()).to_string();
    assert_eq!(model, json!({"name": manifest["name"], "version": manifest["version"], "sha256": digest}));
}

#[tokio::test]
async fn many_machines_are_judged_in_their_order_as_each_would_be_alone() {
    let world = World::start().await;
    let wear: Vec<Value> = (0..100).map(|index| with(&json!({"tool_wear_min": index * 3}))).collect();
    let answer = predict(&world, &json!({"instances": wear, "explain": false})).await.expect(200);
    assert_eq!(names(&answer), BTreeSet::from(["predictions", "model", "request_id"]));
    let predictions = answer["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 100);
    for (index, prediction) in predictions.iter().enumerate() {
        assert_eq!(names(prediction), BTreeSet::from(JUDGED));
        assert_sound(prediction);
        if index % 20 == 0 {
            let alone = predict(&world, &wear[index]).await.expect(200);
            assert_eq!(alone["failure_probability"], prediction["failure_probability"], "{index}");
            assert_eq!(alone["model"], answer["model"]);
        }
    }
    let own = [with(&json!({"explain": false})), with(&json!({"explain": true})), machine()];
    for (explain, expected) in
        [(json!(null), [false, true, true]), (json!(true), [false, true, true]), (json!(false), [false, true, false])]
    {
        let answer = predict(&world, &json!({"instances": own, "explain": explain})).await.expect(200);
        let predictions = answer["predictions"].as_array().unwrap();
        predictions.iter().for_each(assert_sound);
        let explained: Vec<_> = predictions.iter().map(|one| one.get("contributions").is_some()).collect();
        assert_eq!(explained, expected, "{explain}");
    }
}

#[tokio::test]
async fn a_batch_has_1_to_100_machines_and_names_each_bad_one() {
    let world = World::start().await;
    for count in [0, 101] {
        let problem = predict(&world, &json!({"instances": vec![machine(); count]})).await;
        let problem = problem.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/instances");
    }
    let bad = [
        machine(),
        with(&json!({"torque_nm": 120.5, "tool_wear_min": -1})),
        with(&json!({"machine_type": "X"})),
        with(&json!({"air_temperature_k": "absent"})),
        json!(5),
    ];
    let problem = predict(&world, &json!({"instances": bad})).await.refused(422, "validation_failed");
    let places: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    let expected = [
        "/instances/1/torque_nm",
        "/instances/1/tool_wear_min",
        "/instances/2/machine_type",
        "/instances/3/air_temperature_k",
        "/instances/4",
    ];
    assert_eq!(places, expected);
}

#[tokio::test]
async fn a_machine_outside_the_rules_is_refused_at_its_place_without_its_value() {
    let world = World::start().await;
    let ranges = [(285.0, 315.0), (295.0, 325.0), (500.0, 4000.0), (0.0, 120.0), (0.0, 300.0)];
    let mut bad = Vec::new();
    for (name, (low, high)) in INPUTS[1..].iter().zip(ranges) {
        for edge in [low, high] {
            predict(&world, &with(&json!({*name: edge, "explain": false}))).await.expect(200);
        }
        for beyond in [low - 0.987, high + 0.987, 1e39, -1e300] {
            bad.push((json!({*name: beyond}), *name, "out_of_range"));
        }
        bad.extend(
            [json!("300"), json!(null), json!(true), json!([])].map(|value| (json!({*name: value}), *name, "type")),
        );
        bad.push((json!({*name: "absent"}), *name, "required"));
    }
    for (kind, code) in
        [(json!("X"), "invalid"), (json!("l"), "invalid"), (json!(""), "invalid"), (json!("absent"), "required")]
    {
        bad.push((json!({"machine_type": kind}), "machine_type", code));
    }
    bad.push((json!({"explain": "yes"}), "explain", "type"));
    for (changes, name, code) in bad {
        let answer = predict(&world, &with(&changes)).await;
        let mut problem = answer.refused(422, "validation_failed");
        problem["instance"].take();
        let echoed = ["987", "e39", "e300"].iter().any(|value| problem.to_string().contains(value));
        let errors = problem["errors"].as_array().unwrap();
        let found = (errors.len(), &errors[0]["pointer"], &errors[0]["code"]);
        assert_eq!(found, (1, &json!(format!("/{name}")), &json!(code)), "{changes}");
        assert!(!echoed, "{problem}");
    }
    let good = machine().to_string();
    for number in ["NaN", "1e999", "-1e999", "Infinity"] {
        let body = good.replace("61.5", number);
        assert_ne!(body, good);
        for body in [body.clone(), format!("{{\"instances\":[{body}]}}")] {
            world.post("/v1/predict").key(&world.keys.all).body(body).send().await.refused(400, "invalid_request");
        }
    }
    for strange in [json!({"colour": "red"}), json!({"instances": [machine()]})] {
        predict(&world, &with(&strange)).await.refused(400, "invalid_request");
    }
    let nested = json!({"instances": [machine(), with(&json!({"colour": "red"}))]});
    predict(&world, &nested).await.refused(400, "invalid_request");
    world
        .post("/v1/predict?explain=false")
        .key(&world.keys.all)
        .json(&machine())
        .send()
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn a_strange_machine_in_range_is_judged_and_called_strange() {
    let world = World::start().await;
    assert_eq!(predict(&world, &machine()).await.expect(200)["in_distribution"], true);
    let strange =
        json!({"air_temperature_k": 315, "process_temperature_k": 295, "rotational_speed_rpm": 4000, "torque_nm": 120});
    let prediction = predict(&world, &with(&strange)).await.expect(200);
    assert_eq!(prediction["in_distribution"], false);
    assert_sound(&prediction);
}

#[tokio::test]
async fn the_api_answers_what_the_training_script_computed() {
    let world = World::start().await;
    let (machines, expected): (Vec<_>, Vec<_>) = golden().into_iter().unzip();
    let answer = predict(&world, &json!({"instances": machines, "explain": false})).await.expect(200);
    let predictions = answer["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), expected.len());
    for (prediction, expected) in predictions.iter().zip(expected) {
        assert_sound(prediction);
        let modes = MODES.iter().map(|mode| &prediction["failure_modes"][mode]);
        for (found, expected) in std::iter::once(&prediction["failure_probability"]).chain(modes).zip(expected) {
            assert!((number(found) - expected).abs() < 1e-4, "{expected}: {prediction}");
        }
    }
    assert!(
        predictions.iter().any(|one| one["will_fail"] == true)
            && predictions.iter().any(|one| one["will_fail"] == false)
    );
    let explained = predict(&world, &json!({"instances": machines[..5]})).await.expect(200);
    explained["predictions"].as_array().unwrap().iter().for_each(assert_sound);
}

#[tokio::test]
async fn a_key_may_ask_exactly_as_often_as_the_template_says() {
    let world = World::with(Shape::RestV1, &[("PredictLimitPerMinute", "5")]).await;
    let colleague = text(&world.mint("demo", &[Scope::MlPredict]).await);
    let quick = with(&json!({"explain": false}));
    let mut admitted = Vec::new();
    // A minute may end on the way and begin another, but hardly two.
    let refused = loop {
        let answer = predict(&world, &quick).await;
        assert_eq!(answer.header("ratelimit-policy"), "\"predict\";q=5;w=60");
        if answer.status != 200 {
            break answer;
        }
        admitted.push(answer.header("ratelimit").to_owned());
        assert!(admitted.len() <= 10, "{admitted:?}");
    };
    let count = admitted.len();
    let mut remaining = ["4", "3", "2", "1", "0"].into_iter();
    for limit in &admitted[count - 5..] {
        let expected = format!("\"predict\";r={};t=", remaining.next().unwrap());
        let seconds = limit.strip_prefix(&expected).unwrap_or_else(|| panic!("{admitted:?}"));
        assert!((1..=60).contains(&seconds.parse::<u32>().unwrap()), "{limit}");
    }
    let retry: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&retry));
    assert_eq!(refused.header("ratelimit"), format!("\"predict\";r=0;t={retry}"));
    refused.refused(429, "rate_limited");
    for key in [&colleague, &world.keys.other_tenant] {
        world.post("/v1/predict").key(key).json(&quick).send().await.expect(200);
    }
    world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
}
