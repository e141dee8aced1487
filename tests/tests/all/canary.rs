//! What is personal reaches no log and no problem, wherever a request carries it and whatever fails.
//!
//! The sweep follows the contract: every operation of `openapi.json` with its examples. A route is swept as soon as it
//! is described, and a secret as soon as it stands in [`SECRETS`].

use std::collections::BTreeSet;

use crate::world::{Answer, World};
use futures_util::future::join_all;
use palisade_local::host::Shape;
use palisade_local::{Fault, Service, When};
use reqwest::Method;
use serde_json::{Value, json};

/// What is sent, and the part of it that must be found nowhere. They have the right shape and belong to nobody.
pub const SECRETS: [(&str, &str); 6] = [
    ("4000001234567899", "4000001234567899"),
    ("000111222333444", "000111222333444"),
    ("+910000012345", "0000012345"),
    ("jane.canary@okfake", "jane.canary"),
    ("joan.canary@example.com", "joan.canary"),
    ("FAKEN00002025010112345", "00002025010112345"),
];

/// How many of them each place of an operation is tried with.
const SECRETS_A_PLACE: usize = 2;

/// The headers that change nothing whatever they hold.
const QUIET_HEADERS: [&str; 5] = ["x-request-id", "traceparent", "idempotency-key", "origin", "user-agent"];

/// One operation of the contract.
struct Operation {
    method: Method,
    path: String,
    query: Vec<String>,
    examples: Vec<Value>,
}

/// Where a request carries a secret.
#[derive(Debug)]
enum Place {
    /// In its headers, and nothing else is out of the way.
    Headers,
    /// In every place at once.
    Everywhere,
    ContentType,
    /// As the value that this pointer names in this example.
    Field(Value, String),
    Segment,
    Query(String),
}

async fn operations(world: &World) -> Vec<Operation> {
    let document = world.get("/openapi.json").send().await.expect(200);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
            let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                query: query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect(),
                examples: examples.iter().flat_map(|all| all.values()).map(|one| one["value"].clone()).collect(),
            });
        }
    }
    for path in ["/v1/transactions", "/v1/goals/{goal_id}", "/v1/users/{user_id}", "/v1/users/{user_id}/export"] {
        assert!(operations.iter().any(|operation| operation.path == path), "{path}");
    }
    assert!(operations.len() >= 45, "{}", operations.len());
    operations
}

/// The pointers to every text in `value`; of a list, those of its first element.
fn texts(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer.to_owned()),
        Value::Array(elements) => elements.iter().take(1).for_each(|one| texts(one, &format!("{pointer}/0"), found)),
        Value::Object(members) => {
            for (name, one) in members {
                texts(one, &format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

impl Operation {
    /// Every place of its requests; of fields that are called the same, the first.
    fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::Headers];
        let mut named = BTreeSet::new();
        for example in &self.examples {
            let mut pointers = Vec::new();
            texts(example, "", &mut pointers);
            pointers.retain(|pointer| named.insert(pointer.rsplit('/').next().unwrap().to_owned()));
            places.extend(pointers.into_iter().map(|pointer| Place::Field(example.clone(), pointer)));
        }
        if !self.examples.is_empty() {
            places.push(Place::ContentType);
        }
        if self.path.contains('{') {
            places.push(Place::Segment);
        }
        places.extend(self.query.iter().cloned().map(Place::Query));
        places
    }

    async fn send(&self, world: &World, place: &Place, secret: &str, key: Option<&str>) -> Answer {
        let everywhere = matches!(place, Place::Everywhere);
        let encoded = secret.replace('+', "%2B");
        let segment = if everywhere || matches!(place, Place::Segment) { &encoded } else { "pump" };
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { segment } else { part });
        let mut path = parts.collect::<Vec<_>>().join("/");
        match place {
            Place::Query(name) => path += &format!("?{name}={encoded}"),
            Place::Everywhere => path += &format!("?cursor={encoded}&{encoded}={encoded}"),
            _ => {}
        }
        let mut call = world.call(self.method.clone(), &path);
        if let Some(key) = key {
            call = call.key(key);
        }
        if everywhere || matches!(place, Place::Headers) {
            let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
            let trace = format!("00-{digits:0>32}-00f067aa0ba902b7-01");
            for name in QUIET_HEADERS {
                call = call.header(name, if name == "traceparent" && digits.len() > 8 { &trace } else { secret });
            }
        }
        let mut body = self.examples.first().cloned();
        match place {
            Place::Field(example, pointer) => {
                let mut changed = example.clone();
                *changed.pointer_mut(pointer).unwrap() = json!(secret);
                body = Some(changed);
            }
            Place::Everywhere => body = Some(json!({"note": secret, (secret): [secret]})),
            _ => {}
        }
        match body {
            Some(body) if matches!(place, Place::ContentType) => call.raw(secret, body.to_string()),
            Some(body) => call.json(&body),
            None => call,
        }
        .send()
        .await
    }
}

