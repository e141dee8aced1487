//! What a data folder keeps.

use crate::contract_dynamodb::{create_table, item, stored};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_s3::primitives::ByteStream;
use palisade_local::{Cloud, CloudError, CloudOptions, StoredObject};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

async fn open(folder: &Path) -> Result<Cloud, CloudError> {
    let options = CloudOptions { port: 0, data: Some(folder.join("data")) };
    Cloud::start(options).await
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = open(folder.path()).await.unwrap();
    let config = cloud.sdk_config();
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    create_table(&dynamodb, "kept").await;
    let put = dynamodb.put_item().table_name("kept").set_item(Some(item("a", 0, "x")));
    put.send().await.unwrap();
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    for value in ["one", "two"] {
        // The second time the name is taken, so the value is put.
        let created = secrets.create_secret().name("kept").secret_string(value).send().await;
        if created.is_err() {
            let put = secrets.put_secret_value().secret_id("kept").secret_string(value);
            put.send().await.unwrap();
        }
    }
    let kms = aws_sdk_kms::Client::new(&config);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    kms.create_alias().alias_name("alias/kept").target_key_id(&key).send().await.unwrap();
    let encrypted = kms.encrypt().key_id(&key).plaintext(Blob::new(*b"x")).send().await.unwrap();
    let gateway = aws_sdk_apigateway::Client::new(&config);
    gateway.create_api_key().name("kept").send().await.unwrap();
    let s3 = aws_sdk_s3::Client::new(&config);
    s3.create_bucket().bucket("kept").send().await.unwrap();
    for (key, body) in [("a", "replaced"), ("a", "hello"), ("b", "deleted"), ("c", "")] {
        let body = ByteStream::from_static(body.as_bytes());
        s3.put_object().bucket("kept").key(key).content_type("text/plain").body(body).send().await.unwrap();
    }
    s3.delete_object().bucket("kept").key("b").send().await.unwrap();
    cloud.stop().await;
    let objects = folder.path().join("data/objects");
    assert_eq!(fs::read_dir(&objects).unwrap().count(), 2);
    fs::write(objects.join("of-a-run-that-was-killed"), "").unwrap();

    let cloud = open(folder.path()).await.unwrap();
    let config = cloud.sdk_config();
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    assert_eq!(stored(&dynamodb, "kept", "a", 0).await, Some(item("a", 0, "x")));
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    for (stage, value) in [("AWSCURRENT", "two"), ("AWSPREVIOUS", "one")] {
        let got = secrets.get_secret_value().secret_id("kept").version_stage(stage);
        assert_eq!(got.send().await.unwrap().secret_string(), Some(value));
    }
    let kms = aws_sdk_kms::Client::new(&config);
    let decrypted =
        kms.decrypt().key_id("alias/kept").ciphertext_blob(encrypted.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(decrypted.plaintext.unwrap().as_ref(), b"x");
    assert_eq!(cloud.usage_keys().len(), 1);
    let object = |key: &str, size| StoredObject { key: key.to_owned(), size };
    assert_eq!(cloud.objects("kept").unwrap(), [object("a", 5), object("c", 0)]);
    assert_eq!(fs::read_dir(&objects).unwrap().count(), 2);
    let s3 = aws_sdk_s3::Client::new(&config);
    let got = s3.get_object().bucket("kept").key("a").range("bytes=1-3").send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "ell");
    let got = s3.get_object().bucket("kept").key("c").send().await.unwrap();
    assert!(got.body.collect().await.unwrap().into_bytes().is_empty());
}

#[tokio::test]
async fn a_data_folder_is_for_one_cloud_and_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = open(folder.path()).await.unwrap();
    let Err(refused) = open(folder.path()).await else {
        panic!("two clouds share a folder");
    };
    assert!(matches!(refused, CloudError::Data { .. }), "{refused}");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("data")), 0o700);
    let secrets = aws_sdk_secretsmanager::Client::new(&cloud.sdk_config());
    secrets.create_secret().name("x").secret_string("x").send().await.unwrap();
    assert_eq!(mode(&folder.path().join("data/secrets.json")), 0o600);
    cloud.stop().await;
    open(folder.path()).await.expect("the folder is free again");
}

#[tokio::test]
async fn a_stopped_cloud_has_left_its_port() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let port: u16 = cloud.endpoint().rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = Cloud::start(CloudOptions { port, data: None }).await;
    assert!(matches!(taken.err(), Some(CloudError::Io { .. })));
    cloud.stop().await;
    Cloud::start(CloudOptions { port, data: None }).await.unwrap();
}
