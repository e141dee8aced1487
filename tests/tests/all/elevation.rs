//! Nobody does what the key does not allow, and nobody sees another tenant; and every refusal has one shape.

use crate::ingest::T;
use crate::readings::after;
use crate::world::{Answer, Call, SHAPES, World, machine, reading, text};
use kernel::Scope;
use palisade_local::host::Shape;
use reqwest::Method;
use serde_json::{Value, json};

const READINGS: &str = "/v1/sensors/pump/readings";

/// Every protected route, with the scope that admits; any key is admitted where there is none.
const ROUTES: [(&str, Option<Scope>); 25] = [
    ("/health/ready", None),
    ("/v1/ingest", Some(Scope::DataIngest)),
    ("/v1/sensors", Some(Scope::DataRead)),
    (READINGS, Some(Scope::DataRead)),
    ("/v1/predict", Some(Scope::MlPredict)),
    ("/v1/anomalies/detect", Some(Scope::MlAnomaly)),
    ("/v1/drift/check", Some(Scope::MlDrift)),
    ("/v1/alerts", Some(Scope::MaintenanceRead)),
    ("/v1/tasks", Some(Scope::MaintenanceRead)),
    ("/v1/notifications", Some(Scope::MaintenanceRead)),
    ("/v1/audit", Some(Scope::AuditRead)),
    ("/v1/reports", Some(Scope::ReportsGenerate)),
    ("/v1/policy", Some(Scope::MaintenanceRead)),
    ("/v1/calendar", Some(Scope::MaintenanceRead)),
    ("/v1/settings", Some(Scope::TransactionsRead)),
    ("/v1/transactions", Some(Scope::TransactionsWrite)),
    ("/v1/transactions/classify", Some(Scope::TransactionsRead)),
    ("/v1/transactions/bulk", Some(Scope::TransactionsWrite)),
    ("/v1/transactions/imports", Some(Scope::TransactionsWrite)),
    ("/v1/transactions?user_id=u1", Some(Scope::TransactionsRead)),
    ("/v1/goals/g1", Some(Scope::GoalsWrite)),
    ("/v1/goals?user_id=u1", Some(Scope::GoalsRead)),
    ("/v1/users/u1/recurring", Some(Scope::TransactionsRead)),
    ("/v1/users/u1/export", Some(Scope::PrivacyExport)),
    // Last, because nothing is left then.
    ("/v1/users/u1", Some(Scope::PrivacyErase)),
];

/// A bank's message.
const PAYMENT: &str = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012.";

/// A good request to a route.
fn request(world: &World, route: &str) -> Call {
    match route {
        "/v1/ingest" => world.post(route).json(&reading("pump", 1.5)),
        "/v1/predict" => world.post(route).json(&machine()),
        "/v1/anomalies/detect" => world.post(route).json(&json!({"readings": [reading("pump", 1.5)]})),
        "/v1/drift/check" => world.post(route).json(&json!({"sensor_id": "pump", "window_minutes": 5})),
        "/v1/reports" => world.post(route).json(&json!({
            "report_type": "system_health", "format": "csv", "from": T, "to": "2026-01-02T00:00:00Z",
        })),
        "/v1/transactions" => world
            .post(route)
            .json(&json!({"user_id": "u1", "channel": "sms", "message": PAYMENT, "sender": "AD-HDFCBK"})),
        "/v1/transactions/classify" => world.post(route).json(&json!({"channel": "sms", "message": PAYMENT})),
        "/v1/transactions/bulk" => {
            world.post(route).json(&json!({"user_id": "u1", "channel": "sms", "messages": [PAYMENT]}))
        }
        "/v1/transactions/imports" => world.post(route).json(&json!({"user_id": "u1", "size": 100})),
        "/v1/goals/g1" => world.put(route).json(&json!({
            "user_id": "u1", "type": "budget", "target": {"value": "10", "currency": "INR"},
        })),
        "/v1/users/u1" => world.call(Method::DELETE, route),
        _ => world.get(route),
    }
}

