//! From a template to a cloud.

use aws_sdk_dynamodb::types::TimeToLiveStatus;
use aws_sdk_sqs::types::QueueAttributeName;
use palisade_local::{Cloud, CloudError, CloudOptions, Function, Route};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/template.yaml")
}

fn real() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
}

async fn cloud() -> Cloud {
    Cloud::start(CloudOptions::default()).await.unwrap()
}

async fn secret(cloud: &Cloud, id: &str) -> String {
    let secrets = aws_sdk_secretsmanager::Client::new(&cloud.sdk_config());
    let got = secrets.get_secret_value().secret_id(id).send().await.unwrap();
    got.secret_string.unwrap()
}

#[tokio::test]
async fn tables_keys_and_secrets_are_as_the_template_says() {
    let cloud = cloud().await;
    let stack = cloud.provision(small(), "dev").unwrap();
    let config = cloud.sdk_config();

    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    let described = dynamodb.describe_table().table_name("app-dev-events").send().await.unwrap();
    let table = described.table.unwrap();
    let keys: Vec<_> = table.key_schema().iter().map(|key| (key.attribute_name(), key.key_type().as_str())).collect();
    assert_eq!(keys, [("pk", "HASH"), ("seq", "RANGE")]);
    assert!(table.stream_specification().unwrap().stream_enabled());
    let ttl = dynamodb.describe_time_to_live().table_name("app-dev-events").send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.attribute_name(), Some("expires"));
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));

    let kms = aws_sdk_kms::Client::new(&config);
    let described = kms.describe_key().key_id("alias/app-dev").send().await.unwrap();
    assert_eq!(Some(described.key_metadata.unwrap().key_id.as_str()), stack.reference("Key"));
    let mac_key = stack.reference("MacKey").unwrap();
    let described = kms.describe_key().key_id(mac_key).send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().key_spec.unwrap().as_str(), "HMAC_256");

    let pepper = secret(&cloud, "app/dev/pepper").await;
    let pepper: std::collections::BTreeMap<String, String> = serde_json::from_str(&pepper).unwrap();
    assert_eq!(pepper["user"], "admin");
    assert_eq!(pepper["1"].len(), 64);
    assert!(pepper["1"].chars().all(|letter| letter.is_ascii_alphanumeric()));
    assert_eq!(secret(&cloud, "app/dev/plain").await, r#"{"keys":{}}"#);
    assert_eq!(stack.reference("OnlyTest"), None);
    assert!(cloud.provision(small(), "test").unwrap().reference("OnlyTest").is_some());
}

