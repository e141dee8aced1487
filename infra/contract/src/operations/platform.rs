//! Whether the service runs, and what it offers.

use list_audit::{
    ListAudit,
    contract::{AuditPage, AuditQuery},
};
use ready::{Ready, contract::Readiness};
use serde_json::json;

use super::{Answer, Content, Example, Operation, Query, answer};
use crate::schemas::Schemas;

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![
        health(),
        ready(schemas),
        list_audit(schemas),
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

fn list_audit(schemas: &mut Schemas) -> Operation {
    let entry = json!({
        "writer": "01KJQ0V3M5T8W4Y6ZB9C2D7E1F",
        "sequence": 17,
        "authentic": true,
        "time": "2026-03-02T08:15:02.318Z",
        "kid": "7Hq2LmZx09Ta",
        "scope": "data:ingest",
        "route": "ingest",
        "decision": "stored",
        "objects": ["sensor/press-4.bearing"],
        "fingerprint": "5f1d7c0a9be34c86d2f8a1730e9b5c4467aa12ef03d98b6c51e7f4a2903bd86e",
        "request_id": "01KJQ0VGZ4M8N2P6R0S3T5V7W9",
    });
    Operation {
        query: Some(Query {
            schema: schemas.query::<AuditQuery>(),
            example: json!({"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z", "limit": 20}),
        }),
        answers: answer(
            200,
            "A page of entries, the newest first.",
            schemas.answer::<AuditPage>(),
            json!({"entries": [entry], "next_cursor": null}),
        ),
        ..Operation::of::<ListAudit>(
            "Platform",
            "Read the audit trail",
            "Every write, every refusal of a known key and every export of personal data, by whom and when. Each entry is \
             checked against the audit key; whether any is missing is what `palisade-audit verify` tells.",
        )
    }
}
