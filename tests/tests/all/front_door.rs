//! The front door, through every gateway: what is refused before a function's own work, and what every answer carries.

use crate::evidence::timed;
use crate::world::{Answer, SHAPES, World, machine};
use palisade_local::host::Shape;
use reqwest::Method;
use serde_json::{Value, json};

const ORIGIN: (&str, &str) = ("CorsOrigins", "https://app.example.com,https://ops.example.com");

/// Every route of the product: method, path, a good body, whether it needs a key.
fn routes() -> Vec<(Method, &'static str, Option<Value>, bool)> {
    vec![
        (Method::GET, "/health", None, false),
        (Method::GET, "/health/ready", None, true),
        (Method::GET, "/openapi.json", None, false),
        (Method::GET, "/docs", None, false),
        (Method::POST, "/v1/ingest", Some(timed("pump", 1.0, "2026-01-01T00:00:00Z")), true),
        (Method::GET, "/v1/sensors", None, true),
        (Method::GET, "/v1/sensors/pump/readings", None, true),
        (Method::POST, "/v1/predict", Some(machine()), true),
    ]
}

async fn send(world: &World, method: &Method, path: &str, body: Option<&Value>, key: Option<&str>) -> Answer {
    let mut call =
        world.call(method.clone(), path).header("x-request-id", "mine-1").header("origin", "https://evil.example");
    if let Some(body) = body {
        call = call.json(body);
    }
    if let Some(key) = key {
        call = call.key(key);
    }
    call.send().await
}

fn assert_common_headers(answer: &Answer, case: &str) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ] {
        assert_eq!(answer.header(name), value, "{case}: {name}");
    }
    let policy = match answer.header("content-type") {
        "text/html; charset=utf-8" => {
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        }
        _ => "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    };
    assert_eq!(answer.header("content-security-policy"), policy, "{case}");
    for name in ["access-control-allow-origin", "access-control-allow-credentials"] {
        assert_eq!(answer.header(name), "", "{case}: a foreign origin gets nothing");
    }
}

#[tokio::test]
async fn the_lines_of_one_request_share_the_gateways_name_for_it() {
    let world = World::start().await;
    world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
    let named = |function: &str| {
        let lines = world.function(function).logs();
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.map(|line| line["gateway_request_id"].clone()).find(|id| id.is_string())
    };
    let name = named("authorize");
    assert!(name.is_some());
    assert_eq!(named("list-sensors"), name);
}

#[tokio::test]
async fn every_route_answers_through_every_gateway_with_the_same_headers() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        for (method, path, body, _) in routes() {
            let answer = send(&world, &method, path, body.as_ref(), Some(&world.keys.all)).await;
            let case = format!("{shape:?} {method} {path}");
            assert_eq!(answer.status, 200, "{case}: {}", answer.body);
            assert_eq!(answer.header("x-request-id"), "mine-1", "{case}");
            let page = path == "/docs";
            let kind = if page { "text/html; charset=utf-8" } else { "application/json" };
            let opener = if page { "same-origin" } else { "" };
            assert_eq!(answer.header("content-type"), kind, "{case}");
            assert_eq!(answer.header("cross-origin-opener-policy"), opener, "{case}");
            assert_common_headers(&answer, &case);
        }
    }
}

#[tokio::test]
async fn every_protected_route_refuses_a_missing_and_a_wrong_key_in_the_same_way() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let (start, end) = world.keys.all.split_at(world.keys.all.len() - 1);
        let typo = format!("{start}{}", if end == "x" { "y" } else { "x" });
        let stranger = vault::ApiKey::mint("test", 1).unwrap().text().reveal().to_string();
        for (method, path, body, protected) in routes() {
            if !protected {
                continue;
            }
            let case = format!("{shape:?} {method} {path}");
            let mut bodies = Vec::new();
            for key in [None, Some(""), Some("nonsense"), Some(typo.as_str()), Some(stranger.as_str())] {
                let answer = send(&world, &method, path, body.as_ref(), key).await;
                assert_common_headers(&answer, &case);
                let mut problem = answer.refused(401, "unauthorized");
                problem["instance"].take();
                bodies.push(problem);
            }
            assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{case}: {bodies:?}");
        }
    }
}

