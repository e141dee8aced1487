//! Answers, good and bad, and the headers they carry.

use std::collections::BTreeMap;

use gate::{Demand, Problem};
use kernel::Code;
use serde_json::{Map, Value, json};

use super::content;
use crate::{
    faults::advice,
    json::set,
    operations::{Operation, links},
    schemas::Schemas,
};

const PROBLEM_JSON: &str = "application/problem+json";

/// The schema of problems.
pub(super) fn problem(schemas: &mut Schemas) -> Value {
    schemas.answer::<Problem<'_>>()
}

/// A problem's code is one of those there are.
pub(super) fn list_codes(components: &mut Map<String, Value>) {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    if let Some(code) = components.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/code")) {
        set(code, "enum", json!(codes));
    }
}

/// What the operation can be refused with.
fn refusals(operation: &Operation) -> Vec<Code> {
    let known_key = operation.demand.is_some();
    Code::ALL
        .iter()
        .copied()
        .filter(|code| match code {
            Code::InvalidRequest
            | Code::Unauthorized
            | Code::PayloadTooLarge
            | Code::UnsupportedMediaType
            | Code::RateLimited
            | Code::Internal
            | Code::Unavailable => true,
            // The gateway refuses a key that is not in its usage plan, whatever the route demands.
            Code::Forbidden => known_key,
            Code::NotFound => !operation.path_parameters.is_empty() || operation.further_refusals.contains(code),
            Code::ValidationFailed => operation.query.is_some() || operation.request.is_some(),
            Code::RequestInFlight | Code::IdempotencyKeyReused => operation.stores,
            Code::Conflict
            | Code::IllegalTransition
            | Code::PreconditionFailed
            | Code::InsufficientData
            | Code::Unrecognised => operation.further_refusals.contains(code),
            // Another method is another operation.
            Code::MethodNotAllowed => false,
        })
        .collect()
}

/// The answers of one operation by status.
pub(super) fn of(operation: &Operation, problem: &Value) -> Value {
    let mut responses = Map::new();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in refusals(operation) {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in &by_status {
        responses.insert(status.to_string(), refusal(operation, codes, problem));
    }
    for answer in &operation.answers {
        let mut headers = vec!["X-Request-ID"];
        if operation.stores {
            headers.push("Idempotency-Replayed");
        }
        if operation.counted {
            headers.extend(["RateLimit", "RateLimit-Policy"]);
        }
        let mut response = json!({
            "description": answer.description,
            "headers": references(&headers),
            "content": content(&answer.content),
        });
        if let Some(links) = following(operation) {
            set(&mut response, "links", links);
        }
        if let Some(codes) = by_status.get(&answer.status) {
            if let Some(content) = response.get_mut("content") {
                set(content, PROBLEM_JSON, media(codes, problem));
            }
            set(&mut response, "headers", references(&header_names(codes)));
        }
        responses.insert(answer.status.to_string(), response);
    }
    Value::Object(responses)
}

/// What may follow a good answer, by the operation that follows.
fn following(operation: &Operation) -> Option<Value> {
    let mut links = Map::new();
    for link in links::after(operation.id) {
        let mut object = json!({"operationId": link.to, "description": link.description});
        if !link.parameters.is_empty() {
            set(&mut object, "parameters", expressions(link.parameters));
        }
        if !link.body.is_empty() {
            set(&mut object, "requestBody", expressions(link.body));
        }
        links.insert(link.to.to_owned(), object);
    }
    (!links.is_empty()).then_some(Value::Object(links))
}

fn expressions(named: &[(&str, &str)]) -> Value {
    named.iter().copied().collect()
}

fn refusal(operation: &Operation, codes: &[Code], problem: &Value) -> Value {
    match codes {
        // Scopes and exact counts are the operation's own.
        [Code::Forbidden] => {
            let mut response = response(codes, problem);
            if let Some(Demand::Scope(scope)) = operation.demand {
                set(&mut response, "description", json!(format!("The key lacks the scope `{scope}`.")));
            }
            response
        }
        [Code::RateLimited] if operation.counted => {
            let mut response = response(codes, problem);
            set(
                &mut response,
                "headers",
                references(&["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"]),
            );
            response
        }
        [code] => json!({"$ref": format!("#/components/responses/{}", component(*code))}),
        _ => response(codes, problem),
    }
}

/// The refusals that are the same wherever they occur.
pub(super) fn components(problem: &Value) -> Value {
    let alone = |code: &&Code| !matches!(code, Code::Unrecognised);
    let named = Code::ALL.iter().filter(alone).map(|code| (component(*code), response(&[*code], problem)));
    Value::Object(named.collect())
}

/// `rate_limited` as `RateLimited`.
fn component(code: Code) -> String {
    format!("{code:?}")
}

fn response(codes: &[Code], problem: &Value) -> Value {
    let meanings: Vec<&str> = codes.iter().map(|code| advice(*code).meaning).collect();
    json!({
        "description": meanings.join(" Or: "),
        "headers": references(&header_names(codes)),
        "content": {PROBLEM_JSON: media(codes, problem)},
    })
}

fn header_names(codes: &[Code]) -> Vec<&'static str> {
    let mut names = vec!["X-Request-ID"];
    for code in codes {
        match code {
            Code::Unauthorized => names.push("WWW-Authenticate"),
            Code::MethodNotAllowed => names.push("Allow"),
            Code::RequestInFlight | Code::RateLimited | Code::Unavailable => names.push("Retry-After"),
            _ => {}
        }
    }
    names
}