#[tokio::test]
async fn a_function_gets_the_environment_that_the_template_sets() {
    let cloud = cloud().await;
    let stack = cloud.provision_with(small(), &[("Stage", "test"), ("Limit", "5")]).unwrap();
    let environment = stack.environment("WriteFunction").unwrap();
    let key = environment["KEY"].clone();
    assert!(key.starts_with("arn:aws:kms:us-east-1:000000000000:key/"));
    assert!(environment["PEPPER"].starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:app/test/pepper-"));
    assert!(environment["STREAM"].starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/app-test-events/stream/"));
    let queue = format!("{}/000000000000/palisade-test-DeadLetters", cloud.endpoint());
    let where_text = format!("us-east-1/{key}/${{Literal}}/palisade-test");
    let shards = format!("{},{}", environment["PEPPER"], stack.reference("Plain").unwrap());
    for (name, value) in [
        ("STAGE", "test"),
        ("OVERRIDDEN", "locally"),
        ("TABLE", "app-test-events"),
        ("SHARDS", &shards),
        ("LIMIT", "5"),
        ("SMALL", "20"),
        ("SECOND", "https://b.example"),
        ("ORIGINS", "https://a.example,https://b.example"),
        ("WHERE", &where_text),
        ("CHOSEN", "large"),
        ("NUMBER", "7"),
        ("QUEUE", &queue),
        ("TOPIC", "arn:aws:sns:us-east-1:000000000000:app-test-alerts"),
        ("TOPIC_NAME", "app-test-alerts"),
        ("BUCKET", "palisade-test-imports"),
        ("BUCKET_ARN", "arn:aws:s3:::palisade-test-imports"),
        ("AWS_ENDPOINT_URL", cloud.endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    let nightly = stack.environment("NightlyFunction").unwrap();
    assert_eq!(nightly["OVERRIDDEN"], "globally");
    assert!(!nightly.contains_key("PEPPER"));
    assert!(stack.environment("Api").is_err());
}

#[tokio::test]
async fn routes_are_the_api_events_of_the_functions() {
    let stack = cloud().await.provision(small(), "dev").unwrap();
    let route = |method: &str, needs_auth| Route {
        method: method.to_owned(),
        path: "/v1/things/{id}".to_owned(),
        function: "WriteFunction".to_owned(),
        binary: "write".to_owned(),
        needs_auth,
    };
    assert_eq!(stack.routes(), [route("OPTIONS", false), route("POST", true)]);
    let function =
        |logical_id: &str, binary: &str| Function { logical_id: logical_id.to_owned(), binary: binary.to_owned() };
    for known in [function("CarefulFunction", "careful"), function("WriteFunction", "write")] {
        assert!(stack.functions().contains(&known), "{known:?}");
    }
}

#[tokio::test]
async fn provisioning_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = || CloudOptions { port: 0, data: Some(folder.path().to_owned()) };
    let cloud = Cloud::start(options()).await.unwrap();
    let first = cloud.provision(small(), "dev").unwrap();
    let pepper = secret(&cloud, "app/dev/pepper").await;
    let secrets = aws_sdk_secretsmanager::Client::new(&cloud.sdk_config());
    let put = secrets.put_secret_value().secret_id("app/dev/plain").secret_string("changed");
    put.send().await.unwrap();
    cloud.stop().await;

    let cloud = Cloud::start(options()).await.unwrap();
    let second = cloud.provision(small(), "dev").unwrap();
    assert_eq!(secret(&cloud, "app/dev/pepper").await, pepper);
    assert_eq!(secret(&cloud, "app/dev/plain").await, "changed");
    for id in ["Key", "MacKey", "KeyAlias", "Pepper", "Plain", "Events", "Plan", "Alerts", "Imports"] {
        assert_eq!(first.reference(id), second.reference(id), "{id}");
    }
}

#[tokio::test]
async fn a_queue_may_come_before_or_after_that_for_its_dead_letters() {
    let folder = tempfile::tempdir().unwrap();
    for target in ["Undone", "Dropped"] {
        let path = folder.path().join("template.yaml");
        let template = fs::read_to_string(small()).unwrap();
        fs::write(&path, template.replace("Undone", target)).unwrap();
        let cloud = cloud().await;
        let stack = cloud.provision(&path, "dev").unwrap();
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let asked = sqs.get_queue_attributes().queue_url(stack.reference("Jobs").unwrap());
        let asked = asked.attribute_names(QueueAttributeName::All).send().await.unwrap();
        let attributes = asked.attributes.unwrap();
        let policy: serde_json::Value = serde_json::from_str(&attributes[&QueueAttributeName::RedrivePolicy]).unwrap();
        let target = format!("arn:aws:sqs:us-east-1:000000000000:palisade-dev-{target}");
        assert_eq!(policy, serde_json::json!({ "deadLetterTargetArn": target, "maxReceiveCount": 3 }));
        assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "60");
    }
}

#[tokio::test]
async fn what_cannot_be_resolved_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = cloud().await;
    let good = fs::read_to_string(small()).unwrap();
    for (from, to, place) in [
        ("TABLE: !Ref Events", "TABLE: !Ref Nothing", "Resources.WriteFunction.Properties.Environment.Variables.TABLE"),
        (
            "KEY: !GetAtt Key.Arn",
            "KEY: !GetAtt SomeRole.Arn",
            "Resources.WriteFunction.Properties.Environment.Variables.KEY",
        ),
        ("STAGE: !Ref Stage", "STAGE: !ImportValue x", "Globals.Function.Environment.Variables.STAGE"),
        ("Name: !Sub app/${Stage}/plain", "Name: !Sub app/${Nobody}/plain", "Resources.Plain.Properties.Name"),
        ("Metadata: {Binary: write}", "Metadata: {}", "Resources.WriteFunction.Metadata.Binary"),
        ("Condition: IsTest", "Condition: IsNothing", "Resources.OnlyTest.Condition"),
        ("Default: 3000", "MinValue: 1", "Parameters.Limit"),
        ("rate(1 day)", "daily", "Resources.NightlyFunction.Properties.Events.Night.Properties.Schedule"),
        (
            "BatchSize: 8",
            "TumblingWindowInSeconds: 8",
            "Resources.CarefulFunction.Properties.Events.Written.Properties",
        ),
        (
            r#""S":["L"]"#,
            r#""N":[{"numeric":["=",1]}]"#,
            "Resources.LateFunction.Properties.Events.Written.Properties.FilterCriteria.Filters.Pattern",
        ),
        (
            "BatchSize: 4",
            "MaximumBatchingWindowInSeconds: 4",
            "Resources.WorkFunction.Properties.Events.Asked.Properties",
        ),
        ("BatchSize: 4", "BatchSize: 11", "Resources.WorkFunction.Properties.Events.Asked.Properties.BatchSize"),
        (
            "{Queue: !GetAtt Parcels.Arn}",
            "{Queue: !Ref Parcels}",
            "Resources.DeliverFunction.Properties.Events.Arrived.Properties.Queue",
        ),
        (
            "Event: s3:ObjectCreated:*",
            "Event: s3:ObjectRemoved:*",
            "Resources.Imports.Properties.NotificationConfiguration",
        ),
        (
            "Queue: !GetAtt Parcels.Arn\n            Filter",
            "Queue: !GetAtt Key.Arn\n            Filter",
            "Resources.Imports.Properties.NotificationConfiguration",
        ),
        ("BucketEncryption:", "BucketName: Imports\n      BucketEncryption:", "Resources.Imports"),
        ("maxReceiveCount: 3", "maxReceiveCount: 0", "Resources.Jobs.Properties.RedrivePolicy"),
        ("!GetAtt Undone.Arn, maxReceiveCount", "nowhere, maxReceiveCount", "Resources.Jobs"),
    ] {
        assert!(good.contains(from), "{from}");
        let path = folder.path().join("template.yaml");
        fs::write(&path, good.replace(from, to)).unwrap();
        match cloud.provision(&path, "dev") {
            Err(CloudError::Template { place: named, .. }) => assert_eq!(named, place),
            other => panic!("{from}: {other:?}"),
        }
    }
    for (name, value) in [("Stage", "production"), ("Nobody", "x")] {
        let refused = cloud.provision_with(small(), &[(name, value)]);
        assert!(matches!(refused, Err(CloudError::Template { .. })), "{name}");
    }
}

#[tokio::test]
async fn the_application_itself_can_be_provisioned() {
    let cloud = cloud().await;
    let stack = cloud.provision(real(), "dev").unwrap();
    assert_eq!(stack.reference("TelemetryTable"), Some("palisade-dev-telemetry"));
    let ingest = stack.environment("IngestFunction").unwrap();
    assert_eq!(ingest["KEYRING_SECRETS"].split(',').count(), 4);
    let route = |method: &str, path: &str| {
        let found = stack.routes().iter().find(|route| route.method == method && route.path == path);
        found.map(|route| (route.binary.as_str(), route.needs_auth))
    };
    assert_eq!(route("POST", "/v1/ingest"), Some(("ingest", true)));
    assert_eq!(route("GET", "/health"), Some(("health", false)));
}