#[tokio::test]
async fn a_key_anywhere_but_in_its_header_is_refused() {
    for shape in [Shape::HttpV2, Shape::Watch] {
        let world = World::behind(shape).await;
        let key = &world.keys.all;
        let calls = [
            world.get(&format!("/v1/sensors?api_key={key}")),
            world.get(&format!("/v1/sensors?cursor={key}")).key(key),
            world.get("/v1/sensors?X-API-Key=anything").key(key),
            world.get("/v1/sensors").key(key).header("cookie", &format!("session={key}")),
            world.post("/v1/ingest").key(key).json(&json!({"sensor_id": "a", "metadata": {"note": key}})),
            world.get("/v1/sensors").header("authorization", &format!("Bearer {key}")),
        ];
        for call in calls {
            call.send().await.refused(401, "unauthorized");
        }
        for function in ["list-sensors", "ingest"] {
            assert!(!world.function(function).logs().join("\n").contains(key.as_str()), "a key was logged");
        }
    }
}

#[tokio::test]
async fn two_keys_in_one_request_are_refused_where_the_gateway_shows_both() {
    for shape in [Shape::RestV1, Shape::HttpV2] {
        let world = World::behind(shape).await;
        let call = world.get("/v1/sensors").key(&world.keys.read_only).key(&world.keys.all);
        call.send().await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn an_authorizer_context_of_another_key_is_refused_and_written_down() {
    let world = World::start().await;
    let event = |kid: &str| {
        json!({
            "httpMethod": "GET", "path": "/v1/sensors",
            "multiValueHeaders": {"X-API-Key": [world.keys.all]},
            "requestContext": {"authorizer": {"kid": kid, "principalId": kid}},
        })
        .to_string()
    };
    let status = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["statusCode"].clone();
    let own = world.keys.all.split('_').nth(2).unwrap();
    let function = world.function("list-sensors");
    assert_eq!(status(&function.invoke(event(own)).await.unwrap().body), 200);
    assert_eq!(status(&function.invoke(event("0aaaaaaaaaaa")).await.unwrap().body), 401);
    let entries = crate::evidence::audit(&world, "demo").await;
    assert_eq!(entries.iter().filter(|entry| entry["decision"] == "denied_context").count(), 1, "{entries:?}");
}

#[tokio::test]
async fn no_event_makes_a_function_fail_outside_the_front_door() {
    let world = World::start().await;
    let events = [
        json!({}),
        json!({"version": "2.0"}),
        json!({"httpMethod": "POST", "path": "/v1/ingest", "isBase64Encoded": true, "body": "%%%not base64%%%",
               "headers": {"x-api-key": world.keys.all, "content-type": "application/json"}}),
        json!({"httpMethod": "POST", "path": "/v1/ingest", "isBase64Encoded": true, "body": "/v8=",
               "headers": {"x-api-key": world.keys.all, "content-type": "application/json"}}),
        json!({"version": "2.0", "rawPath": "/v1/%ff%fe", "rawQueryString": "%ff=%fe&&&=",
               "requestContext": {"http": {"method": "GET"}}}),
        json!({"httpMethod": null, "path": null, "headers": null, "multiValueHeaders": null, "body": null,
               "queryStringParameters": null, "requestContext": {"authorizer": null}}),
    ];
    for function in ["health", "ready", "ingest", "list-sensors", "query-readings", "predict", "describe-api"] {
        for event in &events {
            let answer = world.function(function).invoke(event.to_string()).await;
            let answer: Value = serde_json::from_slice(&answer.unwrap().body).unwrap();
            let status = answer["statusCode"].as_u64().unwrap();
            assert!((400..500).contains(&status), "{function}: {event} -> {answer}");
        }
        assert_eq!(world.function(function).processes(), 1, "{function} lives on");
    }
}

#[tokio::test]
async fn a_base64_body_is_read_like_any_other() {
    let world = World::start().await;
    let event = json!({
        "version": "2.0", "rawPath": "/v1/ingest", "isBase64Encoded": true,
        "body": "eyJzZW5zb3JfaWQiOiJhIiwic2Vuc29yX3R5cGUiOiJmbG93IiwidW5pdCI6ImwiLCJ2YWx1ZSI6MX0=",
        "headers": {"X-Api-Key": world.keys.all, "Content-Type": "application/json; charset=utf-8"},
        "requestContext": {"http": {"method": "POST"}, "stage": "$default"},
    });
    let answer = world.function("ingest").invoke(event.to_string()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
}

#[tokio::test]
async fn an_array_is_no_object_and_an_object_is_no_name() {
    let world = World::start().await;
    let mut machine = machine();
    machine["machine_type"] = json!({"L": null});
    let goal = json!({"user_id": "u", "type": "budget", "category": "food_dining", "target": ["3000", "INR"]});
    for (method, path, body, pointer) in [
        (
            Method::POST,
            "/v1/ingest",
            json!({"readings": [["pump", 1.5, "flow", "l", null, null, null, null]]}),
            "/readings/0",
        ),
        (
            Method::POST,
            "/v1/predict",
            json!({"instances": [["L", 303.1, 311.2, 1290, 61.5, 190, null]]}),
            "/instances/0",
        ),
        (Method::POST, "/v1/predict", machine, "/machine_type"),
        (Method::PUT, "/v1/policy", json!({"detection": [null, null]}), "/detection"),
        (Method::PUT, "/v1/goals/rest", goal, "/target"),
    ] {
        let call = world.call(method, path).key(&world.keys.all).json(&body);
        let problem = call.send().await.refused(422, "validation_failed");
        let found = &problem["errors"][0];
        assert_eq!((&found["pointer"], &found["code"]), (&json!(pointer), &json!("type")), "{path}: {problem}");
    }
    let rows = json!({"user_id": "u", "channel": "sms", "messages": [[null, null, "Rs.450 spent", null, null, null]]});
    let call = world.call(Method::POST, "/v1/transactions/bulk").key(&world.keys.all).json(&rows);
    assert_eq!(call.send().await.expect(200)["rejected"], json!([{"index": 0, "code": "invalid"}]));
}

#[tokio::test]
async fn request_ids_and_traces_are_kept_when_harmless_and_replaced_when_not() {
    let world = World::behind(Shape::Watch).await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let kept = world.get("/health").header("x-request-id", "a.b_c-1").header("traceparent", trace).send().await;
    assert_eq!((kept.header("x-request-id"), kept.header("traceparent")), ("a.b_c-1", trace));
    for bad in ["", "has space", "semi;colon", &"x".repeat(65), "<script>"] {
        let minted = world.get("/health").header("x-request-id", bad).header("traceparent", "00-xyz").send().await;
        assert_eq!((minted.header("x-request-id").len(), minted.header("traceparent")), (26, ""), "{bad}");
    }
}

#[tokio::test]
async fn only_listed_origins_get_cors_headers_and_a_preflight_needs_no_key() {
    for shape in SHAPES {
        let world = World::with(shape, &[ORIGIN]).await;
        for (method, path, ..) in routes() {
            let preflight = |origin: &'static str| {
                world
                    .call(Method::OPTIONS, path)
                    .header("origin", origin)
                    .header("access-control-request-method", method.as_str())
                    .header("access-control-request-headers", "x-api-key")
                    .send()
            };
            let case = format!("{shape:?} {method} {path}");
            let listed = preflight("https://ops.example.com").await;
            assert_eq!(listed.status, 204, "{case}: {}", listed.body);
            assert_eq!(listed.header("access-control-allow-origin"), "https://ops.example.com", "{case}");
            assert_eq!(listed.header("access-control-allow-methods"), method.as_str(), "{case}");
            assert!(listed.header("access-control-allow-headers").contains("x-api-key"), "{case}");
            assert!(listed.header("vary").contains("Origin"), "{case}");
            let foreign = preflight("https://ops.example.com.evil.example").await;
            assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (204, ""), "{case}");
        }
    }
}

#[tokio::test]
async fn other_methods_and_unknown_routes_answer_with_problems() {
    // An HTTP API answers for routes it does not know itself, and is not what the template deploys.
    for shape in [Shape::RestV1, Shape::Watch] {
        let world = World::behind(shape).await;
        for (method, path) in [
            (Method::GET, "/v1/ingest"),
            (Method::DELETE, "/v1/predict"),
            (Method::POST, "/health"),
            (Method::PATCH, "/v1/sensors"),
        ] {
            let answer = world.call(method, path).key(&world.keys.all).send().await;
            assert_common_headers(&answer, path);
            assert!(matches!(answer.status, 404 | 405), "{shape:?} {path}: {} {}", answer.status, answer.body);
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
        for path in ["/", "/v1", "/v1/nothing", "/v2/ingest", "/v1/sensors/a/b/c", "/health/", "/v1/ingest/x"] {
            let answer = world.get(path).key(&world.keys.all).send().await;
            assert_common_headers(&answer, path);
            answer.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn one_line_a_request_tells_what_happened_and_nothing_personal() {
    let world = World::start().await;
    let body = json!({"sensor_id": "canary-sensor", "sensor_type": "flow", "unit": "l", "value": 4242.125,
                      "location": "canary-location", "metadata": {"canary-key": "canary-value"}});
    world.post("/v1/ingest").key(&world.keys.all).json(&body).send().await.expect(200);
    world
        .post("/v1/ingest")
        .key(&world.keys.all)
        .json(&json!({"sensor_id": "canary#"}))
        .send()
        .await
        .refused(422, "validation_failed");
    let lines = world.function("ingest").logs();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for canary in ["canary", "4242.125", world.keys.all.as_str()] {
        assert!(!lines.join("\n").contains(canary), "{canary} in {lines:?}");
    }
    let (first, second): (Value, Value) =
        (serde_json::from_str(&lines[0]).unwrap(), serde_json::from_str(&lines[1]).unwrap());
    assert_eq!((&first["cold_starts"], &second["cold_starts"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&first["status"], &second["status"], &second["code"]),
        (&json!(200), &json!(422), &json!("validation_failed"))
    );
    assert_eq!(
        (&first["tenant"], &first["scope"], &first["function"]),
        (&json!("demo"), &json!("data:ingest"), &json!("ingest"))
    );
    let metrics = &first["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(metrics["Dimensions"], json!([["function"]]), "the tenant is no dimension");
    let names: Vec<&str> =
        metrics["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
    for name in ["requests", "latency", "faults", "cold_starts"] {
        assert!(names.contains(&name) && first[name].is_number(), "{name}");
    }
}

#[tokio::test]
async fn readiness_names_the_dependency_that_fails() {
    use palisade_local::{Fault, Service, When};
    let world = World::start().await;
    for (service, operation, name) in [
        (Service::DynamoDb, "GetItem", "dynamodb"),
        (Service::SecretsManager, "DescribeSecret", "secrets"),
        (Service::Kms, "DescribeKey", "kms"),
    ] {
        let failing = world.cloud.faults().inject(When::call(service, operation), Fault::InternalError);
        let readiness = world.get("/health/ready").key(&world.keys.read_only).send().await.expect(503);
        for dependency in ["dynamodb", "secrets", "kms", "models"] {
            assert_eq!(readiness[dependency]["ok"], json!(dependency != name), "{readiness}");
        }
        failing.stop();
    }
    world.function("ready").set_environment("MODEL_ALLOWED_SHA256", "");
    let readiness = world.get("/health/ready").key(&world.keys.read_only).send().await.expect(503);
    assert_eq!((&readiness["models"]["ok"], &readiness["kms"]["ok"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_model_that_is_not_allowed_does_not_start() {
    let world = World::start().await;
    world.function("predict").set_environment("MODEL_ALLOWED_SHA256", &"0".repeat(64));
    let answer = world.post("/v1/predict").key(&world.keys.all).json(&machine()).send().await;
    assert!(answer.status >= 500, "{answer:?}");
    world.function("predict").set_environment("MODEL_ALLOWED_SHA256", "");
    let answer = world.post("/v1/predict").key(&world.keys.all).json(&machine()).send().await;
    assert!(answer.status >= 500, "{answer:?}");
}
