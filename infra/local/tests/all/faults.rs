//! What a client sees of each fault, and what has been applied behind its back.

use crate::contract_dynamodb::{create_table, item, key, put_if_new, stored};
use crate::world::code;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
use std::time::Duration;

const TABLE: &str = "faults";

/// A cloud with a table, and a client that never tries twice and waits at most half a second.
async fn cloud() -> (Cloud, Client) {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(500)).build();
    let config = cloud.sdk_config().to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
    let client = Client::new(&config);
    create_table(&client, TABLE).await;
    cloud.reset_counts();
    (cloud, client)
}

async fn put(client: &Client, seq: u32) -> Result<PutItemOutput, SdkError<PutItemError>> {
    let put = client.put_item().table_name(TABLE);
    put.set_item(Some(item("a", seq, "x"))).send().await
}

fn puts() -> When {
    When::call(Service::DynamoDb, "PutItem")
}

#[tokio::test]
async fn throttling_and_internal_errors_apply_nothing() {
    let (cloud, client) = cloud().await;
    cloud.faults().inject(puts().times(1), Fault::Throttle);
    cloud.faults().inject(puts().times(1), Fault::InternalError);
    assert_eq!(code(put(&client, 0).await), "ProvisionedThroughputExceededException");
    assert_eq!(code(put(&client, 0).await), "InternalServerError");
    assert_eq!(stored(&client, TABLE, "a", 0).await, None);
    put(&client, 0).await.unwrap();
    assert_eq!(cloud.calls_of(Service::DynamoDb, "PutItem"), 3);
}

#[tokio::test]
async fn each_service_throttles_and_fails_in_its_own_words() {
    let (cloud, _) = cloud().await;
    let config = cloud.sdk_config().to_builder().retry_config(RetryConfig::disabled()).build();
    for (fault, [of_secrets, of_kms, of_gateway, of_sqs, of_sns, of_s3]) in [
        (
            Fault::Throttle,
            [
                "ThrottlingException",
                "ThrottlingException",
                "TooManyRequestsException",
                "RequestThrottled",
                "Throttling",
                "SlowDown",
            ],
        ),
        (
            Fault::InternalError,
            [
                "InternalServiceError",
                "KMSInternalException",
                "ServiceUnavailableException",
                "InternalFailure",
                "InternalError",
                "InternalError",
            ],
        ),
    ] {
        for service in
            [Service::SecretsManager, Service::Kms, Service::ApiGateway, Service::Sqs, Service::Sns, Service::S3]
        {
            cloud.faults().inject(When::any(service).times(1), fault);
        }
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        assert_eq!(code(secrets.list_secrets().send().await), of_secrets);
        let kms = aws_sdk_kms::Client::new(&config);
        assert_eq!(code(kms.list_aliases().send().await), of_kms);
        let gateway = aws_sdk_apigateway::Client::new(&config);
        assert_eq!(code(gateway.get_api_keys().send().await), of_gateway);
        let sqs = aws_sdk_sqs::Client::new(&config);
        assert_eq!(code(sqs.create_queue().queue_name("q").send().await), of_sqs);
        let sns = aws_sdk_sns::Client::new(&config);
        assert_eq!(code(sns.create_topic().name("t").send().await), of_sns);
        let s3 = aws_sdk_s3::Client::new(&config);
        assert_eq!(code(s3.get_object().bucket("b").key("k").send().await), of_s3);
    }
}

#[tokio::test]
async fn the_sdk_retries_its_way_through_what_is_worth_a_retry() {
    let (cloud, _) = cloud().await;
    let client = Client::new(&cloud.sdk_config());
    for fault in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
        cloud.reset_counts();
        let injected = cloud.faults().inject(puts().times(1), fault);
        put(&client, 0).await.unwrap();
        assert_eq!(injected.fired(), 1);
        assert_eq!(cloud.calls_of(Service::DynamoDb, "PutItem"), 2);
    }
}

