//! Warm requests: from handing the event to the process to its answer.

use std::{path::Path, time::Duration};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse};
use palisade_local::host::Lambda;
use serde_json::{Value, json};

use palisade_bench::{Outcome, World, expect_ok, median, milliseconds, readings};

use crate::{Row, row};

const RUNS: usize = 500;

pub(crate) async fn rows(root: &Path, packages: &Path) -> Outcome<Vec<Row>> {
    let world = World::start(root).await?;
    let stub = stub(world.cloud.endpoint()).await?;
    let now = jiff::Timestamp::now().as_second() - 3_600;

    let ingest = world.function(packages, "ingest", Some(&stub))?;
    let event = world.event("POST", "/v1/ingest", "", &readings(100, 1, now));
    let ingest_time = timed(&ingest, &event).await?;

    let predict = world.function(packages, "predict", Some(&stub))?;
    predict.set_environment("PREDICT_LIMIT_PER_MINUTE", "1000000");
    let machine = |explain: bool| {
        json!({"machine_type": "M", "air_temperature_k": 300.1, "process_temperature_k": 309.8,
               "rotational_speed_rpm": 1498.0, "torque_nm": 44.2, "tool_wear_min": 120.0, "explain": explain})
    };
    let plain = timed(&predict, &world.event("POST", "/v1/predict", "", &machine(false))).await?;
    let explained = timed(&predict, &world.event("POST", "/v1/predict", "", &machine(true))).await?;

    let show = |time: Duration| format!("{:.2} ms", milliseconds(time));
    Ok(vec![
        row("ingest of 100 readings, warm, instant DynamoDB, median", show(ingest_time), "<= 1 ms"),
        row("predict through the function, warm, instant DynamoDB, median", show(plain), ""),
        row("the same with exact contributions", show(explained), ""),
    ])
}

async fn timed(function: &Lambda, event: &str) -> Outcome<Duration> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let answer = function.invoke(event.to_owned()).await.map_err(|failure| format!("{failure:?}"))?;
        expect_ok(&answer.body)?;
        times.push(answer.took);
    }
    Ok(median(&mut times))
}

/// A DynamoDB that agrees with everything at once; everything else is answered by the cloud, and remembered.
async fn stub(cloud: &str) -> Outcome<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let secrets = secrets(cloud).await?;
    let app = Router::new().fallback(answer).with_state(std::sync::Arc::new(secrets));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(endpoint)
}

type Secrets = std::sync::Arc<std::collections::BTreeMap<String, String>>;

async fn answer(State(secrets): State<Secrets>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = match target.split('.').next_back().unwrap_or_default() {
        "GetSecretValue" => {
            let id = request.get("SecretId").and_then(Value::as_str).unwrap_or_default();
            json!({"ARN": id, "Name": id, "SecretString": secrets.get(id)})
        }
        "UpdateItem" => json!({"Attributes": {"hits": {"N": "1"}}}),
        _ => json!({}),
    };
    ([("content-type", "application/x-amz-json-1.0")], answer.to_string())
}

/// Every secret of the cloud, by its ARN.
async fn secrets(cloud: &str) -> Outcome<std::collections::BTreeMap<String, String>> {
    let client = aws_sdk_secretsmanager::Client::new(&palisade_local::sdk_config(cloud));
    let listed = client.list_secrets().send().await?;
    let mut secrets = std::collections::BTreeMap::new();
    for arn in listed.secret_list().iter().filter_map(|secret| secret.arn()) {
        let value = client.get_secret_value().secret_id(arn).send().await?;
        secrets.insert(arn.to_owned(), value.secret_string().unwrap_or_default().to_owned());
    }
    Ok(secrets)
}