/// A problem may say nothing of it but the request id, which is the client's own word for its request.
pub fn assert_silent(answer: &Answer, (secret, needle): (&str, &str), case: &str) {
    if answer.header("x-request-id") != secret {
        assert!(!answer.header("x-request-id").contains(needle), "{case}");
    }
    if answer.status >= 400 {
        let mut problem = answer.json();
        problem["instance"].take();
        assert!(!problem.to_string().contains(needle), "{case}: {problem}");
    }
}

/// What every function has printed.
fn logs(world: &World) -> String {
    let functions = world.host.stack().functions();
    functions.iter().flat_map(|function| world.function(&function.binary).logs()).collect::<Vec<_>>().join("\n")
}

pub fn assert_logs_silent(world: &World) {
    let logs = logs(world);
    for (_, needle) in SECRETS {
        let line = logs.lines().find(|line| line.contains(needle));
        assert_eq!(line, None, "{needle} was logged");
    }
}

fn assert_request_ids_masked(world: &World) {
    assert!(logs(world).contains(r#""request_id":"***""#), "no request id was masked");
}

#[tokio::test]
async fn nothing_personal_is_logged_or_answered_wherever_a_request_carries_it() {
    let mut world = World::behind(Shape::Watch).await;
    let (all, operations) = (&*world.keys.all, operations(&world).await);
    join_all(operations.iter().enumerate().map(async |(turn, operation)| {
        // Every place of every operation with some of them in turn: another operation has the others there.
        let mut secrets = SECRETS.iter().cycle().skip(turn);
        for place in operation.places() {
            for (sent, needle) in secrets.by_ref().take(SECRETS_A_PLACE) {
                let answer = operation.send(&world, &place, sent, Some(all)).await;
                assert_silent(&answer, (sent, needle), &format!("{} {} {place:?}", operation.method, operation.path));
            }
        }
        for (sent, needle) in secrets.take(SECRETS_A_PLACE) {
            for key in [None, Some(all), Some(*sent)] {
                let answer = operation.send(&world, &Place::Everywhere, sent, key).await;
                assert_silent(&answer, (sent, needle), &format!("{} {} everywhere", operation.method, operation.path));
            }
        }
    }))
    .await;
    // What was stored passes through every function that follows it.
    world.flow().await;
    assert_logs_silent(&world);
    assert_request_ids_masked(&world);
}

#[tokio::test]
async fn nothing_personal_is_logged_or_answered_whatever_fails() {
    let world = World::start().await;
    let (all, operations) = (&*world.keys.all, operations(&world).await);
    let sweep = async || {
        join_all(operations.iter().zip(SECRETS.iter().cycle()).map(async |(operation, (sent, needle))| {
            let answer = operation.send(&world, &Place::Headers, sent, Some(all)).await;
            assert_silent(&answer, (sent, needle), &format!("{} {}", operation.method, operation.path));
            answer.status
        }))
        .await
    };
    sweep().await;
    let called = world.cloud.calls().into_keys().filter(|(service, _)| *service == Service::DynamoDb);
    let called: Vec<String> = called.map(|(_, operation)| operation).collect();
    assert!(called.len() >= 4, "{called:?}");
    let mut statuses = BTreeSet::new();
    for operation in called {
        let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, &operation), Fault::InternalError);
        statuses.extend(sweep().await);
        failing.stop();
    }
    assert!(statuses.contains(&503), "{statuses:?}");
    assert_logs_silent(&world);
    assert_request_ids_masked(&world);
}
