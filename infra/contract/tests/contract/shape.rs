//! What the document says of every operation.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Code, Scope};
use serde_json::{Value, json};

use crate::{document, operations, resolved};

fn statuses(operation: &Value) -> BTreeSet<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_text() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        for text in ["summary", "description"] {
            assert!(!operation[text].as_str().unwrap().is_empty(), "{method} {path} {text}");
        }
        let tag = &operation["tags"][0];
        assert!(document["tags"].as_array().unwrap().iter().any(|known| known["name"] == *tag), "{tag}");
    }
}

#[test]
fn the_scope_of_an_operation_is_the_one_its_key_needs() {
    let document = document();
    let mut scopes = BTreeMap::new();
    for (path, method, operation) in operations(&document) {
        let needed = operation["security"].pointer("/0/ApiKey");
        match operation["x-palisade-scope"].as_str() {
            Some(scope) => {
                assert!(scope.parse::<Scope>().is_ok(), "{scope}");
                assert_eq!(needed, Some(&json!([scope])), "{path}");
                scopes.insert((path, method), scope);
            }
            None => assert!(needed.is_none_or(|needed| *needed == json!([])), "{path}"),
        }
    }
    let expected = BTreeMap::from([
        (("/v1/ingest", "post"), "data:ingest"),
        (("/v1/predict", "post"), "ml:predict"),
        (("/v1/sensors", "get"), "data:read"),
        (("/v1/sensors/{sensor_id}/readings", "get"), "data:read"),
        (("/v1/anomalies/detect", "post"), "ml:anomaly"),
        (("/v1/drift/check", "post"), "ml:drift"),
        (("/v1/forecast", "post"), "ml:predict"),
        (("/v1/rul", "post"), "ml:predict"),
        (("/v1/alerts", "get"), "maintenance:read"),
        (("/v1/alerts/{alert_id}/acknowledge", "post"), "tasks:update"),
        (("/v1/alerts/{alert_id}/resolve", "post"), "tasks:update"),
        (("/v1/tasks", "get"), "maintenance:read"),
        (("/v1/tasks", "post"), "maintenance:schedule"),
        (("/v1/tasks/{task_id}", "get"), "maintenance:read"),
        (("/v1/tasks/{task_id}/complete", "post"), "tasks:update"),
        (("/v1/tasks/{task_id}/cancel", "post"), "tasks:update"),
        (("/v1/decisions", "post"), "tasks:update"),
        (("/v1/notifications", "get"), "maintenance:read"),
        (("/v1/audit", "get"), "audit:read"),
        (("/v1/sensors/{sensor_id}/baseline", "put"), "ml:drift"),
        (("/v1/reports", "post"), "reports:generate"),
        (("/v1/reports/{report_id}", "get"), "reports:generate"),
        (("/v1/policy", "get"), "maintenance:read"),
        (("/v1/policy", "put"), "maintenance:schedule"),
        (("/v1/calendar", "get"), "maintenance:read"),
        (("/v1/calendar", "put"), "maintenance:schedule"),
        (("/v1/transactions/classify", "post"), "transactions:read"),
        (("/v1/transactions", "post"), "transactions:write"),
        (("/v1/transactions", "get"), "transactions:read"),
        (("/v1/transactions/bulk", "post"), "transactions:write"),
        (("/v1/transactions/{transaction_id}", "get"), "transactions:read"),
        (("/v1/transactions/{transaction_id}/category", "put"), "transactions:write"),
        (("/v1/transactions/imports", "post"), "transactions:write"),
        (("/v1/transactions/imports/{import_id}", "get"), "transactions:read"),
        (("/v1/goals", "get"), "goals:read"),
        (("/v1/goals/{goal_id}", "put"), "goals:write"),
        (("/v1/goals/{goal_id}", "delete"), "goals:write"),
        (("/v1/users/{user_id}/recurring", "get"), "transactions:read"),
        (("/v1/settings", "get"), "transactions:read"),
        (("/v1/settings", "put"), "transactions:write"),
        (("/v1/users/{user_id}/export", "get"), "privacy:export"),
        (("/v1/users/{user_id}", "delete"), "privacy:erase"),
    ]);
    assert_eq!(scopes, expected);
}

