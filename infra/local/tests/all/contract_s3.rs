//! What S3 means.

use crate::world::{World, code, fresh, worlds};
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use std::time::Duration;

async fn bucket(world: &World) -> (Client, String) {
    let (client, bucket) = (world.s3(), fresh("contract"));
    client.create_bucket().bucket(&bucket).send().await.unwrap();
    (client, bucket)
}

async fn put(client: &Client, bucket: &str, key: &str, body: &'static str) -> String {
    let put = client.put_object().bucket(bucket).key(key).body(ByteStream::from_static(body.as_bytes()));
    put.send().await.unwrap().e_tag.unwrap()
}

async fn text(body: ByteStream) -> String {
    String::from_utf8(body.collect().await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn an_object_is_stored_read_and_deleted() {
    for world in worlds().await {
        let (client, bucket) = bucket(&world).await;
        for key in ["plain", "in/a folder/ä+b.txt", "=&?%2F"] {
            let body = ByteStream::from_static(b"hello");
            let put = client.put_object().bucket(&bucket).key(key).content_type("text/plain").metadata("owner", "me");
            let put = put.body(body).send().await.unwrap();
            // The MD5 of what was sent.
            assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
            let head = client.head_object().bucket(&bucket).key(key).send().await.unwrap();
            assert_eq!((head.content_length(), head.content_type()), (Some(5), Some("text/plain")));
            assert_eq!(head.e_tag(), put.e_tag());
            let got = client.get_object().bucket(&bucket).key(key).send().await.unwrap();
            assert_eq!((got.content_length(), got.e_tag()), (Some(5), put.e_tag()));
            assert_eq!(got.metadata().unwrap()["owner"], "me");
            assert!(got.last_modified().is_some());
            assert_eq!(text(got.body).await, "hello", "{key}");
            // The second time there is nothing to delete, and that is no error.
            for _ in 0..2 {
                client.delete_object().bucket(&bucket).key(key).send().await.unwrap();
            }
            assert_eq!(code(client.get_object().bucket(&bucket).key(key).send().await), "NoSuchKey");
            let missing = client.head_object().bucket(&bucket).key(key).send().await.unwrap_err();
            assert!(missing.into_service_error().is_not_found());
        }
        let nowhere = fresh("nowhere");
        assert_eq!(code(client.get_object().bucket(&nowhere).key("k").send().await), "NoSuchBucket");
        assert_eq!(code(client.put_object().bucket(&nowhere).key("k").send().await), "NoSuchBucket");
    }
}

#[tokio::test]
async fn a_range_is_read_of_the_object_that_was_meant() {
    for world in worlds().await {
        let (client, bucket) = bucket(&world).await;
        let first = put(&client, &bucket, "k", "0123456789").await;
        for (range, there, answered) in [
            ("bytes=0-3", "0123", "bytes 0-3/10"),
            ("bytes=8-20", "89", "bytes 8-9/10"),
            ("bytes=4-", "456789", "bytes 4-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
        ] {
            let got = client.get_object().bucket(&bucket).key("k").range(range).if_match(&first).send().await.unwrap();
            assert_eq!(got.content_range(), Some(answered));
            assert_eq!(text(got.body).await, there, "{range}");
        }
        let beyond = client.get_object().bucket(&bucket).key("k").range("bytes=10-").send().await;
        assert_eq!(code(beyond), "InvalidRange");
        put(&client, &bucket, "k", "another").await;
        let changed = client.get_object().bucket(&bucket).key("k").range("bytes=0-3").if_match(&first).send().await;
        assert_eq!(code(changed), "PreconditionFailed");
    }
}

#[tokio::test]
async fn what_is_read_from_a_file_arrives_in_chunks_and_whole() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: String = (0..50_000).map(|number| format!("line {number}\n")).collect();
    std::fs::write(file.path(), &lines).unwrap();
    for world in worlds().await {
        let (client, bucket) = bucket(&world).await;
        let body = ByteStream::from_path(file.path()).await.unwrap();
        let put = client.put_object().bucket(&bucket).key("k").body(body).send().await.unwrap();
        assert!(put.checksum_crc32().is_some());
        let got = client.get_object().bucket(&bucket).key("k").send().await.unwrap();
        assert_eq!(got.content_encoding().unwrap_or_default(), "");
        assert_eq!(text(got.body).await, lines);
    }
}

#[tokio::test]
async fn an_object_is_not_replaced_by_one_that_must_be_new() {
    for world in worlds().await {
        let (client, bucket) = bucket(&world).await;
        let put = |body| {
            let body = ByteStream::from_static(body);
            client.put_object().bucket(&bucket).key("k").if_none_match("*").body(body).send()
        };
        put(b"first").await.unwrap();
        assert_eq!(code(put(b"second").await), "PreconditionFailed");
        let got = client.get_object().bucket(&bucket).key("k").send().await.unwrap();
        assert_eq!(text(got.body).await, "first");
    }
}

#[tokio::test]
async fn a_wrong_checksum_is_refused() {
    for world in worlds().await {
        // moto takes any.
        if world.is_moto {
            continue;
        }
        let (client, bucket) = bucket(&world).await;
        let put = || client.put_object().bucket(&bucket).key("k").body(ByteStream::from_static(b"hello"));
        assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
        assert_eq!(code(put().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await), "BadDigest");
        assert_eq!(code(client.get_object().bucket(&bucket).key("k").send().await), "NoSuchKey");
        put().content_md5("XUFAKrxLKna5cZ2REBfFkg==").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_presigned_url_is_enough_for_a_plain_client() {
    for world in worlds().await {
        let (client, bucket) = bucket(&world).await;
        let soon = || PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
        let key = "new/a b+ü.ndjson";
        let put = client.put_object().bucket(&bucket).key(key).content_type("application/x-ndjson");
        let put = put.content_length(3).presigned(soon()).await.unwrap();
        let headers: Vec<_> = put.headers().map(|(name, _)| name).collect();
        assert!(headers.contains(&"content-length") && headers.contains(&"content-type"), "{headers:?}");
        let plain = reqwest::Client::new();
        let sent = plain.put(put.uri()).header("content-type", "application/x-ndjson").body("{}\n").send();
        assert_eq!(sent.await.unwrap().status(), 200);
        let get = client.get_object().bucket(&bucket).key(key).presigned(soon()).await.unwrap();
        let got = plain.get(get.uri()).send().await.unwrap();
        assert_eq!(got.headers()["content-type"], "application/x-ndjson");
        assert_eq!(got.text().await.unwrap(), "{}\n");
        let missing = client.get_object().bucket(&bucket).key("missing").presigned(soon()).await.unwrap();
        let missing = plain.get(missing.uri()).send().await.unwrap();
        assert_eq!(missing.status(), 404);
        assert!(missing.text().await.unwrap().contains("<Code>NoSuchKey</Code>"));
    }
}
