//! The delivery of streams and schedules.

use crate::stage::{Act, Stage, failed, put_with, seqs};
use aws_types::SdkConfig;
use palisade_local::{Cloud, CloudOptions, Service, When};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicUsize, Ordering};

fn well(_: &str, _: &Json) -> Act {
    Act::Answer(Json::Null)
}

/// Fails the first so many calls.
fn fails_first(failures: usize) -> impl Fn(&str, &Json) -> Act + Send + Sync + 'static {
    let calls = AtomicUsize::new(0);
    move |_, _| match calls.fetch_add(1, Ordering::SeqCst) < failures {
        true => Act::Fail,
        false => Act::Answer(Json::Null),
    }
}

#[tokio::test]
async fn a_record_looks_as_lambda_shows_it() {
    let stage = Stage::open(well).await;
    stage.put("C#1", 7).await;
    stage.events.settled().await;
    let [event] = <[Json; 1]>::try_from(stage.calls("careful")).unwrap();
    let mut record = event["Records"][0].clone();
    let number = record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned();
    assert_eq!(number.len(), 21);
    assert!(record["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap() > 1_700_000_000);
    assert!(record["dynamodb"]["SizeBytes"].as_i64().unwrap() > 0);
    assert!(!record["eventID"].as_str().unwrap().is_empty());
    for (member, name) in [("dynamodb", "ApproximateCreationDateTime"), ("dynamodb", "SizeBytes")] {
        record[member].as_object_mut().unwrap().remove(name);
    }
    record.as_object_mut().unwrap().remove("eventID");
    let stream = stage.stack.environment("WriteFunction").unwrap()["STREAM"].clone();
    assert_eq!(
        record,
        json!({
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "eventSourceARN": stream,
            "dynamodb": {
                "Keys": {"pk": {"S": "C#1"}, "seq": {"N": "7"}},
                "NewImage": {"pk": {"S": "C#1"}, "seq": {"N": "7"}, "bytes": {"B": "AP8="}},
                "SequenceNumber": number,
                "StreamViewType": "NEW_IMAGE",
            },
        })
    );
}

#[tokio::test]
async fn each_function_gets_the_records_it_wants_in_order() {
    let stage = Stage::open(well).await;
    for seq in 0..20 {
        stage.put(["C#1", "S", "L", "other"][seq as usize % 4], seq).await;
    }
    // The second time is no insert.
    stage.put("S", 1).await;
    stage.events.settled().await;
    assert_eq!(stage.batches("careful").concat(), [0, 4, 8, 12, 16]);
    assert_eq!(stage.batches("simple").concat(), [1, 5, 9, 13, 17]);
    assert_eq!(stage.batches("late").concat(), [2, 6, 10, 14, 18]);
}

#[tokio::test]
async fn a_batch_is_as_large_as_it_may_be() {
    let stage = Stage::open(well).await;
    stage.put_together("C#1", 0..20).await;
    assert_eq!(stage.batches("careful").iter().map(Vec::len).collect::<Vec<_>>(), [8, 8, 4]);
}

#[tokio::test]
async fn what_was_there_before_is_for_those_who_start_at_the_horizon() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    cloud.provision(crate::provisioning::small(), "dev").unwrap();
    for pk in ["C#1", "L"] {
        put_with(&cloud.sdk_config(), pk, 1).await;
    }
    let stage = Stage::open_on(cloud, well).await;
    for pk in ["C#1", "L"] {
        stage.put(pk, 2).await;
    }
    stage.events.settled().await;
    assert_eq!(stage.batches("careful").concat(), [1, 2]);
    assert_eq!(stage.batches("late").concat(), [2]);
}

#[tokio::test]
async fn a_batch_that_failed_is_tried_again_before_anything_else() {
    let stage = Stage::open(fails_first(1)).await;
    stage.put_together("S", 0..3).await;
    stage.put_together("S", 3..5).await;
    assert_eq!(stage.batches("simple"), [vec![0, 1, 2], vec![0, 1, 2], vec![3, 4]]);
    assert_eq!(stage.letters(), [json!(null); 0]);
}

#[tokio::test]
async fn what_fails_too_often_is_described_to_the_queue_and_left_behind() {
    let stage = Stage::open(fails_first(2)).await;
    stage.put_together("S", 0..3).await;
    stage.put_together("S", 3..4).await;
    assert_eq!(stage.batches("simple"), [vec![0, 1, 2], vec![0, 1, 2], vec![3]]);
    let [letter] = <[Json; 1]>::try_from(stage.letters()).unwrap();
    let call = &stage.calls("simple")[0];
    assert_eq!(
        letter["requestContext"]["functionArn"],
        "arn:aws:lambda:us-east-1:000000000000:function:SimpleFunction"
    );
    assert_eq!(letter["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(letter["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(letter["responseContext"]["functionError"], "Unhandled");
    let batch = &letter["DDBStreamBatchInfo"];
    assert_eq!(batch["startSequenceNumber"], call["Records"][0]["dynamodb"]["SequenceNumber"]);
    assert_eq!(batch["endSequenceNumber"], call["Records"][2]["dynamodb"]["SequenceNumber"]);
    assert_eq!(batch["batchSize"], 3);
    assert_eq!(batch["streamArn"], call["Records"][0]["eventSourceARN"]);
    assert!(batch["shardId"].as_str().unwrap().starts_with("shardId-"));
    for time in [&letter["timestamp"], &batch["approximateArrivalOfFirstRecord"]] {
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
}

#[tokio::test]
async fn halving_finds_the_one_record_that_fails() {
    let stage = Stage::open(|_, event| match seqs(event).contains(&5) {
        true => Act::Fail,
        false => Act::Answer(json!({})),
    })
    .await;
    stage.put_together("C#1", 0..8).await;
    let (whole, halves) = (vec![0, 1, 2, 3, 4, 5, 6, 7], [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![4, 5]]);
    let ends = [vec![4], vec![5], vec![5], vec![5], vec![6, 7]];
    assert_eq!(stage.batches("careful"), [[whole].as_slice(), &halves, &ends].concat());
    let [letter] = <[Json; 1]>::try_from(stage.letters()).unwrap();
    assert_eq!(letter["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(letter["requestContext"]["approximateInvokeCount"], 3);
}

#[tokio::test]
async fn a_partial_failure_is_tried_again_from_the_first_record_that_failed() {
    let attempts = AtomicUsize::new(0);
    let stage = Stage::open(move |_, event| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 => failed(event, &[6, 3]),
        1 => failed(event, &[3]),
        2 => failed(event, &[6]),
        _ => failed(event, &[]),
    })
    .await;
    stage.put_together("C#1", 0..8).await;
    let from = |first: u32| (first..8).collect::<Vec<_>>();
    assert_eq!(stage.batches("careful"), [from(0), from(3), from(3), from(6)]);
    assert_eq!(stage.letters(), [json!(null); 0]);
}

#[tokio::test]
async fn a_record_that_is_reported_too_often_takes_the_rest_of_its_batch_along() {
    let stage = Stage::open(|_, event| failed(event, &[2])).await;
    stage.put_together("C#1", 0..4).await;
    assert_eq!(stage.batches("careful"), [vec![0, 1, 2, 3], vec![2, 3], vec![2, 3], vec![2, 3]]);
    let [letter] = <[Json; 1]>::try_from(stage.letters()).unwrap();
    assert_eq!(letter["DDBStreamBatchInfo"]["batchSize"], 2);
    assert_eq!(letter["responseContext"]["functionError"], Json::Null);
}

#[tokio::test]
async fn an_answer_that_is_wrong_counts_as_a_failure_of_all() {
    for wrong in [
        json!("fine"),
        json!([]),
        json!({"failures": []}),
        json!({"batchItemFailures": [{"itemIdentifier": "7"}]}),
        json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
        json!({"batchItemFailures": [{"sequenceNumber": "1"}]}),
        json!({"batchItemFailures": {}}),
    ] {
        let attempts = AtomicUsize::new(0);
        let answer = wrong.clone();
        let stage = Stage::open(move |_, _| match attempts.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Answer(answer.clone()),
            _ => Act::Answer(json!({"batchItemFailures": null})),
        })
        .await;
        stage.put_together("C#1", 0..2).await;
        assert_eq!(stage.batches("careful"), [vec![0, 1], vec![0], vec![1]], "{wrong}");
    }
}

#[tokio::test]
async fn an_answer_is_not_read_unless_the_function_reports() {
    let stage = Stage::open(|_, event| failed(event, &[0])).await;
    stage.put_together("S", 0..2).await;
    assert_eq!(stage.batches("simple"), [[0, 1]]);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_batch_ended() {
    let folder = tempfile::tempdir().unwrap();
    let data = || Some(folder.path().join("data"));
    let stage = Stage::open_in(data(), well).await;
    stage.put_together("C#1", 0..3).await;
    let pause = stage.events.pause();
    stage.put("C#1", 3).await;
    drop(stage.events);
    drop(pause);
    stage.cloud.stop().await;

    let stage = Stage::open_in(data(), well).await;
    stage.put("C#1", 4).await;
    stage.events.settled().await;
    assert_eq!(stage.batches("careful").concat(), [3, 4]);
    assert_eq!(stage.letters(), [json!(null); 0]);
}

#[tokio::test]
async fn letters_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = || Some(folder.path().join("data"));
    let stage = Stage::open_in(data(), fails_first(2)).await;
    stage.put_together("S", 0..1).await;
    assert_eq!(stage.letters().len(), 1);
    stage.cloud.stop().await;
    let stage = Stage::open_in(data(), well).await;
    assert_eq!(stage.letters().len(), 1);
}

#[tokio::test]
async fn a_pause_holds_batches_up_and_nothing_is_lost() {
    let stage = Stage::open(well).await;
    let pause = stage.events.pause();
    stage.put("C#1", 0).await;
    stage.put("C#1", 1).await;
    let again = stage.events.pause();
    drop(pause);
    assert_eq!(stage.batches("careful"), [[0_u32; 0]; 0]);
    drop(again);
    stage.events.settled().await;
    assert_eq!(stage.batches("careful"), [[0, 1]]);
}

#[tokio::test]
async fn it_is_not_settled_while_a_write_is_held_or_its_record_on_the_way() {
    let stage = Stage::open(well).await;
    let gate = stage.cloud.faults().hold(When::call(Service::DynamoDb, "PutItem").containing("C#2"));
    let (held, ()) = tokio::join!(stage.put("C#2", 1), async {
        gate.arrived(1).await;
        stage.put("C#1", 0).await;
        stage.events.settled().await;
        assert_eq!(stage.batches("careful"), [[0]]);
        gate.release();
    });
    let () = held;
    stage.events.settled().await;
    assert_eq!(stage.batches("careful"), [[0], [1]]);
}

#[tokio::test]
async fn it_is_settled_when_what_functions_write_is_delivered_too() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let config = cloud.sdk_config();
    let stage = Stage::open_on(cloud, move |binary, event| {
        if let ("careful", [1]) = (binary, seqs(event).as_slice()) {
            let config = config.clone();
            std::thread::scope(|scope| scope.spawn(|| write_blocking(&config)).join().unwrap());
        }
        Act::Answer(Json::Null)
    })
    .await;
    stage.put("C#1", 1).await;
    stage.events.settled().await;
    assert_eq!(stage.batches("late"), [[2]]);
}

fn write_blocking(config: &SdkConfig) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(put_with(config, "L", 2));
}

#[tokio::test]
async fn everything_can_be_delivered_again() {
    let stage = Stage::open(well).await;
    stage.put_together("C#1", 0..3).await;
    stage.events.deliver_again().await;
    assert_eq!(stage.batches("careful"), [[0, 1, 2], [0, 1, 2]]);
}

#[tokio::test]
async fn schedules_come_round_on_demand() {
    let stage = Stage::open(|binary, _| Act::Answer(json!(binary))).await;
    assert_eq!(stage.events.run_schedule("NightlyFunction").await.unwrap(), "\"nightly\"");
    let event = &stage.calls("nightly")[0];
    assert_eq!((&event["source"], &event["detail"]), (&json!("aws.events"), &json!({})));
    assert_eq!(event["detail-type"], "Scheduled Event");
    assert_eq!(event["time"].as_str().unwrap().len(), "2026-01-01T00:00:00Z".len());

    stage.events.run_schedule("Hour").await.unwrap();
    let event = &stage.calls("hourly")[0];
    assert_eq!(event["job"], "tidy");
    assert!(event["at"].as_str().unwrap().ends_with('Z'));
    stage.events.run_schedule("Noon").await.unwrap();
    assert_eq!(stage.calls("hourly")[1]["source"], "aws.scheduler");
    for unclear in ["HourlyFunction", "Nobody"] {
        assert!(stage.events.run_schedule(unclear).await.is_err(), "{unclear}");
    }
}

#[tokio::test]
async fn a_scheduled_function_that_fails_says_so() {
    let stage = Stage::open(fails_first(1)).await;
    let failure = stage.events.run_schedule("Night").await.unwrap_err();
    assert_eq!(failure.to_string(), "Broken: as the part says");
    stage.events.run_schedule("Night").await.unwrap();
}
