//! The delivery of queues.

use crate::stage::{Act, Stage, put_with};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_types::SdkConfig;
use palisade_local::{Cloud, CloudOptions, Message, Pace};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn well(_: &str, _: &Json) -> Act {
    Act::Answer(Json::Null)
}

/// The bodies of an event.
fn bodies(event: &Json) -> Vec<String> {
    let records = event["Records"].as_array().unwrap().iter();
    records.map(|record| record["body"].as_str().unwrap().to_owned()).collect()
}

/// An answer that names the messages with these bodies as failed.
fn failed(event: &Json, failed: &[&str]) -> Act {
    let records = event["Records"].as_array().unwrap().iter();
    let records = records.filter(|record| failed.contains(&record["body"].as_str().unwrap()));
    let failures: Vec<Json> = records.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
    Act::Answer(json!({ "batchItemFailures": failures }))
}

async fn send(stage: &Stage, queue: &str, body: &str) {
    send_with(&stage.cloud.sdk_config(), stage.stack.reference(queue).unwrap(), body).await;
}

async fn send_with(config: &SdkConfig, url: &str, body: &str) {
    Client::new(config).send_message().queue_url(url).message_body(body).send().await.unwrap();
}

/// Sends several messages, which arrive in one batch.
async fn send_together(stage: &Stage, queue: &str, bodies: &[&str]) {
    let pause = stage.events.pause();
    for body in bodies {
        send(stage, queue, body).await;
    }
    drop(pause);
    stage.events.settled().await;
}

fn batches(stage: &Stage, binary: &str) -> Vec<Vec<String>> {
    stage.calls(binary).iter().map(bodies).collect()
}

fn in_queue(stage: &Stage, queue: &str) -> Vec<String> {
    stage.cloud.messages(queue).unwrap().into_iter().map(|message| message.body).collect()
}

/// Runs something that awaits where a function plays its part.
fn block_on(future: impl Future<Output = ()> + Send) {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
    std::thread::scope(|scope| scope.spawn(run).join().unwrap());
}

#[tokio::test]
async fn a_message_looks_as_lambda_shows_it() {
    let stage = Stage::open(well).await;
    let kind = MessageAttributeValue::builder().data_type("String").string_value("x").build().unwrap();
    let url = stage.stack.reference("Jobs").unwrap();
    let sent = Client::new(&stage.cloud.sdk_config()).send_message().queue_url(url).message_body("hello");
    let sent = sent.message_attributes("kind", kind).send().await.unwrap();
    stage.events.settled().await;
    let [event] = <[Json; 1]>::try_from(stage.calls("work")).unwrap();
    let mut record = event["Records"][0].clone();
    let receipt = record["receiptHandle"].as_str().unwrap().to_owned();
    for time in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
        let time = record["attributes"].as_object_mut().unwrap().remove(time).unwrap();
        assert_eq!(time.as_str().unwrap().len(), "1700000000000".len());
    }
    assert_eq!(
        record,
        json!({
            "messageId": sent.message_id(),
            "receiptHandle": receipt,
            "body": "hello",
            "attributes": {"ApproximateReceiveCount": "1", "SenderId": "000000000000"},
            "messageAttributes": {
                "kind": {"stringValue": "x", "dataType": "String", "stringListValues": [], "binaryListValues": []},
            },
            "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:palisade-dev-Jobs",
            "awsRegion": "us-east-1",
        })
    );
}

#[tokio::test]
async fn what_is_delivered_is_deleted() {
    let stage = Stage::open(well).await;
    for body in ["a", "b"] {
        send(&stage, "Jobs", body).await;
    }
    stage.events.settled().await;
    assert_eq!(batches(&stage, "work").concat(), ["a", "b"]);
    assert_eq!(stage.cloud.messages("Jobs").unwrap(), [] as [Message; 0]);
}

#[tokio::test]
async fn a_batch_of_messages_is_as_large_as_it_may_be_and_ten_without_a_word() {
    let stage = Stage::open(well).await;
    let bodies: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    for (queue, binary, sizes) in [("Jobs", "work", [4, 4, 4].as_slice()), ("Parcels", "deliver", &[10, 2])] {
        send_together(&stage, queue, &bodies).await;
        assert_eq!(batches(&stage, binary).iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        assert_eq!(batches(&stage, binary).concat(), bodies);
    }
}

#[tokio::test]
async fn a_message_that_fails_returns_until_it_lies_in_the_dead_letter_queue() {
    let stage = Stage::open(|_, event| match bodies(event).contains(&"bad".to_owned()) {
        true => Act::Fail,
        false => Act::Answer(Json::Null),
    })
    .await;
    send_together(&stage, "Jobs", &["bad", "good"]).await;
    assert_eq!(batches(&stage, "work"), vec![vec!["bad", "good"]; 3]);
    let calls = stage.calls("work");
    for (call, count) in calls.iter().zip(["1", "2", "3"]) {
        assert_eq!(call["Records"][0]["attributes"]["ApproximateReceiveCount"], count);
    }
    assert_eq!(in_queue(&stage, "Undone"), ["bad", "good"]);
    assert_eq!(calls[0]["Records"][0]["messageId"], stage.cloud.messages("Undone").unwrap()[0].id);
    // Alone it is not held back.
    send_together(&stage, "Jobs", &["good"]).await;
    assert_eq!(in_queue(&stage, "Undone").len(), 2);
}

#[tokio::test]
async fn only_the_messages_that_are_named_return() {
    let stage = Stage::open(|_, event| failed(event, &["bad"])).await;
    send_together(&stage, "Jobs", &["a", "bad", "b"]).await;
    assert_eq!(batches(&stage, "work"), [vec!["a", "bad", "b"], vec!["bad"], vec!["bad"]]);
    assert_eq!(in_queue(&stage, "Undone"), ["bad"]);
}

#[tokio::test]
async fn an_answer_about_messages_that_is_wrong_counts_as_a_failure_of_all() {
    for wrong in [
        json!("fine"),
        json!({"failures": []}),
        json!({"batchItemFailures": [{"itemIdentifier": "7"}]}),
        json!({"batchItemFailures": [{"messageId": "7"}]}),
    ] {
        let attempts = AtomicUsize::new(0);
        let answer = wrong.clone();
        let stage = Stage::open(move |_, _| match attempts.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Answer(answer.clone()),
            _ => Act::Answer(json!({"batchItemFailures": []})),
        })
        .await;
        send_together(&stage, "Jobs", &["a", "b"]).await;
        assert_eq!(batches(&stage, "work"), [["a", "b"], ["a", "b"]], "{wrong}");
        assert_eq!(in_queue(&stage, "Undone"), [""; 0]);
    }
}

