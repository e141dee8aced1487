//! A file of messages is worked off, each row once, whatever happens meanwhile.

use crate::bulk::line;
use crate::evidence::{Item, items};
use crate::transactions::{distinct, payment, record};
use crate::world::World;
use palisade_local::host::Lambda;
use palisade_local::{Service, When};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// A file of the payments `from` to `to` of a person.
pub fn file(user: &str, from: usize, to: usize) -> Vec<u8> {
    (from..=to).flat_map(|number| (line(user, number) + "\n").into_bytes()).collect()
}

/// Announces a file of so many bytes.
pub async fn announce(world: &World, user: &str, size: usize) -> Value {
    let body = json!({"user_id": user, "size": size});
    world.post("/v1/transactions/imports").key(&world.keys.all).json(&body).send().await.expect(201)
}

/// Uploads to where the answer says.
pub async fn upload(started: &Value, file: Vec<u8>) -> StatusCode {
    put(started["upload"]["url"].as_str().unwrap(), &started["upload"]["headers"], file).await
}

async fn put(url: &str, headers: &Value, file: Vec<u8>) -> StatusCode {
    let mut request = Client::builder().no_proxy().build().unwrap().put(url).body(file);
    for (name, value) in headers.as_object().unwrap() {
        if name != "content-length" && name != "host" {
            request = request.header(name, value.as_str().unwrap());
        }
    }
    request.send().await.unwrap().status()
}

/// Announces and uploads a file of the person `u1`.
pub async fn begin(world: &World, file: Vec<u8>) -> Value {
    let started = announce(world, "u1", file.len()).await;
    assert_eq!(upload(&started, file).await, 200);
    started["import_id"].clone()
}

pub async fn look(world: &World, id: &Value) -> Value {
    let path = format!("/v1/transactions/imports/{}", id.as_str().unwrap());
    world.get(&path).key(&world.keys.read_only).send().await.expect(200)
}

pub fn counts(import: &Value) -> [u64; 4] {
    ["processed", "stored", "duplicates", "rejected"].map(|name| import[name].as_u64().unwrap())
}

/// What is left when all is done: these counts, each row once, no file and no message.
pub async fn done(world: &World, user: &str, id: &Value, expected: [u64; 4], transactions: usize) {
    let import = look(world, id).await;
    assert_eq!((&import["status"], counts(&import)), (&json!("completed"), expected), "{import}");
    assert_eq!(import["offset"], import["size"]);
    assert_eq!(distinct(world, user).await, transactions);
    assert!(world.cloud.objects("ImportsBucket").unwrap().is_empty());
    for queue in ["ImportsQueue", "DeadLetterQueue"] {
        assert!(world.cloud.messages(queue).unwrap().is_empty(), "{queue}");
    }
}

/// The event that a queue's message becomes.
pub fn event(body: &str) -> String {
    json!({"Records": [{"messageId": "m1", "body": body}]}).to_string()
}

/// What the bucket says of the one file in it.
pub fn told(world: &World) -> String {
    let messages = world.cloud.messages("ImportsQueue").unwrap();
    let of_files = messages.iter().filter(|message| message.body.contains("ObjectCreated"));
    of_files.map(|message| message.body.clone()).next_back().unwrap()
}

pub fn worker(world: &World) -> &Lambda {
    world.function("process-import")
}

#[tokio::test]
async fn a_file_is_worked_off_in_pieces_and_is_gone_then() {
    let mut world = World::start().await;
    let rows = 2_200;
    let mut file = file("u1", 1, rows);
    file.extend(line("u1", 5).bytes());
    let id = begin(&world, file).await;
    let waiting = look(&world, &id).await;
    assert_eq!((&waiting["status"], counts(&waiting)), (&json!("awaiting_upload"), [0; 4]), "{waiting}");
    world.flow().await;
    done(&world, "u1", &id, [2_201, 2_200, 1, 0], rows).await;
    let commits = world.cloud.calls_of(Service::DynamoDb, "TransactWriteItems");
    assert!((49..60).contains(&commits), "{commits} pieces");
}

