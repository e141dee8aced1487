//! What only a process shows: its log lines, its panics, and what it says of batches.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kernel::{Scope, Tenant};
use palisade_keys::{Issued, Keyring, Order};
use palisade_local::{
    Cloud, CloudOptions,
    host::{Lambda, Program},
};
use serde_json::{Value, json};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");

/// A cloud and one function of this kind.
struct World {
    _cloud: Cloud,
    keyring: Keyring,
    lambda: Lambda,
}

impl World {
    async fn start(kind: &str) -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let stack = cloud.provision(TEMPLATE, "dev").unwrap();
        let functions = stack.functions();
        // It has what an endpoint that stores needs.
        let like = functions.iter().find(|function| function.binary == "ingest").unwrap();
        let mut environment = stack.environment(&like.logical_id).unwrap();
        environment.insert("PALISADE_DOOR".to_owned(), kind.to_owned());
        environment.insert("CORS_ORIGINS".to_owned(), "https://ops.example.com,https://two.example.com".to_owned());
        let lambda = Lambda::new(Program {
            path: env!("CARGO_BIN_EXE_palisade-door").into(),
            environment,
            name: "works".to_owned(),
            timeout: Duration::from_secs(20),
            memory_mib: 256,
        });
        Self { keyring: Keyring::new(&cloud.sdk_config(), "dev"), _cloud: cloud, lambda }
    }

    async fn mint(&self, scope: Scope) -> Issued {
        let now = Timestamp::now();
        let order = Order {
            tenant: Tenant::parse("acme").unwrap(),
            scopes: [scope].into_iter().collect(),
            name: "test".parse().unwrap(),
            expires: now + SignedDuration::from_hours(1),
            usage_plan: None,
        };
        self.keyring.mint(&order, now).await.unwrap()
    }

    async fn invoke(&self, event: &Value) -> Value {
        serde_json::from_slice(&self.lambda.invoke(event.to_string()).await.unwrap().body).unwrap()
    }

    /// The status of a request, and the one log line that it made.
    async fn ask(&self, key: &str, outcome: &str, method: &str, origin: &str) -> (Value, Value) {
        self.lambda.clear_logs();
        let event = json!({
            "version": "2.0",
            "rawPath": "/v1/works",
            "headers": {
                "x-api-key": key,
                "content-type": "application/json",
                "x-request-id": "the-one",
                "origin": origin,
            },
            "requestContext": {"http": {"method": method}, "stage": "$default"},
            "body": json!({"outcome": outcome}).to_string(),
        });
        let began = Instant::now();
        let answer = self.invoke(&event).await;
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        let lines: Vec<Value> = self.lambda.logs().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let mut lines = lines.into_iter().filter(|line| line.get("panic").is_none());
        let line = lines.next().expect("a line");
        assert_eq!(lines.next(), None, "one line a request");
        let latency = line["latency"].as_f64().unwrap();
        assert!((0.001..took).contains(&latency), "{latency} of {took} milliseconds");
        (answer, line)
    }
}

fn text(issued: &Issued) -> &str {
    issued.key.text().reveal()
}

fn metrics(line: &Value) -> Vec<&str> {
    let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    named.iter().map(|metric| metric["Name"].as_str().unwrap()).collect()
}