#[tokio::test]
async fn on_every_route_exactly_the_right_scope_admits() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let mut keys = Vec::new();
        for scope in Scope::ALL {
            keys.push((*scope, text(&world.mint("demo", &[*scope]).await)));
        }
        let none = text(&world.mint("demo", &[]).await);
        request(&world, "/v1/ingest").key(&world.keys.all).send().await.expect(200);
        for (route, needed) in ROUTES {
            for (scope, key) in &keys {
                let answer = request(&world, route).key(key).send().await;
                if needed.is_none_or(|needed| needed == *scope) {
                    assert_eq!(answer.status / 100, 2, "{shape:?} {scope} {route}: {}", answer.body);
                } else {
                    let problem = answer.refused(403, "forbidden");
                    assert_ne!(problem["detail"], json!(null), "{shape:?} {scope} {route}");
                }
            }
            let answer = request(&world, route).key(&none).send().await;
            assert_eq!(answer.status, if needed.is_none() { 200 } else { 403 }, "{shape:?} no scope {route}");
            request(&world, route).send().await.refused(401, "unauthorized");
        }
        let all_but: Vec<_> = Scope::ALL.iter().copied().filter(|scope| *scope != Scope::DataIngest).collect();
        world.function("ingest").restart();
        let key = text(&world.mint("demo", &all_but).await);
        world.function("authorize").restart();
        request(&world, "/v1/ingest").key(&key).send().await.refused(403, "forbidden");
        let page = world.get(READINGS).key(&world.keys.read_only).send().await.expect(200);
        assert_eq!(page["readings"].as_array().unwrap().len(), 2, "one of all, one of data:ingest");
    }
}

#[tokio::test]
async fn a_scope_is_asked_for_before_the_body_is_looked_at() {
    let world = World::start().await;
    let reader = || world.post("/v1/ingest").key(&world.keys.read_only);
    for body in ["{", "{}", "[]", "{\"readings\":[]}"] {
        reader().body(body).send().await.refused(403, "forbidden");
    }
}

/// The body of a 404 without what names the request.
fn anonymous(answer: Answer) -> Value {
    let mut problem = answer.refused(404, "not_found");
    problem["instance"] = json!(null);
    problem
}

#[tokio::test]
async fn no_route_shows_a_tenant_what_is_anothers() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let (demo, other) = (&*world.keys.all, &*world.keys.other_tenant);
        let get = |key: &str, path: &str| world.get(path).key(key).send();
        let write = |key: &str, body: Value| {
            world.post("/v1/ingest").key(key).header("idempotency-key", "the-same").json(&body).send()
        };
        let batch = json!({"readings": [after("pump", 0, 1.0), after("fan", 0, 2.0)]});
        write(demo, batch).await.expect(200);
        assert_eq!(get(other, "/v1/sensors").await.expect(200), json!({"sensors": [], "next_cursor": null}));
        for query in ["", "?resolution=1d", "?order=desc&from=2026-01-01T00:00:00Z"] {
            let foreign = anonymous(get(other, &format!("/v1/sensors/pump/readings{query}")).await);
            let missing = anonymous(get(other, &format!("/v1/sensors/nothing/readings{query}")).await);
            assert_eq!(foreign, missing, "{shape:?} {query}");
        }
        let sensors = get(demo, "/v1/sensors?limit=1").await.expect(200);
        let cursor = sensors["next_cursor"].as_str().unwrap();
        get(other, &format!("/v1/sensors?limit=1&cursor={cursor}")).await.refused(400, "invalid_request");
        // The same idempotency key, and then the same sensor, of another tenant.
        let theirs = write(other, after("lamp", 0, 3.0)).await;
        assert_eq!(theirs.header("idempotency-replayed"), "", "{shape:?}");
        theirs.expect(200);
        anonymous(get(demo, "/v1/sensors/lamp/readings").await);
        let same = world.post("/v1/ingest").key(other).json(&after("pump", 0, 4.0)).send().await;
        same.expect(200);
        for (key, value, names) in [(demo, 1.0, ["fan", "pump"]), (other, 4.0, ["lamp", "pump"])] {
            let page = get(key, READINGS).await.expect(200);
            assert_eq!(page["readings"], json!([{"timestamp": T, "value": value, "quality": null}]));
            let sensors = get(key, "/v1/sensors").await.expect(200);
            let found: Vec<_> = sensors["sensors"].as_array().unwrap().iter().map(|one| &one["sensor_id"]).collect();
            assert_eq!(found, names);
        }
    }
}

