//! Links lead to operations, and give them what they take.

use serde_json::Value;

use crate::{document, operations, resolved};

/// What a schema says of the value at a pointer, in any form of the object.
fn member<'a>(document: &'a Value, schema: &'a Value, pointer: &[&str]) -> Option<&'a Value> {
    let schema = resolved(document, schema);
    let Some((first, rest)) = pointer.split_first() else { return Some(schema) };
    let below = if first.parse::<usize>().is_ok() { &schema["items"] } else { &schema["properties"][*first] };
    let forms = ["anyOf", "oneOf"].into_iter().filter_map(|forms| schema[forms].as_array()).flatten();
    let mut found = forms.filter_map(|form| member(document, form, pointer));
    if below.is_null() { found.next() } else { member(document, below, rest) }
}

fn parameter<'a>(document: &'a Value, operation: &'a Value, name: &str) -> Option<&'a Value> {
    let parameters = operation["parameters"].as_array().unwrap();
    parameters.iter().map(|parameter| resolved(document, parameter)).find(|parameter| parameter["name"] == name)
}

fn body(operation: &Value) -> &Value {
    &operation["requestBody"]["content"]["application/json"]["schema"]
}

/// Whether a request or its answer has what an expression asks for.
fn is_told(document: &Value, operation: &Value, answer: &Value, expression: &str) -> bool {
    let pointed = |schema, pointer: &str| member(document, schema, &pointer.split('/').collect::<Vec<_>>()).is_some();
    if let Some(pointer) = expression.strip_prefix("$response.body#/") {
        pointed(&answer["content"]["application/json"]["schema"], pointer)
    } else if let Some(pointer) = expression.strip_prefix("$request.body#/") {
        pointed(body(operation), pointer)
    } else {
        let (place, name) = expression.strip_prefix("$request.").unwrap().split_once('.').unwrap();
        parameter(document, operation, name).is_some_and(|parameter| parameter["in"] == place)
    }
}

#[test]
fn every_link_gives_an_operation_what_it_takes_from_what_was_told() {
    let document = document();
    let all = operations(&document);
    let mut links = 0;
    for (path, _, operation) in &all {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            for (name, link) in answer["links"].as_object().into_iter().flatten() {
                let place = format!("{path} {status} {name}");
                let to = all.iter().find(|(_, _, other)| other["operationId"] == link["operationId"]);
                let (_, _, target) = to.unwrap_or_else(|| panic!("{place} leads nowhere"));
                let parameters = link["parameters"].as_object().into_iter().flatten();
                let members = link["requestBody"].as_object().into_iter().flatten();
                for (name, _) in parameters.clone() {
                    assert!(parameter(&document, target, name).is_some(), "{place} {name}");
                }
                for (name, _) in members.clone() {
                    assert!(member(&document, body(target), &[name.as_str()]).is_some(), "{place} {name}");
                }
                for (name, expression) in parameters.chain(members) {
                    let expression = expression.as_str().unwrap();
                    assert!(is_told(&document, operation, answer, expression), "{place} {name}: {expression}");
                    links += 1;
                }
            }
        }
    }
    assert!(links > 20, "{links}");
}

/// What creates something that can be read leads to it.
#[test]
fn every_object_that_is_named_in_a_path_can_be_reached_by_a_link() {
    let document = document();
    let all = operations(&document);
    let reached: Vec<&Value> = all
        .iter()
        .flat_map(|(_, _, operation)| operation["responses"].as_object().unwrap().values())
        .flat_map(|answer| answer["links"].as_object().into_iter().flatten())
        .map(|(_, link)| &link["operationId"])
        .collect();
    for (path, method, operation) in &all {
        let named = path.contains('{') && !path.starts_with("/v1/users/") && *method != "put";
        assert!(!named || reached.contains(&&operation["operationId"]), "{method} {path}");
    }
}
