//! A cloud with the small template, and functions that play a part.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use palisade_local::{Cloud, CloudOptions, Events, Invoker, Pace, Stack};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What a function makes of an event.
pub(crate) enum Act {
    Answer(Json),
    Fail,
}

type Part = dyn Fn(&str, &Json) -> Act + Send + Sync;

/// Functions as `cargo lambda watch` offers them, but in this process.
#[derive(Clone)]
pub(crate) struct Functions {
    part: Arc<Part>,
    /// The binary and the event of each call.
    calls: Arc<Mutex<Vec<(String, Json)>>>,
}

pub(crate) struct Stage {
    pub(crate) events: Events,
    pub(crate) functions: Functions,
    pub(crate) stack: Stack,
    pub(crate) cloud: Cloud,
}

async fn invoked(State(functions): State<Functions>, Path(binary): Path<String>, body: Bytes) -> (StatusCode, String) {
    let event: Json = serde_json::from_slice(&body).unwrap();
    let act = (functions.part)(&binary, &event);
    functions.calls.lock().unwrap().push((binary, event));
    match act {
        Act::Answer(answer) => (StatusCode::OK, answer.to_string()),
        Act::Fail => {
            let complaint = json!({"errorType": "Broken", "errorMessage": "as the part says"});
            (StatusCode::INTERNAL_SERVER_ERROR, complaint.to_string())
        }
    }
}

impl Stage {
    /// Opens with all in memory.
    pub(crate) async fn open(part: impl Fn(&str, &Json) -> Act + Send + Sync + 'static) -> Self {
        Self::open_in(None, part).await
    }

    pub(crate) async fn open_in(
        data: Option<PathBuf>,
        part: impl Fn(&str, &Json) -> Act + Send + Sync + 'static,
    ) -> Self {
        let cloud = Cloud::start(CloudOptions { port: 0, data }).await.unwrap();
        Self::open_on(cloud, part).await
    }

    pub(crate) async fn open_on(cloud: Cloud, part: impl Fn(&str, &Json) -> Act + Send + Sync + 'static) -> Self {
        Self::open_at(Pace::Tests, cloud, part).await
    }

    pub(crate) async fn open_at(
        pace: Pace,
        cloud: Cloud,
        part: impl Fn(&str, &Json) -> Act + Send + Sync + 'static,
    ) -> Self {
        let stack = cloud.provision(crate::provisioning::small(), "dev").unwrap();
        let functions = Functions { part: Arc::new(part), calls: Arc::default() };
        let router = Router::new()
            .route("/2015-03-31/functions/{binary}/invocations", post(invoked))
            .with_state(functions.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let events = Events::start(&cloud, &stack, &Invoker::Watch(url), pace).unwrap();
        Self { events, functions, stack, cloud }
    }

    pub(crate) async fn put(&self, pk: &str, seq: u32) {
        put_with(&self.cloud.sdk_config(), pk, seq).await;
    }

    /// Puts several items, which arrive in one batch.
    pub(crate) async fn put_together(&self, pk: &str, seqs: std::ops::Range<u32>) {
        let pause = self.events.pause();
        for seq in seqs {
            self.put(pk, seq).await;
        }
        drop(pause);
        self.events.settled().await;
    }

    /// The calls of one function so far, each as the `seq` of its records.
    pub(crate) fn batches(&self, binary: &str) -> Vec<Vec<u32>> {
        self.calls(binary).iter().map(seqs).collect()
    }

    /// The events that one function got so far.
    pub(crate) fn calls(&self, binary: &str) -> Vec<Json> {
        let calls = self.functions.calls.lock().unwrap();
        calls.iter().filter(|(called, _)| called == binary).map(|(_, event)| event.clone()).collect()
    }

    /// What the dead-letter queue was told.
    pub(crate) fn letters(&self) -> Vec<Json> {
        let messages = self.cloud.messages("DeadLetters").unwrap();
        messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

pub(crate) async fn put_with(config: &SdkConfig, pk: &str, seq: u32) {
    let client = aws_sdk_dynamodb::Client::new(config);
    let put = client
        .put_item()
        .table_name("app-dev-events")
        .item("pk", AttributeValue::S(pk.into()))
        .item("seq", AttributeValue::N(seq.to_string()))
        .item("bytes", AttributeValue::B(b"\x00\xff".to_vec().into()));
    put.send().await.unwrap();
}

/// The `seq` of each record of an event.
pub(crate) fn seqs(event: &Json) -> Vec<u32> {
    let records = event["Records"].as_array().unwrap().iter();
    records.map(|record| record["dynamodb"]["Keys"]["seq"]["N"].as_str().unwrap().parse().unwrap()).collect()
}

/// An answer that names the records with these `seq` as failed.
pub(crate) fn failed(event: &Json, failed: &[u32]) -> Act {
    let places = seqs(event).into_iter().enumerate().filter(|(_, seq)| failed.contains(seq));
    let numbers = places.map(|(place, _)| event["Records"][place]["dynamodb"]["SequenceNumber"].clone());
    let failures: Vec<Json> = numbers.map(|number| json!({ "itemIdentifier": number })).collect();
    Act::Answer(json!({ "batchItemFailures": failures }))
}
