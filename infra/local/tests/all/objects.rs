//! Uploads by presigned URLs, and who learns of them.

use crate::provisioning::small;
use crate::stage::{Act, Stage};
use crate::world::code;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use palisade_local::{Cloud, CloudOptions, Fault, Service, StoredObject, When};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value as Json, json};
use std::time::{Duration, SystemTime};

const BUCKET: &str = "palisade-dev-imports";

async fn cloud() -> (Cloud, Client) {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    cloud.provision(small(), "dev").unwrap();
    let client = Client::new(&cloud.sdk_config());
    cloud.reset_counts();
    (cloud, client)
}

/// A URL to which three bytes can be put for a minute.
async fn presigned(client: &Client, signed: SystemTime) -> String {
    let config = PresigningConfig::builder().start_time(signed).expires_in(Duration::from_secs(60)).build().unwrap();
    let put = client.put_object().bucket(BUCKET).key("new/a.ndjson").content_length(3);
    put.presigned(config).await.unwrap().uri().to_owned()
}

async fn put(client: &Client, key: &str, body: &'static str) {
    let put = client.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(body.as_bytes()));
    put.send().await.unwrap();
}

/// The status, and the code in the XML.
async fn refusal(answer: Response) -> (u16, String) {
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    (status, code.unwrap_or_else(|| panic!("{status}: {text}")).0.to_owned())
}

#[tokio::test]
async fn a_presigned_url_is_good_for_nothing_but_what_was_signed() {
    let (cloud, client) = cloud().await;
    let url = presigned(&client, SystemTime::now()).await;
    let plain = reqwest::Client::new();
    let other = |from: &str, to: &str| {
        assert!(url.contains(from), "{url}");
        plain.put(url.replace(from, to))
    };
    let different = (403, "SignatureDoesNotMatch");
    let cases: Vec<(&str, RequestBuilder, (u16, &str))> = vec![
        ("another key", other("a.ndjson", "b.ndjson").body("{}\n"), different),
        ("a longer life", other("X-Amz-Expires=60", "X-Amz-Expires=600").body("{}\n"), different),
        ("another signature", other("X-Amz-Signature=", "X-Amz-Signature=0").body("{}\n"), different),
        ("another method", plain.delete(&url), different),
        ("another length", plain.put(&url).body("{}\n{}\n"), different),
        ("another host", plain.put(&url).header("host", "localhost").body("{}\n"), different),
        ("another owner", other("=local%2F", "=other%2F").body("{}\n"), (403, "InvalidAccessKeyId")),
        ("another Region", other("us-east-1", "eu-west-1").body("{}\n"), (400, "AuthorizationQueryParametersError")),
        ("metadata", plain.put(&url).header("x-amz-meta-a", "b").body("{}\n"), (403, "AccessDenied")),
        ("two signatures", plain.put(&url).header("authorization", "Bearer x").body("{}\n"), (400, "InvalidArgument")),
        ("no signature", plain.put(url.split_once('?').unwrap().0).body("{}\n"), (403, "AccessDenied")),
        (
            "half a signature",
            other("X-Amz-Date", "X-Amz-Dote").body("{}\n"),
            (400, "AuthorizationQueryParametersError"),
        ),
    ];
    for (name, request, (status, code)) in cases {
        assert_eq!(refusal(request.send().await.unwrap()).await, (status, code.to_owned()), "{name}");
    }
    assert_eq!(cloud.objects("Imports").unwrap(), []);
    assert_eq!(cloud.messages("Parcels").unwrap(), []);
    assert_eq!(plain.put(&url).body("{}\n").send().await.unwrap().status(), 200);
    assert_eq!(cloud.objects("Imports").unwrap(), [StoredObject { key: "new/a.ndjson".to_owned(), size: 3 }]);
}

#[tokio::test]
async fn a_presigned_url_is_good_for_its_time() {
    let (_cloud, client) = cloud().await;
    let now = SystemTime::now();
    for (signed, is_good) in [
        (now - Duration::from_secs(61), false),
        (now - Duration::from_secs(50), true),
        (now + Duration::from_secs(600), true),
        (now + Duration::from_secs(1200), false),
    ] {
        let url = presigned(&client, signed).await;
        let answer = reqwest::Client::new().put(&url).body("{}\n").send().await.unwrap();
        match is_good {
            true => assert_eq!(answer.status(), 200),
            false => assert_eq!(refusal(answer).await, (403, "AccessDenied".to_owned())),
        }
    }
}

#[tokio::test]
async fn a_caller_with_other_keys_is_refused() {
    let (cloud, _) = cloud().await;
    for (access_key, secret_key, refused) in
        [("other", "local", "InvalidAccessKeyId"), ("local", "other", "SignatureDoesNotMatch")]
    {
        let credentials = aws_sdk_s3::config::Credentials::new(access_key, secret_key, None, None, "test");
        let config = aws_sdk_s3::config::Builder::from(&cloud.sdk_config()).credentials_provider(credentials).build();
        let client = Client::from_conf(config);
        assert_eq!(code(client.get_object().bucket(BUCKET).key("k").send().await), refused);
    }
}

