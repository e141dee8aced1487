//! The OpenAPI 3.1 document.

mod answers;
mod parameters;

use gate::{Body, Demand};
use serde_json::{Map, Value, json};

use crate::{
    guide::{INTRODUCTION, SECTIONS},
    json::set,
    operations::{self, Content, Operation, TAGS},
    schemas::{Conflict, Schemas},
};

/// The document.
///
/// # Errors
/// When two different types have one name.
pub fn document() -> Result<Value, Conflict> {
    let mut schemas = Schemas::new();
    let operations = operations::all(&mut schemas);
    let problem = answers::problem(&mut schemas);
    let mut components = schemas.into_components()?;
    answers::list_codes(&mut components);
    let mut paths = Map::new();
    for operation in &operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        set(path, &operation.method.as_str().to_ascii_lowercase(), described(operation, &problem));
    }
    let tags: Vec<Value> =
        TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Palisade",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Sensor readings in, machine failures foreseen.",
            "description": description(),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": servers(),
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"ApiKey": {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "A key of the form `pal_<env>_<kid>_<secret>`. It belongs to one tenant, has scopes, and expires.",
            }},
            "parameters": parameters::components(),
            "headers": answers::headers(),
            "responses": answers::components(&problem),
        },
    }))
}

/// The guide as Markdown.
fn description() -> String {
    let mut text = INTRODUCTION.to_owned();
    for section in SECTIONS {
        text.push_str(&format!("\n\n## {}\n\n{}", section.title, section.paragraphs.join("\n\n")));
    }
    text
}

fn servers() -> Value {
    json!([
        {
            "url": "http://127.0.0.1:{port}",
            "description": "`make dev` or `cargo lambda watch`",
            "variables": {"port": {"default": "9000"}},
        },
        {
            "url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
            "description": "A deployed stack; `sam deploy` prints the address",
            "variables": {
                "api": {"default": "0123456789", "description": "The id of the REST API"},
                "region": {"default": "us-east-1"},
                "stage": {"default": "dev"},
            },
        },
    ])
}

fn described(operation: &Operation, problem: &Value) -> Value {
    let mut object = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "parameters": parameters::of(operation),
        "responses": answers::of(operation, problem),
        "security": [],
    });
    if let Some(demand) = operation.demand {
        let scopes: Vec<&str> = match demand {
            Demand::AnyKey => Vec::new(),
            Demand::Scope(scope) => vec![scope.as_str()],
        };
        if let Demand::Scope(scope) = demand {
            set(&mut object, "x-palisade-scope", json!(scope.as_str()));
        }
        set(&mut object, "security", json!([{"ApiKey": scopes}]));
    }
    if let (Body::Json(limit) | Body::JsonOrLines(limit), Some(request)) = (operation.body, &operation.request) {
        let mut content = content(request);
        if matches!(operation.body, Body::JsonOrLines(_)) {
            set(&mut content, "application/x-ndjson", lines());
        }
        let body = json!({
            "required": true,
            "description": format!("At most {} KiB.", limit / 1024),
            "content": content,
        });
        set(&mut object, "requestBody", body);
        set(&mut object, "x-palisade-body-limit", json!(limit));
    }
    object
}

/// The same rows, one on each line.
fn lines() -> Value {
    json!({"schema": {"type": "string", "description": "One JSON object on each line, with all members that it needs."}})
}

/// A body by its media type.
fn content(content: &Content) -> Value {
    let mut media = json!({"schema": content.schema});
    if !content.examples.is_empty() {
        let examples: Map<String, Value> = content
            .examples
            .iter()
            .map(|example| (example.name.to_owned(), json!({"summary": example.summary, "value": example.value})))
            .collect();
        set(&mut media, "examples", Value::Object(examples));
    }
    json!({content.media_type: media})
}
