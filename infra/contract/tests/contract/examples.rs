//! Examples are true: valid by the schemas, accepted by the code, answered by the model.

use std::collections::BTreeMap;

use gate::Endpoint;
use inference::RawMachineState;
use maintenance::RawReading;
use serde_json::{Value, json};

use crate::{document, operations, resolved};

/// Every example of the document, with its schema and where it is.
fn examples(document: &Value) -> Vec<(String, &Value, &Value)> {
    let mut found = Vec::new();
    for (path, _, operation) in operations(document) {
        let mut media = Vec::new();
        media.extend(operation["requestBody"]["content"].as_object().into_iter().flatten());
        for response in operation["responses"].as_object().unwrap().values() {
            media.extend(resolved(document, response)["content"].as_object().into_iter().flatten());
        }
        for (media_type, media) in media {
            for (name, example) in media["examples"].as_object().into_iter().flatten() {
                found.push((format!("{path} {media_type} {name}"), &media["schema"], &example["value"]));
            }
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            let parameter = resolved(document, parameter);
            if let Some(example) = parameter.get("example") {
                found.push((format!("{path} {}", parameter["name"]), &parameter["schema"], example));
            }
        }
    }
    for (name, header) in document["components"]["headers"].as_object().unwrap() {
        found.push((format!("header {name}"), &header["schema"], &header["example"]));
    }
    found
}

#[test]
fn every_example_is_valid_by_its_schema() {
    let document = document();
    let examples = examples(&document);
    assert!(examples.len() > 40, "{}", examples.len());
    for (place, schema, example) in examples {
        // References start at the root of the document, so the schema is put into it.
        let mut root = json!({"components": document["components"]});
        root.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
        let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
        let errors: Vec<String> = validator.iter_errors(example).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{place}: {errors:?}");
    }
}

/// Answers may grow, so their schemas let other members in; examples may not show one.
#[test]
fn no_example_has_a_member_its_schema_does_not_know() {
    fn unknown(document: &Value, schema: &Value, value: &Value) -> Option<String> {
        let schema = resolved(document, schema);
        if let Some(forms) = schema["anyOf"].as_array() {
            let each: Vec<_> = forms.iter().map(|form| unknown(document, form, value)).collect();
            return if each.iter().any(Option::is_none) { None } else { each.into_iter().flatten().next() };
        }
        // What every form of the object has, and what one of its forms adds.
        let forms = schema["oneOf"].as_array().into_iter().flatten().chain([schema]);
        let property = |name: &str| forms.clone().find_map(|form| resolved(document, form)["properties"].get(name));
        match value {
            Value::Object(members) if schema.get("properties").is_some() => members.iter().find_map(|(name, value)| {
                let Some(property) = property(name) else { return Some(name.clone()) };
                unknown(document, property, value)
            }),
            Value::Array(elements) => elements.iter().find_map(|element| unknown(document, &schema["items"], element)),
            _ => None,
        }
    }
    let document = document();
    for (place, schema, example) in examples(&document) {
        assert_eq!(unknown(&document, schema, example), None, "{place}");
    }
}

#[test]
fn every_reading_of_the_examples_is_accepted() {
    let document = document();
    let examples = &document["paths"]["/v1/ingest"]["post"]["requestBody"]["content"]["application/json"]["examples"];
    let mut readings = vec![examples["reading"]["value"].clone()];
    readings.extend(examples["batch"]["value"]["readings"].as_array().unwrap().clone());
    let now = "2026-03-02T08:30:00Z".parse().unwrap();
    for reading in readings {
        let raw: RawReading = serde_json::from_value(reading.clone()).unwrap();
        assert!(raw.accept(now).is_ok(), "{reading}");
    }
}

/// What the model says of a machine, in the form of an answer.
fn forecast(model: &inference::FailureModel, machine: &Value, explain: bool) -> Value {
    let mut machine = machine.clone();
    machine.as_object_mut().unwrap().remove("explain");
    let raw: RawMachineState = serde_json::from_value(machine).unwrap();
    let state = model.accept(&raw).unwrap();
    let said = model.predict(&state).unwrap();
    let mut forecast = json!({
        "failure_probability": said.failure_probability,
        "will_fail": said.will_fail,
        "threshold": model.manifest().threshold,
        "failure_modes": said.modes,
        "in_distribution": said.in_distribution,
    });
    if explain {
        let why = model.explain(&state).unwrap();
        forecast["contributions"] = json!(why.contributions);
        forecast["baseline_probability"] = json!(why.baseline_probability);
    }
    forecast
}

/// The numbers of a value by their place; the rest as it is.
fn numbers(value: &Value, place: &str, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                numbers(value, &format!("{place}/{name}"), found);
            }
        }
        other => {
            found.insert(place.to_owned(), other.clone());
        }
    }
}

#[test]
fn the_bundled_model_says_what_the_examples_say_it_says() {
    let document = document();
    let operation = &document["paths"]["/v1/predict"]["post"];
    let request = &operation["requestBody"]["content"]["application/json"]["examples"];
    let answer = &operation["responses"]["200"]["content"]["application/json"]["examples"];
    let model_name = &answer["machine"]["value"]["model"];
    let text = |member: &str| model_name[member].as_str().unwrap();
    let model = predict::bundled::model(text("version"), text("sha256")).expect("the examples name the bundled model");
    assert_eq!(
        (text("name"), text("version")),
        (model.manifest().name.as_str(), &*model.manifest().version.to_string())
    );
    let mut one = answer["machine"]["value"].clone();
    for added in ["model", "request_id"] {
        one.as_object_mut().unwrap().remove(added);
    }
    let several = request["several"]["value"]["instances"].as_array().unwrap();
    let shown = answer["several"]["value"]["predictions"].as_array().unwrap();
    let pairs = [
        (one, forecast(&model, &request["machine"]["value"], true)),
        (shown[0].clone(), forecast(&model, &several[0], false)),
        (shown[1].clone(), forecast(&model, &several[1], true)),
    ];
    for (shown, said) in pairs {
        let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
        numbers(&shown, "", &mut left);
        numbers(&said, "", &mut right);
        assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>(), "{said:#}");
        for (place, said_value) in right {
            // Rounded, and computed elsewhere.
            let same = match (left[&place].as_f64(), said_value.as_f64()) {
                (Some(shown), Some(said)) => (shown - said).abs() < 1e-4,
                _ => left[&place] == said_value,
            };
            assert!(same, "{place}\n{said:#}");
        }
    }
}

#[test]
fn predict_is_documented_as_counted_because_it_is() {
    let manifest: Value = serde_json::from_str(&crate::file("infra/models/failure/manifest.json")).unwrap();
    let text = |member: &str| manifest[member].as_str().unwrap();
    let model = predict::bundled::model(text("version"), text("sha256")).unwrap();
    assert_eq!(predict::Predict::new(model, 3000).limit_per_minute(), Some(3000));
}