#[tokio::test]
async fn an_object_of_64_mib_is_stored_and_a_larger_one_refused() {
    let (cloud, client) = cloud().await;
    let config = || PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = client.put_object().bucket(BUCKET).key("k").presigned(config()).await.unwrap();
    let largest = 64 * 1024 * 1024;
    let plain = reqwest::Client::new();
    for more in [1, 8 * 1024 * 1024] {
        let answer = plain.put(put.uri()).body(vec![b'x'; largest + more]).send().await.unwrap();
        assert_eq!(refusal(answer).await, (400, "EntityTooLarge".to_owned()));
    }
    assert_eq!(plain.put(put.uri()).body(vec![b'x'; largest]).send().await.unwrap().status(), 200);
    assert_eq!(cloud.objects("Imports").unwrap(), [StoredObject { key: "k".to_owned(), size: largest }]);
}

#[tokio::test]
async fn what_s3_could_do_and_this_one_cannot_is_refused() {
    let (_cloud, client) = cloud().await;
    let parts = client.create_multipart_upload().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(parts), "NotImplemented");
    assert_eq!(code(client.get_object_tagging().bucket(BUCKET).key("k").send().await), "NotImplemented");
    let copy = client.copy_object().bucket(BUCKET).key("k").copy_source(format!("{BUCKET}/other")).send().await;
    assert_eq!(code(copy), "NotImplemented");
    let put = client.put_object().bucket(BUCKET).key("k").checksum_sha256("x").send().await;
    assert_eq!(code(put), "NotImplemented");
}

#[tokio::test]
async fn a_queue_learns_of_the_new_objects_that_it_asked_for() {
    let (cloud, client) = cloud().await;
    for (key, body) in [("new/a b+ü.ndjson", "{}\n"), ("old/a.ndjson", "{}\n"), ("new/a.csv", "a,b\n")] {
        put(&client, key, body).await;
    }
    let [message] = <[_; 1]>::try_from(cloud.messages("Parcels").unwrap()).unwrap();
    let mut event: Json = serde_json::from_str(&message.body).unwrap();
    let record = &mut event["Records"][0];
    let time = record["eventTime"].take();
    assert_eq!(time.as_str().unwrap().len(), "1970-01-01T00:00:00.000Z".len(), "{time}");
    let sequencer = record["s3"]["object"]["sequencer"].take();
    assert!(sequencer.as_str().unwrap().bytes().all(|digit| digit.is_ascii_hexdigit()), "{sequencer}");
    record["responseElements"].take();
    assert_eq!(
        event,
        json!({ "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": null,
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": "AWS:000000000000"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": null,
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "palisade-dev-Parcels",
                "bucket": {
                    "name": BUCKET,
                    "ownerIdentity": {"principalId": "000000000000"},
                    "arn": format!("arn:aws:s3:::{BUCKET}"),
                },
                "object": {
                    "key": "new/a+b%2B%C3%BC.ndjson",
                    "size": 3,
                    "eTag": "8a80554c91d9fca8acb82f023de02f11",
                    "sequencer": null,
                },
            },
        }] })
    );
}

#[tokio::test]
async fn a_function_gets_what_was_uploaded() {
    let stage = Stage::open(|_, _| Act::Answer(Json::Null)).await;
    put(&Client::new(&stage.cloud.sdk_config()), "new/a.ndjson", "{}\n").await;
    stage.events.settled().await;
    let [event] = <[Json; 1]>::try_from(stage.calls("deliver")).unwrap();
    let told: Json = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(told["Records"][0]["s3"]["object"]["key"], "new/a.ndjson");
}

#[tokio::test]
async fn faults_meet_the_calls_of_their_objects() {
    let (cloud, _) = cloud().await;
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(500)).build();
    let config = cloud.sdk_config().to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
    let client = Client::new(&config);
    let put = |key: &str| client.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send();
    let next = When::call(Service::S3, "PutObject").containing("marked").times(1);
    for (fault, refused) in [
        (Fault::Throttle, "SlowDown"),
        (Fault::InternalError, "InternalError"),
        (Fault::PartialBatch, "SlowDown"),
        (Fault::Conflict, "OperationAborted"),
    ] {
        let injected = cloud.faults().inject(next.clone(), fault);
        put("plain").await.unwrap();
        assert_eq!(code(put("marked").await), refused);
        assert_eq!(injected.fired(), 1);
    }
    cloud.faults().inject(next.clone(), Fault::Timeout);
    assert!(matches!(put("marked").await, Err(SdkError::TimeoutError(_))));
    cloud.faults().inject(next.clone(), Fault::Reset);
    assert!(matches!(put("marked").await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(cloud.objects("Imports").unwrap().len(), 1);
    cloud.faults().inject(next, Fault::ResetAfter);
    assert!(matches!(put("marked").await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(cloud.objects("Imports").unwrap().len(), 2);
}

#[tokio::test]
async fn every_call_is_counted_by_its_operation() {
    let (cloud, client) = cloud().await;
    put(&client, "k", "x").await;
    client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    for operation in ["PutObject", "GetObject", "HeadObject", "DeleteObject"] {
        assert_eq!(cloud.calls_of(Service::S3, operation), 1, "{operation}");
    }
}
