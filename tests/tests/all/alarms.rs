//! What alarms watch is really there to be watched: each of our metrics is emitted when what the alarm is for happens.

use crate::clock::drift;
use crate::evidence::{ingest, timed};
use crate::people::message;
use crate::world::{STAGE, World, root};
use palisade_local::{Fault, Service, When};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The metrics of ours that alarms of the template watch, each with its function.
fn watched() -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let template: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let alarms = resources.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let text = |value: &serde_yaml_ng::Value| value.as_str().unwrap().to_owned();
    let mut watched = BTreeSet::new();
    for alarm in alarms.map(|alarm| &alarm["Properties"]) {
        let summed = alarm["Metrics"].as_sequence().into_iter().flatten().map(|metric| &metric["MetricStat"]["Metric"]);
        for metric in summed.chain([alarm]).filter(|metric| metric["Dimensions"][0]["Name"] == "function") {
            watched.insert((text(&metric["Dimensions"][0]["Value"]), text(&metric["MetricName"])));
        }
    }
    watched
}

/// The sum of a metric over what the function has printed, as CloudWatch would extract it.
pub fn sum(world: &World, function: &str, metric: &str) -> f64 {
    let lines = world.function(function).logs();
    let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let values = lines.filter_map(|line| {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let is_defined = directive["Metrics"].as_array()?.iter().any(|defined| defined["Name"] == metric);
        let is_ours = directive["Namespace"] == format!("Palisade/{STAGE}")
            && directive["Dimensions"] == json!([["function"]])
            && line["function"] == function
            && line["_aws"]["Timestamp"].is_i64();
        if is_defined && is_ours { line[metric].as_f64() } else { None }
    });
    values.sum()
}

#[tokio::test]
async fn every_metric_that_an_alarm_watches_is_emitted_when_what_it_is_for_happens() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    let mut seen = BTreeSet::new();
    let mut check = |world: &World, function: &str, metric: &str| {
        assert!(sum(world, function, metric) > 0.0, "{metric} of {function}");
        seen.insert((function.to_owned(), metric.to_owned()));
    };

    world.get("/v1/sensors").key("pal_test_000000000000_nonsense").send().await.refused(401, "unauthorized");
    check(&world, "authorize", "unauthorized");

    world.function("authorize").restart();
    let failing = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::InternalError);
    assert_eq!(world.get("/v1/sensors").key(&key).send().await.status, 503);
    failing.stop();
    check(&world, "authorize", "faults");

    let failing = world.cloud.faults().inject(When::call(Service::Kms, "GenerateDataKey"), Fault::InternalError);
    let payment = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012.";
    world.function("authorize").restart();
    let stored = world.post("/v1/transactions").key(&key).json(&message("ann", payment)).send().await;
    stored.refused(503, "unavailable");
    failing.stop();
    check(&world, "record-transaction", "faults");

    ingest(&world, "one", &timed("pump", 1.0, "2026-01-01T00:00:00Z")).send().await.expect(200);
    let failing = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::InternalError);
    for (function, method, path) in [
        ("ingest", Method::POST, "/v1/ingest"),
        ("query-readings", Method::GET, "/v1/sensors/pump/readings"),
        ("predict", Method::POST, "/v1/predict"),
        ("list-transactions", Method::GET, "/v1/transactions?user_id=ann"),
        ("record-in-bulk", Method::POST, "/v1/transactions/bulk"),
    ] {
        // A process that has yet to learn the keys.
        world.function(function).restart();
        world.call(method, path).key(&key).json(&json!({})).send().await.refused(503, "unavailable");
        check(&world, function, "faults");
        // The next one will ask for them at once.
        world.function(function).restart();
    }
    failing.stop();
    let unreadable = [
        ("detect-on-stream", json!({"dynamodb": {"SequenceNumber": "1", "NewImage": {"sk": {"S": "R#"}}}})),
        ("work-on-stream", json!({"dynamodb": {"SequenceNumber": "1", "NewImage": {"kind": {"S": "alert"}}}})),
        ("process-import", json!({"messageId": "1", "body": ""})),
    ];
    for (function, record) in unreadable {
        world.function(function).invoke(json!({"Records": [record]}).to_string()).await.unwrap();
        check(&world, function, "faults");
    }
    world.host.events().run_schedule("CheckpointAuditFunction").await.unwrap();
    check(&world, "checkpoint-audit", "checkpoints");

    check(&world, "authorize", "keys_ending");

    let failing = world
        .cloud
        .faults()
        .inject(When::call(Service::DynamoDb, "Query").containing("-issuers"), Fault::InternalError);
    world.function("refresh-issuers").invoke("{}").await.unwrap_err();
    failing.stop();
    check(&world, "refresh-issuers", "faults");

    let event = json!({"Step": "finishSecret", "SecretId": "another", "ClientRequestToken": "x"});
    assert!(world.function("rotate-pepper").invoke(event.to_string()).await.is_err());
    check(&world, "rotate-pepper", "faults");

    world.flow().await;
    drift(&world).await;
    check(&world, "watch-drift", "drifts");

    assert_eq!(seen, watched());
}