#[tokio::test]
async fn an_answer_about_messages_is_not_read_unless_the_function_reports() {
    let stage = Stage::open(|_, event| failed(event, &["a"])).await;
    send_together(&stage, "Parcels", &["a"]).await;
    assert_eq!(batches(&stage, "deliver"), [["a"]]);
}

#[tokio::test]
async fn without_a_redrive_policy_a_message_returns_until_it_is_done() {
    let calls = AtomicUsize::new(0);
    let stage = Stage::open(move |_, _| match calls.fetch_add(1, Ordering::SeqCst) < 8 {
        true => Act::Fail,
        false => Act::Answer(Json::Null),
    })
    .await;
    send_together(&stage, "Parcels", &["a"]).await;
    assert_eq!(batches(&stage, "deliver"), [["a"]; 9]);
}

#[tokio::test]
async fn at_the_pace_of_development_a_message_returns_after_the_visibility_timeout() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let calls = AtomicUsize::new(0);
    let stage = Stage::open_at(Pace::Development, cloud, move |_, _| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Act::Fail,
        _ => Act::Answer(Json::Null),
    })
    .await;
    let start = Instant::now();
    send_together(&stage, "Parcels", &["a"]).await;
    assert_eq!(batches(&stage, "deliver"), [["a"], ["a"]]);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_pause_holds_messages_up_and_nothing_is_lost() {
    let stage = Stage::open(well).await;
    let pause = stage.events.pause();
    for body in ["a", "b"] {
        send(&stage, "Jobs", body).await;
    }
    let again = stage.events.pause();
    drop(pause);
    assert_eq!(batches(&stage, "work"), [[""; 0]; 0]);
    assert!(stage.cloud.messages("Jobs").unwrap().iter().all(|message| message.receives == 0));
    drop(again);
    stage.events.settled().await;
    assert_eq!(batches(&stage, "work"), [["a", "b"]]);
}

#[tokio::test]
async fn it_is_not_settled_while_a_message_is_hidden() {
    let stage = Stage::open(well).await;
    let client = Client::new(&stage.cloud.sdk_config());
    let url = stage.stack.reference("Jobs").unwrap();
    let pause = stage.events.pause();
    send(&stage, "Jobs", "a").await;
    let received = client.receive_message().queue_url(url).send().await.unwrap().messages.unwrap();
    let mut settled = std::pin::pin!(stage.events.settled());
    tokio::select! {
        biased;
        () = &mut settled => panic!("a message is hidden"),
        () = send(&stage, "Undone", "b") => {}
    }
    let receipt = received[0].receipt_handle().unwrap();
    client.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
    settled.await;
    drop(pause);
    assert_eq!(batches(&stage, "work"), [[""; 0]; 0]);
    assert_eq!(in_queue(&stage, "Undone"), ["b"]);
}

#[tokio::test]
async fn it_is_settled_when_streams_and_queues_have_nothing_left_together() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let (config, url) = (cloud.sdk_config(), format!("{}/000000000000/palisade-dev-Jobs", cloud.endpoint()));
    let stage = Stage::open_on(cloud, move |binary, event| {
        match binary {
            "careful" => block_on(send_with(&config, &url, "from the stream")),
            "work" if bodies(event) == ["from the stream"] => block_on(send_with(&config, &url, "from the queue")),
            "work" => block_on(put_with(&config, "L", 2)),
            _ => {}
        }
        Act::Answer(Json::Null)
    })
    .await;
    stage.put("C#1", 1).await;
    stage.events.settled().await;
    assert_eq!(batches(&stage, "work"), [["from the stream"], ["from the queue"]]);
    assert_eq!(stage.batches("late"), [[2]]);
}

#[tokio::test]
async fn it_is_not_settled_while_a_function_works_whose_message_is_gone() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let (config, url) = (cloud.sdk_config(), format!("{}/000000000000/palisade-dev-Jobs", cloud.endpoint()));
    let stage = Stage::open_on(cloud, move |binary, event| {
        if let Some(receipt) = event["Records"][0]["receiptHandle"].as_str() {
            assert_eq!(binary, "work");
            block_on(async {
                let client = Client::new(&config);
                client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
                put_with(&config, "L", 2).await;
            });
        }
        Act::Answer(Json::Null)
    })
    .await;
    send(&stage, "Jobs", "a").await;
    stage.events.settled().await;
    assert_eq!(stage.batches("late"), [[2]]);
}

#[tokio::test]
async fn after_its_end_nothing_is_polled() {
    let stage = Stage::open(well).await;
    let Stage { events, functions: _functions, stack, cloud } = stage;
    drop(events);
    send_with(&cloud.sdk_config(), stack.reference("Jobs").unwrap(), "a").await;
    let messages = cloud.messages("Jobs").unwrap();
    assert_eq!((messages.len(), messages[0].receives), (1, 0));
}
