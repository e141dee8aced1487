//! Steps 8 to 10: what is stored is audited, and once.

use std::sync::atomic::Ordering;

use kernel::Code;
use palisade_local::{Fault, Service, When};
use serde_json::json;

use crate::world::{Ask, Export, Lines, Read, World, Write, door};

fn note(world: &World, key: &str, path: &str, text: &str) -> Ask {
    world.ask("POST", path).header("idempotency-key", key).json(&json!({"text": text}).to_string())
}

#[tokio::test]
async fn what_is_stored_is_written_down_with_its_objects() {
    let world = World::start().await;
    let answer = world.answer(&Write::default(), world.ask("POST", "/v1/notes/a").json(r#"{"text":"x"}"#)).await;
    let body = answer.expect(201);
    let request_id = answer.header("x-request-id").unwrap();
    assert_eq!(body, json!({"acted": 1, "text": "x", "request_id": request_id}));
    assert_eq!(answer.header("etag"), Some("\"7\""));
    let [entry] = world.audited().await.try_into().unwrap();
    assert_eq!(
        json!({"decision": "stored", "route": "write", "scope": "data:ingest", "objects": ["note/a"]}),
        json!({"decision": entry["decision"], "route": entry["route"], "scope": entry["scope"], "objects": entry["objects"]})
    );
    assert_eq!((&entry["request_id"], &entry["tenant"]), (&json!(request_id), &json!("acme")));
    assert_eq!(entry["kid"], json!(&**world.key.key.kid()));
    assert_eq!(entry["fingerprint"].as_str().map(str::len), Some(64), "{entry}");
}

#[tokio::test]
async fn what_is_only_read_is_not_written_down_unless_the_route_says_so() {
    let world = World::start().await;
    let read = world.answer(&Read, world.ask("GET", "/v1/notes")).await;
    assert!(read.expect(200).get("request_id").is_none());
    world.answer(&Lines, world.ask("PUT", "/v1/lines").json("{}")).await.expect(200);
    assert_eq!(world.audited().await.len(), 0);
    // It has no idempotency key, so one that is given twice asks twice.
    for _ in 0..2 {
        let export = world.answer(&Export, world.ask("GET", "/v1/export").header("idempotency-key", "k")).await;
        export.expect(200);
        assert_eq!(export.header("idempotency-replayed"), None);
    }
    let entries = world.audited().await;
    let decisions: Vec<_> = entries.iter().map(|entry| &entry["decision"]).collect();
    assert_eq!(decisions, ["exported", "exported"]);
}

#[tokio::test]
async fn a_request_with_the_same_key_is_answered_as_the_first_was_and_not_acted_on() {
    let world = World::start().await;
    let write = Write::default();
    let first = world.answer(&write, note(&world, "k", "/v1/notes/a", "x").header("x-request-id", "one")).await;
    let again = world.answer(&write, note(&world, "k", "/v1/notes/a", "x").header("x-request-id", "two")).await;
    assert_eq!(first.expect(201), json!({"acted": 1, "text": "x", "request_id": "one"}));
    assert_eq!(again.expect(201), json!({"acted": 1, "text": "x", "request_id": "two"}));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
    assert_eq!(again.header("etag"), Some("\"7\""));
    assert_eq!((write.acted.load(Ordering::SeqCst), world.audited().await.len()), (1, 1));
    world.answer(&write, note(&world, "other", "/v1/notes/a", "x")).await.expect(201);
    assert_eq!(write.acted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_key_is_good_for_one_path_and_one_body() {
    let world = World::start().await;
    let write = Write::default();
    world.answer(&write, note(&world, "k", "/v1/notes/a", "x")).await.expect(201);
    world.answer(&write, note(&world, "k", "/v1/notes/a", "y")).await.refused(422, "idempotency_key_reused");
    world.answer(&write, note(&world, "k", "/v1/notes/b", "x")).await.refused(422, "idempotency_key_reused");
    assert_eq!(write.acted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn entries_of_different_bodies_have_different_fingerprints() {
    let world = World::start().await;
    let write = Write::default();
    for text in ["x", "y", "x"] {
        world
            .answer(&write, world.ask("POST", "/v1/notes/a").json(&json!({"text": text}).to_string()))
            .await
            .expect(201);
    }
    let prints: Vec<_> = world.audited().await.iter().map(|entry| entry["fingerprint"].clone()).collect();
    assert!(prints[0] == prints[2] && prints[0] != prints[1], "{prints:?}");
}

#[tokio::test]
async fn what_failed_or_is_not_done_gives_its_key_back() {
    let world = World::start().await;
    let failing = Write { fails: Some(Code::NotFound), ..Write::default() };
    world.answer(&failing, note(&world, "k", "/v1/notes/a", "x")).await.refused(404, "not_found");
    let partial = Write { partial: true, ..Write::default() };
    world.answer(&partial, note(&world, "k", "/v1/notes/a", "x")).await.expect(201);
    let write = Write::default();
    world.answer(&write, note(&world, "k", "/v1/notes/a", "x")).await.expect(201);
    assert_eq!(write.acted.load(Ordering::SeqCst), 1);
    // And what is done keeps it.
    let again = world.answer(&write, note(&world, "k", "/v1/notes/a", "x")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[tokio::test]
async fn a_claim_is_given_back_only_where_there_is_one_to_give() {
    let world = World::start().await;
    world.cloud.reset_counts();
    let deletes = || world.cloud.calls_of(Service::DynamoDb, "DeleteItem");
    world.answer(&Write::default(), note(&world, "k", "/v1/notes/a", "x")).await.expect(201);
    assert_eq!(deletes(), 0);
    let failing = Write { fails: Some(Code::NotFound), ..Write::default() };
    world.answer(&failing, note(&world, "l", "/v1/notes/a", "x")).await.refused(404, "not_found");
    assert_eq!(deletes(), 1);
}

#[tokio::test]
async fn nothing_is_done_for_a_key_while_the_table_of_keys_fails() {
    let world = World::start().await;
    let write = Write::default();
    let fault = world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem"), Fault::InternalError);
    world.answer(&write, note(&world, "k", "/v1/notes/a", "x")).await.refused(503, "unavailable");
    assert_eq!(write.acted.load(Ordering::SeqCst), 0);
    fault.stop();
    world.answer(&write, note(&world, "k", "/v1/notes/a", "x")).await.expect(201);
}

#[tokio::test]
async fn nothing_is_stored_that_cannot_be_written_down() {
    let mut world = World::start().await;
    let of_entries = When::call(Service::SecretsManager, "GetSecretValue").containing("palisade/dev/audit");
    let fault = world.cloud.faults().inject(of_entries, Fault::InternalError);
    world.cloud.reset_counts();
    let write = async |world: &World| {
        world.answer(&Write::default(), world.ask("POST", "/v1/notes/a").json(r#"{"text":"x"}"#)).await
    };
    write(&world).await.refused(503, "unavailable");
    assert!(fault.fired() > 0);
    assert_eq!(world.cloud.calls_of(Service::DynamoDb, "TransactWriteItems"), 0);
    fault.stop();
    // Whoever could not read the key waits some seconds before it asks again; another one does not.
    world.door = door(&world.cloud);
    write(&world).await.expect(201);
    assert_eq!(world.audited().await.len(), 1);
}
