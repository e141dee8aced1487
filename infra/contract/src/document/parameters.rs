//! Parameters: of the path, of the query, and in headers.

use serde_json::{Map, Value, json};

use crate::{json::set, operations::Operation, schemas::present};

/// The headers every request may carry, and the one requests that store may carry.
const REQUEST_ID: &str = "RequestId";
const TRACEPARENT: &str = "Traceparent";
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// The order in which people read about query parameters: what, in which form, how much of it.
const ORDER: [&str; 6] = ["from", "to", "order", "resolution", "limit", "cursor"];

/// The parameters several operations share.
pub(super) fn components() -> Value {
    json!({
        REQUEST_ID: {
            "name": "X-Request-ID",
            "in": "header",
            "description": "Your name for the request: 1 to 64 of `A-Z a-z 0-9 . _ -`. Another is made when it is anything else.",
            "schema": {"type": "string"},
            "example": "night-shift-0042",
        },
        TRACEPARENT: {
            "name": "traceparent",
            "in": "header",
            "description": "The W3C trace context of the request. One that is malformed is as good as none.",
            "schema": {"type": "string"},
            "example": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        },
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes sending the request again safe for 24 hours: it is carried out once, and answered alike each time.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "press-4/2026-03-02T08",
        },
    })
}

/// The parameters of one operation.
pub(super) fn of(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = operation
        .path_parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "in": "path",
                "required": true,
                "description": parameter.description,
                "schema": parameter.schema,
                "example": parameter.example,
            })
        })
        .collect();
    if let Some(query) = &operation.query {
        parameters.extend(query_parameters(&query.schema, &query.example));
    }
    if operation.stores {
        parameters.push(reference(IDEMPOTENCY_KEY));
    }
    parameters.extend([reference(REQUEST_ID), reference(TRACEPARENT)]);
    Value::Array(parameters)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// One parameter for each member of the object that a query is read into.
fn query_parameters(schema: &Value, example: &Value) -> Vec<Value> {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let required = schema.get("required").and_then(Value::as_array);
    let mut members: Vec<_> = properties.iter().collect();
    members.sort_by_key(|(name, _)| ORDER.iter().position(|usual| usual == name).unwrap_or(usize::MAX));
    members
        .into_iter()
        .map(|(name, property)| {
            let mut property = present(property);
            let description = property.as_object_mut().and_then(|object| object.remove("description"));
            let mut parameter = json!({"name": name, "in": "query", "schema": property});
            if required.is_some_and(|required| required.iter().any(|listed| listed == name)) {
                set(&mut parameter, "required", json!(true));
            }
            if let Some(description) = description {
                set(&mut parameter, "description", description);
            }
            if let Some(example) = example.get(name) {
                set(&mut parameter, "example", example.clone());
            }
            parameter
        })
        .collect()
}