#[tokio::test]
async fn rows_that_cannot_be_stored_are_named_and_the_others_are_stored() {
    let mut world = World::start().await;
    let long = json!({"user_id": "u1", "channel": "sms", "message": payment(90), "sender": "x".repeat(200_000)});
    let mut broken = line("u1", 91).into_bytes();
    broken[60] = 0xff;
    let rows: [&[u8]; 12] = [
        line("u1", 1).as_bytes(),
        b"{",
        json!({"message": payment(2)}).to_string().as_bytes(),
        line("u2", 92).as_bytes(),
        long.to_string().as_bytes(),
        line("u1", 3).as_bytes(),
        &broken,
        b"  ",
        json!({"channel": "sms", "message": "Your OTP is 448812. Never share it."}).to_string().as_bytes(),
        br#"{"channel":"sms","channel":"email","message":"x"}"#,
        b"\"Rs.5.00 debited from A/c XX4321\"",
        line("u1", 4).as_bytes(),
    ]
    .map(|row| &*row.to_vec().leak());
    let id = begin(&world, rows.join(&b'\n')).await;
    world.flow().await;
    let import = look(&world, &id).await;
    let named: Vec<(u64, &str)> = import["rejections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["index"].as_u64().unwrap(), row["code"].as_str().unwrap()))
        .collect();
    // The empty line is no row; the file said no channel, so a row must.
    let invalid = |index| (index, "invalid");
    assert_eq!(
        named,
        [invalid(1), invalid(2), invalid(3), invalid(4), invalid(6), (7, "otp"), invalid(8), invalid(9)],
        "{import}"
    );
    done(&world, "u1", &id, [11, 3, 0, 8], 3).await;
    assert_eq!(distinct(&world, "u2").await, 0);
}

#[tokio::test]
async fn a_long_line_is_rejected_once_wherever_it_lies_in_the_pieces() {
    let mut world = World::start().await;
    let mut id = Value::Null;
    let piece = 64 * 1024;
    let mut stored = 0;
    for (round, length) in [piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17].into_iter().enumerate() {
        for (place, before) in [0, 1].into_iter().enumerate() {
            let base = 1 + 10 * (2 * round + place);
            let mut bytes = if before == 1 { file("u1", base, base) } else { Vec::new() };
            bytes.extend(vec![b'x'; length]);
            bytes.push(b'\n');
            bytes.extend(file("u1", base + 1, base + 2));
            id = begin(&world, bytes).await;
            world.flow().await;
            stored += 2 + before;
            let import = look(&world, &id).await;
            let expected = [u64::try_from(3 + before).unwrap(), u64::try_from(2 + before).unwrap(), 0, 1];
            assert_eq!(counts(&import), expected, "{length} bytes behind {before} rows: {import}");
            assert_eq!(import["rejections"], json!([{"index": before, "code": "invalid"}]));
        }
    }
    assert_eq!((look(&world, &id).await["status"].clone(), distinct(&world, "u1").await), (json!("completed"), stored));
}

#[tokio::test]
async fn more_than_a_thousand_rejections_are_counted_and_the_first_are_named() {
    let mut world = World::start().await;
    let id = begin(&world, b"7\n".repeat(1_200)).await;
    world.flow().await;
    let import = look(&world, &id).await;
    assert_eq!((counts(&import), import["rejections"].as_array().unwrap().len()), ([1_200, 0, 0, 1_200], 1_000));
    assert_eq!(items(&world, "subject-keys").await, Vec::<Item>::new(), "nothing is kept of the person");
}

#[tokio::test]
async fn a_file_of_another_size_than_announced_is_refused() {
    let world = World::start().await;
    let started = announce(&world, "u1", 100).await;
    for size in [0, 99, 101, 10_000] {
        assert_eq!(upload(&started, vec![b'x'; size]).await, 403, "{size}");
    }
    assert!(world.cloud.objects("ImportsBucket").unwrap().is_empty());
    for size in [0, 64 * 1024 * 1024 + 1] {
        let body = json!({"user_id": "u1", "size": size});
        let problem = world.post("/v1/transactions/imports").key(&world.keys.all).json(&body).send().await;
        assert_eq!(problem.refused(422, "validation_failed")["errors"][0]["pointer"], "/size");
    }
    let body = json!({"user_id": "u1", "size": 5});
    world
        .post("/v1/transactions/imports")
        .key(&world.keys.read_only)
        .json(&body)
        .send()
        .await
        .refused(403, "forbidden");
    assert_eq!(upload(&started, vec![b'x'; 100]).await, 200);
}

#[tokio::test]
async fn an_address_is_good_for_its_own_file_and_time() {
    let world = World::start().await;
    let (file, started) = (file("u1", 1, 1), announce(&world, "u1", file("u1", 1, 1).len()).await);
    let (url, headers) = (started["upload"]["url"].as_str().unwrap(), &started["upload"]["headers"]);
    let names: Vec<&String> = headers.as_object().unwrap().keys().collect();
    assert_eq!(names, ["content-length", "content-type", "if-none-match"]);
    let own = started["import_id"].as_str().unwrap();
    let (start, date) = url.split_once("X-Amz-Date=").unwrap();
    let old = format!("{start}X-Amz-Date=2020{}", &date[4..]);
    for (wrong, why) in [
        (url.replace(own, "01JAAAAAAAAAAAAAAAAAAAAAAA"), "another file"),
        (url.replace("demo/", "other/"), "another tenant"),
        (url.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"), "a longer life"),
        (url[..url.len() - 1].to_owned() + if url.ends_with('0') { "1" } else { "0" }, "another signature"),
        (old, "another day"),
        (url.split('?').next().unwrap().to_owned(), "no signature"),
    ] {
        assert_ne!(wrong, url, "{why}");
        let status = put(&wrong, headers, file.clone()).await;
        assert!(status.is_client_error(), "{why}: {status}");
    }
    assert!(world.cloud.objects("ImportsBucket").unwrap().is_empty());
    let expires: jiff::Timestamp = started["upload"]["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((880..=900).contains(&left), "{left}");
    assert_eq!(put(url, headers, file).await, 200);
}

#[tokio::test]
async fn the_same_announcement_again_is_the_same_import_with_a_new_address() {
    let world = World::start().await;
    let body = json!({"user_id": "u1", "channel": "sms", "size": 100});
    let send = || {
        world.post("/v1/transactions/imports").key(&world.keys.all).header("idempotency-key", "one").json(&body).send()
    };
    let (first, again) = (send().await.expect(201), send().await);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = again.expect(201);
    assert_eq!(first["import_id"], again["import_id"]);
    assert_eq!(upload(&again, vec![b'x'; 100]).await, 200);
    for item in items(&world, "requests").await {
        assert!(!format!("{item:?}").contains("X-Amz-Signature"), "an address is as good as a key");
    }
}

#[tokio::test]
async fn an_import_is_its_tenants_own() {
    let world = World::start().await;
    let started = announce(&world, "u1", 10).await;
    let path = format!("/v1/transactions/imports/{}", started["import_id"].as_str().unwrap());
    world.get(&path).key(&world.keys.other_tenant).send().await.refused(404, "not_found");
    world.get("/v1/transactions/imports/01J").key(&world.keys.all).send().await.refused(404, "not_found");
    world.get(&format!("{path}?x=1")).key(&world.keys.all).send().await.refused(400, "invalid_request");
    let import = look(&world, &started["import_id"]).await;
    assert_eq!(import.get("upload"), None);
}

#[tokio::test]
async fn what_is_told_again_is_not_done_again() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 120)).await;
    let message = event(&told(&world));
    let first = worker(&world).invoke(message.clone()).await.unwrap();
    assert_eq!(first.body, r#"{"batchItemFailures":[]}"#);
    done_but_for_the_message(&world, &id).await;
    for _ in 0..2 {
        assert_eq!(worker(&world).invoke(message.clone()).await.unwrap().body, r#"{"batchItemFailures":[]}"#);
    }
    world.flow().await;
    done(&world, "u1", &id, [120, 120, 0, 0], 120).await;
}

async fn done_but_for_the_message(world: &World, id: &Value) {
    assert_eq!(look(world, id).await["status"], "completed");
    assert!(world.cloud.objects("ImportsBucket").unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_is_uploaded_again_is_done_once() {
    let mut world = World::start().await;
    let started = announce(&world, "u1", file("u1", 1, 50).len()).await;
    // Another file cannot take the place of the one that is being read.
    for status in [200, 412] {
        assert_eq!(upload(&started, file("u1", 1, 50)).await, status);
    }
    world.flow().await;
    done(&world, "u1", &started["import_id"], [50, 50, 0, 0], 50).await;
    assert_eq!(upload(&started, file("u1", 1, 50)).await, 200);
    world.settled().await;
    done(&world, "u1", &started["import_id"], [50, 50, 0, 0], 50).await;
}

#[tokio::test]
async fn two_workers_at_once_do_each_row_once() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 400)).await;
    let message = event(&told(&world));
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").times(2));
    let both = async {
        gate.arrived(2).await;
        gate.release();
    };
    let (one, other, ()) =
        tokio::join!(worker(&world).invoke(message.clone()), worker(&world).invoke(message.clone()), both);
    for answer in [one, other] {
        answer.unwrap();
    }
    world.flow().await;
    done(&world, "u1", &id, [400, 400, 0, 0], 400).await;
}

#[tokio::test]
async fn rows_that_were_recorded_meanwhile_are_duplicates() {
    let mut world = World::start().await;
    let id = begin(&world, file("u1", 1, 60)).await;
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").times(1));
    let message = event(&told(&world));
    let meanwhile = async {
        gate.arrived(1).await;
        record(&world, "u1", &payment(9)).await.expect(201);
        gate.release();
    };
    let (answer, ()) = tokio::join!(worker(&world).invoke(message), meanwhile);
    answer.unwrap();
    world.flow().await;
    done(&world, "u1", &id, [60, 59, 1, 0], 60).await;
}

#[tokio::test]
async fn a_message_that_only_tests_the_queue_is_swallowed_and_a_strange_one_fails() {
    let world = World::start().await;
    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00.000Z","Bucket":"b","RequestId":"1","HostId":"2"}"#;
    world.cloud.reset_counts();
    assert_eq!(worker(&world).invoke(event(test)).await.unwrap().body, r#"{"batchItemFailures":[]}"#);
    assert_eq!(world.cloud.calls().values().sum::<u64>(), 0);
    for strange in ["{}", "x", r#"{"Records":[{"s3":{"object":{"key":"no-tenant"}}}]}"#] {
        let answer = worker(&world).invoke(event(strange)).await.unwrap();
        assert_eq!(answer.body, r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#, "{strange}");
    }
    // A file that nobody announced is removed.
    let nobody = r#"{"Records":[{"s3":{"object":{"key":"demo/01JAAAAAAAAAAAAAAAAAAAAAAA"}}}]}"#;
    assert_eq!(worker(&world).invoke(event(nobody)).await.unwrap().body, r#"{"batchItemFailures":[]}"#);
}
