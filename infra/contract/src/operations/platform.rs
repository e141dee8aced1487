//! Whether the service runs, and what it offers.

use ready::{Ready, contract::Readiness};
use serde_json::json;

use super::{Answer, Content, Example, Operation};
use crate::schemas::Schemas;

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![
        health(),
        ready(schemas),
        Operation::page(
            "openapi",
            "/openapi.json",
            "The API as an OpenAPI document",
            "Made from the code that answers the requests.",
            "The document.",
            Content::json(json!({"type": "object"}), Vec::new()),
        ),
        Operation::page(
            "docs",
            "/docs",
            "The API as a readable page",
            "What the document says, for people. The page needs no script and no network.",
            "The page.",
            Content { media_type: "text/html; charset=utf-8", schema: json!({"type": "string"}), examples: Vec::new() },
        ),
    ]
}

fn health() -> Operation {
    let schema = json!({
        "type": "object",
        "properties": {"status": {"type": "string", "const": "ok", "description": "That it runs."}},
        "required": ["status"],
    });
    let example = Example { name: "ok", summary: "It runs", value: json!({"status": "ok"}) };
    Operation::page(
        "health",
        "/health",
        "Whether the service runs",
        "For load balancers and monitors. It asks no dependency and tells nothing else.",
        "It runs.",
        Content::json(schema, vec![example]),
    )
}

fn ready(schemas: &mut Schemas) -> Operation {
    let schema = schemas.answer::<Readiness>();
    let readiness = |kms: bool| {
        json!({
            "dynamodb": {"ok": true, "latency_ms": 4.1},
            "secrets": {"ok": true, "latency_ms": 6.3},
            "kms": {"ok": kms, "latency_ms": if kms { 5.2 } else { 3000.4 }},
            "models": {"ok": true, "latency_ms": 0.9},
        })
    };
    Operation {
        answers: vec![
            Answer {
                status: 200,
                description: "Every dependency answers.",
                content: Content::json(
                    schema.clone(),
                    vec![Example { name: "ready", summary: "All is well", value: readiness(true) }],
                ),
            },
            Answer {
                status: 503,
                description: "A dependency does not answer; the entry with `ok: false` names it. When that keeps the key from being verified, a problem is answered instead.",
                content: Content::json(
                    schema,
                    vec![Example { name: "not_ready", summary: "KMS does not answer", value: readiness(false) }],
                ),
            },
        ],
        ..Operation::of::<Ready>(
            "Platform",
            "Whether the dependencies answer",
            "Asks each dependency one harmless question. Any valid key may ask, whatever its scopes.",
        )
    }
}