#[tokio::test]
async fn a_tenant_whose_name_begins_another_is_another() {
    let world = World::start().await;
    let mut keys = Vec::new();
    for tenant in ["acme", "acme.a", "acme-", "ac", "Acme"] {
        keys.push(text(&world.mint(tenant, Scope::ALL).await));
    }
    for (index, key) in keys.iter().enumerate() {
        for key in &keys[index..] {
            assert_eq!(world.get("/v1/sensors").key(key).send().await.expect(200)["sensors"], json!([]));
        }
        let sensor = reading("a.b", index as f64);
        world.post("/v1/ingest").key(key).json(&sensor).send().await.expect(200);
        let page = world.get("/v1/sensors/a.b/readings").key(key).send().await.expect(200);
        assert_eq!(
            (page["readings"].as_array().unwrap().len(), &page["readings"][0]["value"]),
            (1, &json!(index as f64))
        );
    }
}

/// A request for each kind of refusal, with its code.
fn refusals(world: &World) -> Vec<(Call, u16, &'static str)> {
    let all = &*world.keys.all;
    let ingest = || world.post("/v1/ingest");
    vec![
        (ingest().key(all).body("{"), 400, "invalid_request"),
        (ingest().key(all).body("{\"colour\":1}"), 400, "invalid_request"),
        (world.get("/v1/sensors?colour=red").key(all), 400, "invalid_request"),
        (world.get("/v1/sensors?cursor=x").key(all), 400, "invalid_request"),
        (world.get("/health?colour=red"), 400, "invalid_request"),
        (world.get("/health/ready?colour=red").key(all), 400, "invalid_request"),
        (ingest().json(&reading("a", 1.0)), 401, "unauthorized"),
        (ingest().key("wrong").json(&reading("a", 1.0)), 401, "unauthorized"),
        (world.get("/health/ready"), 401, "unauthorized"),
        (ingest().key(&world.keys.read_only).json(&reading("a", 1.0)), 403, "forbidden"),
        (world.get("/v1/nothing").key(all), 404, "not_found"),
        (world.get("/v1/sensors/nothing/readings").key(all), 404, "not_found"),
        (ingest().key(all).body(" ".repeat(300_000)), 413, "payload_too_large"),
        (ingest().key(all).raw("text/plain", "{}"), 415, "unsupported_media_type"),
        (ingest().key(all).body("{}"), 422, "validation_failed"),
        (world.post("/v1/predict").key(all).body("{}"), 422, "validation_failed"),
        (world.get("/v1/sensors?limit=0").key(all), 422, "validation_failed"),
    ]
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_names_its_request() {
    const FIELDS: [&str; 6] = ["type", "title", "status", "detail", "instance", "code"];
    const SECURITY: [&str; 5] = [
        "cache-control",
        "content-security-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
    ];
    for shape in [Shape::RestV1, Shape::Watch] {
        let world = World::behind(shape).await;
        let health = world.get("/health").send().await;
        let mut refusals = refusals(&world);
        if shape == Shape::Watch {
            let put = world.call(Method::PUT, "/v1/ingest").key(&world.keys.all);
            refusals.push((put, 405, "method_not_allowed"));
        }
        for (call, status, code) in refusals {
            let answer = call.send().await;
            let (request_id, case) = (answer.header("x-request-id").to_owned(), format!("{shape:?} {}", answer.body));
            assert_ne!(request_id, "", "{case}");
            for name in SECURITY {
                assert_eq!(answer.header(name), health.header(name), "{name} {case}");
            }
            let problem = answer.refused(status, code);
            assert_eq!(problem["instance"], request_id, "{case}");
            assert_eq!(problem["type"], format!("urn:palisade:problem:{code}"), "{case}");
            assert!(problem["title"].is_string() && problem["detail"].is_string(), "{case}");
            for name in problem.as_object().unwrap().keys() {
                assert!(FIELDS.contains(&&**name) || name == "errors", "{case}");
            }
            if status == 422 {
                let errors = problem["errors"].as_array().unwrap();
                assert!(errors.iter().all(|error| error.as_object().unwrap().len() == 3), "{case}");
                assert!(!errors.is_empty(), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_problem_carries_the_request_id_that_the_client_chose() {
    let world = World::behind(Shape::Watch).await;
    for path in ["/v1/nothing", "/v1/sensors?limit=0", "/v1/sensors"] {
        for (key, good) in [(&*world.keys.all, "a.b_c-1"), ("wrong", "x")] {
            let answer = world.get(path).key(key).header("x-request-id", good).send().await;
            assert_eq!(answer.header("x-request-id"), good, "{path}");
            assert!(answer.status == 200 || answer.json()["instance"] == good, "{path} {}", answer.body);
        }
        let answer = world.get(path).header("x-request-id", "<script>").send().await;
        assert!(!answer.body.contains("script") && !answer.header("x-request-id").contains("script"));
    }
}