#[test]
fn every_refusal_that_can_happen_is_documented_with_its_code() {
    let document = document();
    let of = |path: &str, method: &str| document["paths"][path][method].clone();
    let everywhere = ["200", "400", "401", "413", "415", "429", "500", "503"];
    let with = |more: &[&'static str]| everywhere.iter().chain(more).copied().collect::<BTreeSet<_>>();
    assert_eq!(statuses(&of("/health", "get")), with(&[]));
    assert_eq!(statuses(&of("/health/ready", "get")), with(&["403"]));
    assert_eq!(statuses(&of("/v1/ingest", "post")), with(&["403", "409", "422"]));
    assert_eq!(statuses(&of("/v1/predict", "post")), with(&["403", "422"]));
    assert_eq!(statuses(&of("/v1/sensors", "get")), with(&["403", "422"]));
    assert_eq!(statuses(&of("/v1/sensors/{sensor_id}/readings", "get")), with(&["403", "404", "422"]));
    for (path, _, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            let Some(problem) = response["content"].get("application/problem+json") else { continue };
            assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{path} {status}");
            for (code, example) in problem["examples"].as_object().unwrap() {
                let known = Code::ALL.iter().find(|known| known.as_str() == code).unwrap();
                assert_eq!(known.status().to_string(), *status, "{path} {code}");
                assert_eq!(example["value"]["code"], *code);
                assert_eq!(example["value"]["status"], known.status());
            }
        }
    }
}

#[test]
fn only_what_stores_takes_an_idempotency_key_and_only_what_is_counted_says_how_much_is_left() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().unwrap();
        let named = |name: &str| parameters.iter().any(|parameter| resolved(&document, parameter)["name"] == name);
        let good = ["200", "201"].map(|status| &operation["responses"][status]);
        let header = |name: &str| good.iter().any(|answer| answer["headers"].get(name).is_some());
        let judges = ["anomalies", "drift", "forecast", "predict", "rul"];
        let judged = judges.iter().any(|judge| path.starts_with(&format!("/v1/{judge}")));
        let condensed = [("/v1/reports", "post"), ("/v1/sensors/{sensor_id}/baseline", "put")];
        let counted = judged || condensed.contains(&(path, method));
        let stores = method != "get" && !judged && path != "/v1/transactions/classify";
        assert_eq!(named("Idempotency-Key"), stores, "{path}");
        assert_eq!(header("Idempotency-Replayed"), stores, "{path}");
        assert_eq!(header("RateLimit") && header("RateLimit-Policy"), counted, "{path}");
        assert!(named("X-Request-ID") && header("X-Request-ID"), "{path}");
    }
}

#[test]
fn the_answer_to_a_post_carries_the_request_id_and_no_other_does() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let good = ["200", "201"].map(|status| &operation["responses"][status]["content"]);
        let Some(schema) = good.iter().find_map(|content| content.pointer("/application~1json/schema")) else {
            continue;
        };
        let schema = resolved(&document, schema);
        let forms = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        for form in &forms {
            let form = resolved(&document, form);
            let named = form["properties"].get("request_id").is_some()
                && form["required"].as_array().unwrap().contains(&json!("request_id"));
            assert_eq!(named, method == "post", "{path}");
        }
    }
}

#[test]
fn every_segment_of_a_path_that_the_client_chooses_is_a_parameter() {
    let document = document();
    for (path, _, operation) in operations(&document) {
        let named: Vec<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let chosen = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(named, chosen.collect::<Vec<_>>(), "{path}");
    }
}

#[test]
fn every_member_of_a_query_is_a_parameter() {
    let document = document();
    let named = |path: &str| -> Vec<&str> {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
        query.map(|parameter| parameter["name"].as_str().unwrap()).collect()
    };
    assert_eq!(named("/v1/sensors"), ["limit", "cursor"]);
    let all = ["from", "to", "order", "resolution", "limit", "cursor"];
    assert_eq!(named("/v1/sensors/{sensor_id}/readings"), all);
    assert!(named("/health/ready").is_empty());
}

#[test]
fn a_query_parameter_is_never_null() {
    let document = document();
    for (path, _, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().unwrap() {
            let text = resolved(&document, parameter)["schema"].to_string();
            assert!(!text.contains("null"), "{path} {text}");
        }
    }
}

#[test]
fn the_ranges_of_predict_are_those_signed_with_the_model() {
    let document = document();
    let properties = &document["components"]["schemas"]["Instance"]["properties"];
    let manifest: Value = serde_json::from_str(&crate::file("infra/models/failure/manifest.json")).unwrap();
    let features = manifest["features"].as_array().unwrap();
    assert_eq!(features.len(), 5);
    for feature in features {
        let described = &properties[feature["name"].as_str().unwrap()];
        for bound in ["minimum", "maximum"] {
            assert_eq!(described[bound].as_f64().unwrap(), feature[bound].as_f64().unwrap(), "{feature}");
        }
    }
    assert_eq!(
        resolved(&document, &properties["machine_type"])["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kind| kind["const"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["L", "M", "H"]
    );
}
