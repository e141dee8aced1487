//! What nobody asks for: what follows the stream, works off queues and comes round by the clock. Each is invoked as
//! Lambda does it, and again when it has failed, as Lambda would.

use crate::evidence::dynamo;
use crate::fault_matrix::engine::{Act, Outcome, Seen, Subject, plans, quick, run, slow};
use crate::fault_matrix::report::{Line, conclude};
use crate::fault_matrix::state::State;
use crate::world::{STAGE, World};
use futures_util::future::join;
use palisade_local::host::Failure;
use reqwest::Client;
use serde_json::{Value, json};

/// One way through what functions do one after the other. What waits does so in a world of its own, while the others
/// work.
#[derive(Default)]
pub struct Pass {
    /// Whether calls are never answered; else they fail in every other way.
    is_slow: bool,
    seen: Seen,
    pub lines: Vec<Line>,
}

impl Pass {
    /// Both ways, each through a world of its own; what is wrong is told under this name.
    pub async fn both(name: &str, way: impl AsyncFn(&mut Self)) {
        let (mut quick, mut slow) = (Self::default(), Self { is_slow: true, ..Self::default() });
        join(way(&mut quick), way(&mut slow)).await;
        quick.lines.append(&mut slow.lines);
        conclude(name, &quick.lines);
    }

    /// Makes every call of a function fail, in a world as it is now. At last it is done, and the world goes on from there.
    pub async fn over(&mut self, world: &World, subject: Subject) {
        let mut base = State::take(world).await;
        let subjects = [subject];
        let plans = plans(&subjects, world, &mut base).await;
        let cases = if self.is_slow { slow(&subjects, &plans, &mut self.seen) } else { quick(&plans) };
        self.lines.extend(run(&subjects, world, &mut base, cases).await);
        base.restore(world).await;
        let done = (subjects[0].act)(world).await;
        assert!(matches!(done, Outcome::Done(_)), "{done:?}");
    }
}

/// A function that gets this event.
pub fn invoked(name: &str, binary: &'static str, event: String) -> Subject {
    let act: Act = Box::new(move |world| {
        let answer = world.function(binary).invoke(event.clone());
        Box::pin(async move { judge(answer.await.map(|answer| answer.body.to_vec())) })
    });
    Subject { name: name.to_owned(), binary: binary.to_owned(), act, repeats: &[], in_parts: true }
}

/// A function that comes round by the clock.
pub fn scheduled(binary: &str, logical_id: &'static str) -> Subject {
    let act: Act = Box::new(move |world| {
        let answer = world.host.events().run_schedule(logical_id);
        Box::pin(async move { judge(answer.await.map(|body| body.to_vec())) })
    });
    Subject { name: binary.to_owned(), binary: binary.to_owned(), act, repeats: &[], in_parts: true }
}

/// Whether Lambda was told that all is done, or what to show again.
fn judge(answer: Result<Vec<u8>, Failure>) -> Outcome {
    match answer {
        Ok(body) if String::from_utf8_lossy(&body).contains("itemIdentifier") => {
            Outcome::Refused("shown again".to_owned())
        }
        Ok(_) => Outcome::Done("done".to_owned()),
        Err(Failure::Function { .. }) => Outcome::Refused("invoked again".to_owned()),
        Err(failure) => Outcome::Wrong(failure.to_string()),
    }
}

/// The event that a message of a queue becomes.
pub fn message(body: &str) -> String {
    json!({"Records": [{"messageId": "m1", "body": body}]}).to_string()
}

/// The last changes of the Telemetry table that are wanted, as one event of its stream.
pub async fn changes(world: &World, most: usize, wanted: impl Fn(&Value) -> bool) -> String {
    let table = format!("palisade-{STAGE}-telemetry");
    let told = dynamo(world).describe_table().table_name(table).send().await.unwrap();
    let stream = told.table().unwrap().latest_stream_arn().unwrap().to_owned();
    let told = streams(world, "DescribeStream", json!({"StreamArn": stream})).await;
    let shard = &told["StreamDescription"]["Shards"][0]["ShardId"];
    let place = json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let mut next = streams(world, "GetShardIterator", place).await["ShardIterator"].clone();
    let mut found = Vec::new();
    loop {
        let page = streams(world, "GetRecords", json!({"ShardIterator": next})).await;
        let records = page["Records"].as_array().unwrap();
        found.extend(records.iter().filter(|record| wanted(&record["dynamodb"]["NewImage"])).cloned());
        next = page["NextShardIterator"].clone();
        if records.is_empty() || next.is_null() {
            break;
        }
    }
    assert!(!found.is_empty());
    json!({"Records": found.split_off(found.len().saturating_sub(most))}).to_string()
}

async fn streams(world: &World, operation: &str, body: Value) -> Value {
    let request = Client::builder().no_proxy().build().unwrap().post(world.cloud.endpoint());
    let target = format!("DynamoDBStreams_20120810.{operation}");
    let request = request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.0");
    // Nobody checks it, but it must be there.
    let signed = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=0";
    let request = request.header("authorization", signed).header("x-amz-date", "20260101T000000Z");
    let answer = request.body(body.to_string()).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, 200, "{operation}: {text}");
    serde_json::from_str(&text).unwrap()
}