fn media(codes: &[Code], problem: &Value) -> Value {
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| (code.as_str().to_owned(), json!({"summary": code.title(), "value": example(*code)})))
        .collect();
    json!({"schema": problem, "examples": examples})
}

/// A problem as it is answered.
fn example(code: Code) -> Value {
    let detail = match code {
        Code::InvalidRequest => "The request has a field or parameter that is not known.",
        Code::Unauthorized => "Send a valid key in the X-API-Key header, or a bearer token.",
        Code::Forbidden => "This needs the scope data:read.",
        Code::NotFound => "There is no such route or object.",
        Code::MethodNotAllowed => "This route takes POST.",
        Code::RequestInFlight => "A request with this Idempotency-Key is still running.",
        Code::Conflict => "Another request changed the object meanwhile. Read it again, then decide.",
        Code::IllegalTransition => "A task that is completed cannot be approved.",
        Code::PreconditionFailed => "The object has another revision than If-Match names.",
        Code::InsufficientData => "The sensor has 12 readings; at least 40 are needed.",
        Code::Unrecognised => "Nothing was stored. The message is taken for: otp.",
        Code::PayloadTooLarge => "The body may have at most 262144 bytes.",
        Code::UnsupportedMediaType => "Send the body as application/json.",
        Code::ValidationFailed => "The places that break a rule are listed in errors.",
        Code::IdempotencyKeyReused => "This Idempotency-Key was used with another body in the last 24 hours.",
        Code::RateLimited => "This key may make 3000 such requests a minute.",
        Code::Internal => "The request failed on our side and was logged.",
        Code::Unavailable => "A dependency does not answer. Try again shortly.",
    };
    let mut problem = json!({
        "type": format!("urn:palisade:problem:{}", code.as_str()),
        "title": code.title(),
        "status": code.status(),
        "detail": detail,
        "instance": "01JNB1Q2W3E4R5T6Y7U8I9O0PE",
        "code": code.as_str(),
    });
    let error =
        |pointer: &str, code: &str, message: &str| json!([{"pointer": pointer, "code": code, "message": message}]);
    match code {
        Code::InvalidRequest => set(&mut problem, "errors", error("/colour", "unknown", "is not known here")),
        Code::ValidationFailed => {
            set(&mut problem, "errors", error("/limit", "out_of_range", "must be from 1 to 200"));
        }
        _ => {}
    }
    problem
}

/// The headers of answers.
pub(super) fn headers() -> Value {
    let header = |description: &str, example: &str| json!({"description": description, "schema": {"type": "string"}, "example": example});
    json!({
        "X-Request-ID": header("The request: your name for it, or a new one.", "01JNB1Q2W3E4R5T6Y7U8I9O0PA"),
        "Idempotency-Replayed": header("`true` when this is the answer to an earlier request with the same key.", "true"),
        "RateLimit": header("What the key has left: `r` requests in the next `t` seconds.", "\"predict\";r=2999;t=42"),
        "RateLimit-Policy": header("What the key may do: `q` requests in `w` seconds.", "\"predict\";q=3000;w=60"),
        "Retry-After": {"description": "After how many seconds to send the request again.", "schema": {"type": "integer", "minimum": 0}, "example": 1},
        "WWW-Authenticate": header("How to authenticate.", "ApiKey header=\"X-API-Key\", Bearer"),
        "Allow": header("The methods of the route.", "POST, OPTIONS"),
    })
}

fn references(names: &[&str]) -> Value {
    let named = names.iter().map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")})));
    Value::Object(named.collect())
}