/// What of a line is always the same.
fn told(line: &Value) -> Value {
    let names = ["function", "method", "status", "code", "requests", "faults", "cold_starts", "request_id", "cause"];
    names.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn one_line_a_request_counts_what_became_of_it() {
    let world = World::start("endpoint").await;
    let (good, poor) = (world.mint(Scope::DataIngest).await, world.mint(Scope::DataRead).await);
    let common = ["requests", "latency", "faults", "cold_starts"];
    let cases = [
        (text(&good), "works", "PUT", 200, json!(null), 0, Some("works")),
        (text(&poor), "works", "PUT", 403, json!("forbidden"), 0, Some("forbidden")),
        ("nothing", "works", "PUT", 401, json!("unauthorized"), 0, Some("unauthorized")),
        (text(&good), "fails", "PUT", 503, json!("unavailable"), 1, None),
        (text(&good), "panics", "PUT", 500, json!("internal_error"), 1, None),
        (text(&good), "works", "GET", 405, json!("method_not_allowed"), 0, None),
    ];
    for (number, (key, outcome, method, status, code, faults, counted)) in cases.into_iter().enumerate() {
        let (answer, line) = world.ask(key, outcome, method, "").await;
        assert_eq!(answer["statusCode"], status, "{answer}");
        let expected = json!({
            "function": "works",
            "method": method,
            "status": status,
            "code": code,
            "requests": 1,
            "faults": faults,
            "cold_starts": u8::from(number == 0),
            "request_id": "the-one",
            "cause": match outcome { "fails" => json!("the reason"), "panics" => json!("panic"), _ => json!(null) },
        });
        assert_eq!(told(&line), expected);
        assert_eq!(metrics(&line), common.into_iter().chain(counted).collect::<Vec<_>>());
        if let Some(counted) = counted {
            assert_eq!(line[counted], if counted == "works" { 2 } else { 1 });
        }
    }
}

#[tokio::test]
async fn a_request_above_the_limit_is_counted_as_one() {
    let world = World::start("endpoint").await;
    let key = world.mint(Scope::DataIngest).await;
    // Six in a minute are too many, and twelve are in two.
    for _ in 0..11 {
        let (answer, line) = world.ask(text(&key), "works", "PUT", "").await;
        if answer["statusCode"] == 429 {
            assert_eq!((&line["rate_limited"], line["faults"].as_u64()), (&json!(1), Some(0)));
            assert!(metrics(&line).contains(&"rate_limited"));
            return;
        }
    }
    panic!("nothing was refused");
}

#[tokio::test]
async fn an_origin_on_the_list_is_told_what_it_may_do_and_another_is_not() {
    let world = World::start("endpoint").await;
    for (method, origin, allowed, methods) in [
        ("OPTIONS", "https://ops.example.com", json!("https://ops.example.com"), json!("PUT")),
        ("OPTIONS", "https://two.example.com", json!("https://two.example.com"), json!("PUT")),
        ("PUT", "https://ops.example.com", json!("https://ops.example.com"), json!(null)),
        ("OPTIONS", "https://ops.example.com.evil.example", json!(null), json!(null)),
        ("OPTIONS", "", json!(null), json!(null)),
    ] {
        let (answer, _) = world.ask("nothing", "works", method, origin).await;
        let headers = &answer["headers"];
        assert_eq!(headers["access-control-allow-origin"], allowed, "{method} {origin}");
        assert_eq!(headers["access-control-allow-methods"], methods, "{method} {origin}");
        assert_eq!(headers["access-control-allow-headers"].is_string(), methods.is_string(), "{method} {origin}");
        assert_eq!(headers["access-control-expose-headers"].is_string(), allowed.is_string(), "{method} {origin}");
        assert_eq!(headers["vary"], "Origin");
    }
}

#[tokio::test]
async fn a_panic_leaves_its_place_in_the_log_and_none_of_its_words() {
    let world = World::start("endpoint").await;
    let key = world.mint(Scope::DataIngest).await;
    world.ask(text(&key), "panics", "PUT", "").await;
    let logs = world.lambda.logs().join("\n");
    assert!(logs.contains("{\"panic\":\"") && logs.contains("main.rs:"), "{logs}");
    assert!(!logs.contains("secret"), "{logs}");
    assert_eq!(world.ask(text(&key), "works", "PUT", "").await.0["statusCode"], 200);
    assert_eq!(world.lambda.processes(), 1);
}

#[tokio::test]
async fn whoever_is_recognised_has_a_line_and_whoever_is_not_too() {
    let world = World::start("recogniser").await;
    let issued = world.mint(Scope::DataRead).await;
    let (answer, line) = world.ask(text(&issued), "works", "PUT", "").await;
    assert_eq!(answer, json!({"kid": &**issued.key.kid()}));
    assert_eq!((&line["status"], &line["cold_starts"], &line["kid"]), (&json!(200), &json!(1), &answer["kid"]));
    let (answer, line) = world.ask("nothing", "works", "PUT", "").await;
    assert_eq!(answer, json!({"code": "unauthorized"}));
    assert_eq!((&line["status"], &line["cold_starts"], &line["unauthorized"]), (&json!(401), &json!(0), &json!(1)));
    assert_eq!((&line["function"], &line["method"], &line["kid"]), (&json!("authorize"), &json!("PUT"), &json!(null)));
}

#[tokio::test]
async fn of_a_batch_of_messages_exactly_those_that_failed_come_back() {
    let world = World::start("consumer").await;
    let message = |id: &str, body: &str| json!({"messageId": id, "body": body});
    let batch = json!({"Records": [
        message("one", r#"{"outcome":"works"}"#),
        message("two", r#"{"outcome":"fails"}"#),
        message("three", r#"{"outcome":"panics"}"#),
        message("four", r#"{"outcome":"a canary"}"#),
        message("five", r#"{"outcome":"works"}"#),
    ]});
    let answer = world.invoke(&batch).await;
    let failed: Vec<&Value> =
        answer["batchItemFailures"].as_array().unwrap().iter().map(|item| &item["itemIdentifier"]).collect();
    assert_eq!(failed, ["two", "three", "four"]);
    let logs = world.lambda.logs();
    let line: Value = logs
        .iter()
        .find_map(|line| serde_json::from_str(line).ok().filter(|line: &Value| line["records"].is_u64()))
        .unwrap();
    assert_eq!((&line["records"], &line["works"], &line["faults"]), (&json!(2), &json!(2), &json!(1)));
    let logs = logs.join("\n");
    assert!(!logs.contains("canary") && !logs.contains("secret"), "{logs}");
}

#[tokio::test]
async fn a_batch_of_the_stream_is_followed_up_to_what_fails() {
    let world = World::start("follower").await;
    let records = |names: &[&str]| {
        let record = |name: &&str| json!({"dynamodb": {"SequenceNumber": name}});
        json!({"Records": names.iter().map(record).collect::<Vec<_>>()})
    };
    let again = |answer: &Value| answer["batchItemFailures"][0]["itemIdentifier"].clone();
    assert_eq!(again(&world.invoke(&records(&["1", "2"])).await), json!(null));
    assert_eq!(again(&world.invoke(&records(&["1", "fails", "3"])).await), json!("fails"));
    assert_eq!(again(&world.invoke(&records(&["1", "panics"])).await), json!("panics"));
    assert_eq!(again(&world.invoke(&records(&["fails"])).await), json!("fails"));
    // The first of several that fails fails all, so that Lambda halves the batch.
    assert!(world.lambda.invoke(records(&["fails", "2"]).to_string()).await.is_err());
}