#[tokio::test]
async fn a_timeout_applies_nothing_and_answers_nothing() {
    let (cloud, client) = cloud().await;
    let injected = cloud.faults().inject(puts().times(1), Fault::Timeout);
    assert!(matches!(put(&client, 0).await, Err(SdkError::TimeoutError(_))));
    assert_eq!(injected.fired(), 1);
    assert_eq!(stored(&client, TABLE, "a", 0).await, None);
}

#[tokio::test]
async fn a_reset_before_applies_nothing_and_a_reset_after_everything() {
    let (cloud, client) = cloud().await;
    cloud.faults().inject(puts().times(1), Fault::Reset);
    assert!(matches!(put(&client, 0).await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(stored(&client, TABLE, "a", 0).await, None);

    cloud.faults().inject(puts().times(1), Fault::ResetAfter);
    assert!(matches!(put(&client, 1).await, Err(SdkError::DispatchFailure(_))));
    assert!(stored(&client, TABLE, "a", 1).await.is_some());
}

#[tokio::test]
async fn a_partial_batch_applies_the_first_half_and_returns_the_rest() {
    let (cloud, client) = cloud().await;
    let batch = |seqs: std::ops::Range<u32>| {
        let writes = seqs.map(|seq| {
            let put = PutRequest::builder().set_item(Some(item("a", seq, "x"))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        client.batch_write_item().request_items(TABLE, writes.collect()).send()
    };
    let half = When::call(Service::DynamoDb, "BatchWriteItem");
    cloud.faults().inject(half.clone().times(1), Fault::PartialBatch);
    let answer = batch(0..5).await.unwrap();
    let unprocessed = answer.unprocessed_items.unwrap();
    let left: Vec<_> = unprocessed[TABLE]
        .iter()
        .map(|write| write.put_request().unwrap().item["seq"].as_n().unwrap().as_str())
        .collect();
    assert_eq!(left, ["2", "3", "4"]);
    assert!(stored(&client, TABLE, "a", 1).await.is_some());
    assert_eq!(stored(&client, TABLE, "a", 2).await, None);

    cloud.faults().inject(half.times(1), Fault::PartialBatch);
    assert_eq!(code(batch(2..3).await), "ProvisionedThroughputExceededException");
    assert!(batch(2..5).await.unwrap().unprocessed_items().unwrap().is_empty());
}

#[tokio::test]
async fn a_partial_batch_reads_the_first_half_and_returns_the_keys_of_the_rest() {
    let (cloud, client) = cloud().await;
    for seq in 0..5 {
        client.put_item().table_name(TABLE).set_item(Some(item("a", seq, "x"))).send().await.unwrap();
    }
    let batch = |seqs: std::ops::Range<u32>| {
        let keys = seqs.map(|seq| key("a", seq)).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().unwrap();
        client.batch_get_item().request_items(TABLE, wanted).send()
    };
    let half = When::call(Service::DynamoDb, "BatchGetItem");
    cloud.faults().inject(half.clone().times(1), Fault::PartialBatch);
    let answer = batch(0..5).await.unwrap();
    let left = &answer.unprocessed_keys().unwrap()[TABLE];
    assert_eq!((answer.responses().unwrap()[TABLE].len(), left.keys().len()), (2, 3));
    assert_eq!(left.consistent_read(), Some(true));

    cloud.faults().inject(half.times(1), Fault::PartialBatch);
    assert_eq!(code(batch(2..3).await), "ProvisionedThroughputExceededException");
    assert_eq!(batch(0..5).await.unwrap().responses().unwrap()[TABLE].len(), 5);
}

#[tokio::test]
async fn a_conflict_cancels_a_transaction_and_refuses_a_single_write() {
    let (cloud, client) = cloud().await;
    cloud.faults().inject(When::any(Service::DynamoDb).times(2), Fault::Conflict);
    let transaction = client
        .transact_write_items()
        .transact_items(put_if_new(TABLE, item("a", 0, "x")))
        .transact_items(put_if_new(TABLE, item("b", 0, "x")))
        .send()
        .await;
    let error = transaction.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = error
    else {
        panic!("{error}");
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "TransactionConflict"]);
    assert_eq!(code(put(&client, 0).await), "TransactionConflictException");
    assert_eq!(stored(&client, TABLE, "a", 0).await, None);
}

#[tokio::test]
async fn a_rule_skips_counts_and_looks_into_the_body() {
    let (cloud, client) = cloud().await;
    let rule = puts().containing("marked").skip(1).times(2);
    let injected = cloud.faults().inject(rule, Fault::InternalError);
    let put = |text: &str| client.put_item().table_name(TABLE).set_item(Some(item("a", 0, text))).send();
    assert!(put("plain").await.is_ok());
    assert!(put("marked").await.is_ok());
    assert!(put("marked").await.is_err());
    assert!(put("plain").await.is_ok());
    assert!(put("marked").await.is_err());
    assert!(put("marked").await.is_ok());
    assert_eq!(injected.fired(), 2);

    let forever = cloud.faults().inject(puts(), Fault::InternalError);
    assert!(put("plain").await.is_err());
    forever.stop();
    assert!(put("plain").await.is_ok());
}

#[tokio::test]
async fn whoever_listens_hears_every_call_that_arrives_also_those_that_fail() {
    let (cloud, client) = cloud().await;
    put(&client, 0).await.unwrap();
    assert_eq!(cloud.faults().heard().len(), 0, "nobody listened");
    cloud.faults().inject(puts(), Fault::Reset);
    cloud.faults().listen();
    assert!(put(&client, 1).await.is_err());
    assert!(stored(&client, TABLE, "a", 0).await.is_some());
    let heard = cloud.faults().heard();
    let names: Vec<_> = heard.iter().map(|met| (met.service, met.operation.as_str())).collect();
    assert_eq!(names, [(Service::DynamoDb, "PutItem"), (Service::DynamoDb, "GetItem")]);
    assert!(String::from_utf8(heard[0].subject.clone()).unwrap().contains(TABLE));
    put(&client, 2).await.unwrap_err();
    assert_eq!(cloud.faults().heard().len(), 0, "nobody listens any more");
}

#[tokio::test]
async fn a_gate_holds_a_call_until_it_is_released() {
    let (cloud, client) = cloud().await;
    let gate = cloud.faults().hold(puts().times(1));
    let held = tokio::spawn({
        let client = client.clone();
        async move { put(&client, 0).await }
    });
    gate.arrived(1).await;
    put(&client, 1).await.expect("the second call is not held");
    assert_eq!(stored(&client, TABLE, "a", 0).await, None);
    gate.release();
    held.await.unwrap().unwrap();
    assert!(stored(&client, TABLE, "a", 0).await.is_some());
}

#[tokio::test]
async fn a_dropped_gate_releases_and_a_released_call_meets_the_fault_rules() {
    let (cloud, client) = cloud().await;
    let gate = cloud.faults().hold(puts());
    cloud.faults().inject(puts().times(1), Fault::InternalError);
    let held = tokio::spawn({
        let client = client.clone();
        async move { put(&client, 0).await }
    });
    gate.arrived(1).await;
    drop(gate);
    assert_eq!(code(held.await.unwrap()), "InternalServerError");
    cloud.faults().clear();
    put(&client, 0).await.unwrap();
}

#[tokio::test]
async fn clouds_in_one_process_are_worlds_of_their_own() {
    let (one, client) = cloud().await;
    let (other, other_client) = cloud().await;
    one.faults().inject(puts(), Fault::InternalError);
    assert!(put(&client, 0).await.is_err());
    put(&other_client, 0).await.unwrap();
    drop(one);
    assert!(matches!(put(&client, 0).await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(other.calls_of(Service::DynamoDb, "PutItem"), 1);
    let deleted = other_client.delete_item().table_name(TABLE).set_key(Some(key("a", 0)));
    deleted.send().await.unwrap();
}
