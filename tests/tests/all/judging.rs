//! What is said of readings on request: anomalies, drift, forecasts.

use crate::readings::{after, ingest_all};
use crate::world::{SHAPES, World};
use serde_json::{Value, json};

/// A reading a minute, quiet, with a jump from `from` on.
fn jump(sensor: &str, count: i64, from: i64) -> Vec<Value> {
    let noise = |minute: i64| ((minute * 7919) % 101) as f64 / 101.0 - 0.5;
    (0..count).map(|minute| after(sensor, minute * 60, noise(minute) + if minute < from { 5.0 } else { 9.0 })).collect()
}

async fn ask(world: &World, path: &str, body: Value) -> Value {
    world.post(path).key(&world.keys.all).json(&body).send().await.expect(200)
}

fn indices(found: &Value) -> Vec<u64> {
    found["anomalies"].as_array().unwrap().iter().map(|anomaly| anomaly["index"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_jump_is_found_in_readings_of_the_request_behind_every_gateway() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let found = ask(&world, "/v1/anomalies/detect", json!({"readings": jump("fan", 300, 250)})).await;
        assert_eq!(found["analyzed"], 300);
        let at = indices(&found);
        assert!(at.iter().all(|index| *index >= 250) && at.len() > 25, "{at:?}");
        let first = &found["anomalies"][0];
        assert_eq!(first["sensor_id"], "fan");
        assert!(first["expected"]["high"].as_f64().unwrap() < first["value"].as_f64().unwrap(), "{first}");
        assert_eq!(world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200)["sensors"], json!([]));
    }
}

#[tokio::test]
async fn stored_readings_are_judged_in_the_light_of_those_before() {
    let world = World::start().await;
    ingest_all(&world, &jump("fan", 300, 250)).await;
    let range = |from: &str| json!({"sensor_id": "fan", "from": from, "to": "2026-01-01T04:59:00Z"});
    let found = ask(&world, "/v1/anomalies/detect", range("2026-01-01T04:00:00Z")).await;
    assert_eq!((&found["analyzed"], &found["judged"]), (&json!(60), &json!(60)), "the hours before are learned from");
    assert!(indices(&found).len() > 25);
    let missing = json!({"sensor_id": "none", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"});
    world.post("/v1/anomalies/detect").key(&world.keys.all).json(&missing).send().await.refused(404, "not_found");
    let foreign = world.post("/v1/anomalies/detect").key(&world.keys.other_tenant);
    foreign.json(&range("2026-01-01T04:00:00Z")).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn more_sensitivity_finds_no_less() {
    let world = World::start().await;
    let mut before: Vec<u64> = Vec::new();
    for sensitivity in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let body = json!({"readings": jump("fan", 300, 250), "sensitivity": sensitivity});
        let found = indices(&ask(&world, "/v1/anomalies/detect", body).await);
        assert!(before.iter().all(|index| found.contains(index)), "{sensitivity}");
        before = found;
    }
    let bad = json!({"readings": jump("fan", 3, 2), "sensitivity": 1.5});
    let refused = world.post("/v1/anomalies/detect").key(&world.keys.all).json(&bad).send().await;
    assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["pointer"], "/sensitivity");
}

#[tokio::test]
async fn drift_is_a_changed_distribution_and_too_little_data_is_said() {
    let world = World::start().await;
    ingest_all(&world, &jump("fan", 240, 120)).await;
    let check = |minutes: i64, least: i64| json!({"sensor_id": "fan", "window_minutes": minutes, "min_samples": least});
    let drifted = ask(&world, "/v1/drift/check", check(120, 30)).await;
    assert_eq!((&drifted["drift_detected"], &drifted["insufficient_data"]), (&json!(true), &json!(false)));
    assert_eq!((&drifted["ks_statistic"], &drifted["recent_count"]), (&json!(1.0), &json!(120)), "{drifted}");
    let same = ask(&world, "/v1/drift/check", check(60, 30)).await;
    assert_eq!(same["drift_detected"], false, "{same}");
    let little = ask(&world, "/v1/drift/check", check(10, 30)).await;
    assert_eq!((&little["insufficient_data"], &little["p_value"]), (&json!(true), &json!(null)));
    let bad = json!({"sensor_id": "fan", "window_minutes": 0});
    let refused = world.post("/v1/drift/check").key(&world.keys.all).json(&bad).send().await;
    assert_eq!(refused.refused(422, "validation_failed")["errors"][0]["pointer"], "/window_minutes");
    let missing = json!({"sensor_id": "none", "window_minutes": 10});
    world.post("/v1/drift/check").key(&world.keys.all).json(&missing).send().await.refused(404, "not_found");
}

#[tokio::test]
async fn a_rise_is_forecast_to_its_limit_and_too_little_history_gets_no_forecast() {
    let world = World::start().await;
    let noise = |minute: i64| ((minute * 7919) % 101) as f64 / 500.0;
    let rise: Vec<Value> =
        (0..400).map(|minute| after("tank", minute * 60, 10.0 + minute as f64 * 0.05 + noise(minute))).collect();
    ingest_all(&world, &rise).await;
    let ask_for =
        |sensor: &str| json!({"sensor_id": sensor, "horizon_minutes": 120, "limit": {"high": 32.0, "low": 0}});
    let found = ask(&world, "/v1/forecast", ask_for("tank")).await;
    let points = found["points"].as_array().unwrap();
    let last = points.last().unwrap();
    assert!((last["value"].as_f64().unwrap() - 36.0).abs() < 1.5, "{last}");
    for point in points {
        let [low95, low80, value, high80, high95] =
            ["low95", "low80", "value", "high80", "high95"].map(|name| point[name].as_f64().unwrap());
        assert!(low95 <= low80 && low80 <= value && value <= high80 && high80 <= high95, "{point}");
    }
    let minutes = found["time_to_limit"]["high"]["minutes"].as_f64().unwrap();
    assert!((20.0..70.0).contains(&minutes), "{minutes}");
    assert_eq!(found["time_to_limit"]["low"], json!(null));
    assert_eq!(found["coverage"].as_array().unwrap().len(), 2);

    ingest_all(&world, &jump("new", 10, 5)).await;
    let refused = world.post("/v1/forecast").key(&world.keys.all).json(&ask_for("new")).send().await;
    assert!(refused.refused(422, "insufficient_data")["detail"].as_str().unwrap().contains("30"));
    let missing = world.post("/v1/forecast").key(&world.keys.all).json(&ask_for("none")).send().await;
    missing.refused(404, "not_found");
}
