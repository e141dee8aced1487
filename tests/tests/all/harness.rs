//! Proof that the harness is the product: one request of each kind, behind each gateway.

use crate::world::{SHAPES, World, machine, reading};
use palisade_local::host::{Failure, Shape};
use palisade_local::{Service, When};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn anyone_may_ask_for_health() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        assert_eq!(world.get("/health").send().await.expect(200), json!({"status": "ok"}));
    }
}

#[tokio::test]
async fn a_key_holder_sees_every_dependency_ready() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let ready = world.get("/health/ready").key(&world.keys.read_only).send().await.expect(200);
        for dependency in ["dynamodb", "secrets", "kms", "models"] {
            assert_eq!(ready[dependency]["ok"], true, "{ready}");
        }
    }
}

#[tokio::test]
async fn a_reading_that_was_sent_is_read_back() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let accepted = world.post("/v1/ingest").key(&world.keys.all).json(&reading("pump-7", 71.5)).send().await;
        assert_eq!(accepted.expect(200)["accepted"], 1);
        let page =
            world.get("/v1/sensors/pump-7/readings?limit=10").key(&world.keys.read_only).send().await.expect(200);
        assert_eq!(page["readings"][0]["value"], 71.5);
        let sensors = world.get("/v1/sensors").key(&world.keys.read_only).send().await.expect(200);
        assert_eq!(sensors["sensors"][0]["sensor_id"], "pump-7", "{sensors}");
    }
}

#[tokio::test]
async fn a_machine_row_is_predicted() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let prediction = world.post("/v1/predict").key(&world.keys.all).json(&machine()).send().await.expect(200);
        assert!(prediction["failure_probability"].is_f64(), "{prediction}");
    }
}

#[tokio::test]
async fn a_request_without_a_key_is_refused_by_whoever_sees_it_first() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        world.get("/v1/sensors").send().await.refused(401, "unauthorized");
        let processes = world.function("list-sensors").processes();
        assert_eq!(processes, usize::from(shape != Shape::RestV1), "{shape:?}");
        world.get("/v1/sensors").key("pal_test_000000000000_nonsense").send().await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_key_without_the_scope_is_refused() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let refused = world.post("/v1/ingest").key(&world.keys.read_only).json(&reading("pump-7", 1.0)).send().await;
        refused.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn an_unknown_route_is_a_problem() {
    for shape in [Shape::RestV1, Shape::Watch] {
        let world = World::behind(shape).await;
        world.get("/v1/nothing").key(&world.keys.all).send().await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_problem() {
    let deployed = World::start().await;
    deployed.call(Method::PUT, "/v1/ingest").key(&deployed.keys.all).send().await.refused(404, "not_found");
    let watched = World::behind(Shape::Watch).await;
    let refused = watched.call(Method::PUT, "/v1/ingest").key(&watched.keys.all).send().await;
    refused.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn the_authorizer_is_asked_for_every_request() {
    let world = World::start().await;
    for asked in 1..=3 {
        world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
        let lines = world.function("authorize").logs();
        assert_eq!(lines.iter().filter(|line| line.contains(r#""function":"authorize""#)).count(), asked, "{lines:?}");
    }
}

#[tokio::test]
async fn log_lines_are_there_when_the_answer_is() {
    let world = World::behind(Shape::Watch).await;
    world.get("/health").header("x-request-id", "the-one").send().await.expect(200);
    let logs = world.function("health").logs();
    assert!(logs.iter().any(|line| line.contains(r#""request_id":"the-one""#)), "{logs:?}");
}

#[tokio::test]
async fn requests_at_the_same_time_get_a_process_each_and_a_restart_makes_the_next_one_cold() {
    let world = World::behind(Shape::Watch).await;
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "Query"));
    let list = || world.get("/v1/sensors").key(&world.keys.all).send();
    let ((one, two), ()) = tokio::join!(async { tokio::join!(list(), list()) }, async {
        gate.arrived(2).await;
        gate.release();
    });
    assert_eq!((one.status, two.status), (200, 200));
    let function = world.function("list-sensors");
    assert_eq!(function.processes(), 2);
    function.restart();
    assert_eq!(function.processes(), 0);
    list().await.expect(200);
    assert_eq!(function.processes(), 1);
}

#[tokio::test]
async fn a_process_that_dies_fails_its_request_and_is_replaced() {
    let world = World::start().await;
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "Query"));
    let list = || world.get("/v1/sensors").key(&world.keys.all).send();
    let (answer, ()) = tokio::join!(list(), async {
        gate.arrived(1).await;
        world.function("list-sensors").kill();
    });
    answer.refused(500, "internal_error");
    drop(gate);
    list().await.expect(200);
}

#[tokio::test]
async fn a_variable_that_was_set_holds_from_the_next_request_on() {
    let world = World::behind(Shape::Watch).await;
    world.function("predict").set_environment("PREDICT_LIMIT_PER_MINUTE", "1");
    let predict = || world.post("/v1/predict").key(&world.keys.all).json(&machine()).send();
    predict().await.expect(200);
    predict().await.refused(429, "rate_limited");
    world.function("predict").set_environment("MODEL_MINIMUM_VERSION", "999.0.0");
    let failure = world.function("predict").invoke("{}").await.unwrap_err();
    assert!(matches!(failure, Failure::Init(_)), "{failure}");
}
