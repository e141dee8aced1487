//! The audit chain: who did or was refused what, in an order nobody can change unseen.

use crate::evidence::{Item, audit, bytes, ingest, items, number, text, timed};
use crate::world::{STAGE, World};
use kernel::Scope;
use palisade_local::{Fault, Service, When};
use serde_json::json;
use vault::{KeySet, Tag};

const WHEN: &str = "2026-01-01T00:00:00Z";

/// The chains of the audit table, each in order.
async fn chains(world: &World) -> Vec<Vec<Item>> {
    let mut items = items(world, "audit").await;
    items.sort_by_key(|item| (text(item, "pk").to_owned(), number(item, "seq")));
    items.chunk_by(|one, other| text(one, "pk") == text(other, "pk")).map(<[Item]>::to_vec).collect()
}

async fn audit_keys(world: &World) -> KeySet {
    let secrets = aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config());
    let secret = secrets.get_secret_value().secret_id(format!("palisade/{STAGE}/audit")).send().await.unwrap();
    KeySet::parse(secret.secret_string().unwrap()).unwrap()
}

/// Where the chain breaks, computed from the documented layout alone.
fn broken_at(keys: &KeySet, chain: &[Item]) -> Option<usize> {
    let mut previous = vec![0; 32];
    chain.iter().enumerate().find_map(|(place, item)| {
        let seq = (place as u64).to_be_bytes();
        let parts: [&[u8]; 7] = [
            b"palisade-audit-1",
            b"\0",
            text(item, "pk").as_bytes(),
            b"\0",
            &seq,
            &previous,
            text(item, "entry").as_bytes(),
        ];
        let tag =
            Tag { version: u32::try_from(number(item, "key")).unwrap(), bytes: bytes(item, "mac").try_into().unwrap() };
        let whole =
            number(item, "seq") == place as u64 && bytes(item, "previous") == previous && keys.verify(&parts, &tag);
        previous = bytes(item, "mac").to_vec();
        (!whole).then_some(place)
    })
}

#[tokio::test]
async fn every_write_is_one_link_of_a_chain_that_shows_any_change() {
    let world = World::start().await;
    let kid = world.keyring.list(None, jiff::Timestamp::now()).await.unwrap();
    let kid = kid.iter().find(|entry| world.keys.all.contains(&*entry.kid)).unwrap().kid.clone();
    for value in 0..4 {
        ingest(&world, &format!("k{value}"), &timed("pump", f64::from(value), WHEN)).send().await.expect(200);
    }
    let keys = audit_keys(&world).await;
    let chains = chains(&world).await;
    let [chain] = chains.as_slice() else { panic!("one environment writes one chain: {chains:?}") };
    assert_eq!((chain.len(), broken_at(&keys, chain)), (4, None));

    let entry: serde_json::Value = serde_json::from_str(text(&chain[0], "entry")).unwrap();
    assert_eq!(entry["decision"], "stored");
    assert_eq!(
        (&entry["tenant"], &entry["scope"], &entry["route"]),
        (&json!("demo"), &json!("data:ingest"), &json!("ingest"))
    );
    assert_eq!((&entry["objects"], &entry["kid"]), (&json!(["sensor/pump"]), &json!(&*kid)));

    let mut edited = chain.clone();
    let forged = text(&edited[1], "entry").replace("stored", "denied");
    edited[1].insert("entry".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(forged));
    assert_eq!(broken_at(&keys, &edited), Some(1));
    let mut removed = chain.clone();
    removed.remove(2);
    assert_eq!(broken_at(&keys, &removed), Some(2));
    let mut swapped = chain.clone();
    swapped.swap(0, 1);
    assert_eq!(broken_at(&keys, &swapped), Some(0));
}

#[tokio::test]
async fn a_replay_and_a_refused_request_write_nothing_down_twice() {
    let world = World::start().await;
    for _ in 0..3 {
        ingest(&world, "one", &timed("pump", 1.0, WHEN)).send().await.expect(200);
    }
    world.post("/v1/ingest").key(&world.keys.all).json(&json!({})).send().await.refused(422, "validation_failed");
    assert_eq!(audit(&world, "demo").await.len(), 1);
}

#[tokio::test]
async fn the_denial_of_a_known_key_is_written_down() {
    let world = World::start().await;
    let read_only = world.post("/v1/ingest").key(&world.keys.read_only).json(&timed("pump", 1.0, WHEN));
    read_only.send().await.refused(403, "forbidden");
    let entries = audit(&world, "demo").await;
    let [denial] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((&denial["decision"], &denial["scope"]), (&json!("denied_scope"), &json!("data:ingest")));
}

#[tokio::test]
async fn a_write_that_cannot_be_written_down_is_not_made() {
    let world = World::start().await;
    let secret = When::call(Service::SecretsManager, "GetSecretValue").containing("audit");
    let failing = world.cloud.faults().inject(secret, Fault::InternalError);
    ingest(&world, "one", &timed("pump", 1.0, WHEN)).send().await.refused(503, "unavailable");
    failing.stop();
    world.function("ingest").restart();
    assert_eq!(crate::evidence::readings(&world, "pump").await.len(), 0);
    ingest(&world, "one", &timed("pump", 1.0, WHEN)).send().await.expect(200);
}

#[tokio::test]
async fn after_a_commit_nobody_can_settle_the_next_entry_begins_a_chain_that_names_the_old_one() {
    let world = World::start().await;
    ingest(&world, "one", &timed("pump", 1.0, WHEN)).send().await.expect(200);
    let lost = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::ResetAfter);
    ingest(&world, "two", &timed("pump", 2.0, WHEN)).send().await.expect(200);
    lost.stop();
    ingest(&world, "three", &timed("pump", 3.0, WHEN)).send().await.expect(200);
    let keys = audit_keys(&world).await;
    let chains = chains(&world).await;
    assert_eq!(chains.iter().map(Vec::len).sum::<usize>(), 3);
    assert!(chains.iter().all(|chain| broken_at(&keys, chain).is_none()));
    let follows = chains.iter().filter(|chain| text(&chain[0], "entry").contains("\"follows\"")).count();
    assert_eq!((chains.len(), follows), (2, 1));
}

#[tokio::test]
async fn an_expired_and_a_revoked_key_are_written_down_and_answered_like_an_unknown_one() {
    let world = World::start().await;
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    let key = crate::world::text(&issued);
    world.keyring.revoke(issued.key.kid(), jiff::Timestamp::now()).await.unwrap();
    // Straight to the function, as if the authorizer's answer were still cached.
    let event = json!({
        "version": "2.0", "rawPath": "/v1/sensors", "rawQueryString": "",
        "headers": {"x-api-key": key, "x-request-id": "same"},
        "requestContext": {"http": {"method": "GET"}, "stage": "$default"},
    });
    let revoked = world.function("list-sensors").invoke(event.to_string()).await.unwrap();
    let unknown = event.to_string().replace(&key, "pal_test_000000000000_nonsense");
    let unknown = world.function("list-sensors").invoke(unknown).await.unwrap();
    assert_eq!(revoked.body, unknown.body);
    let entries = audit(&world, "demo").await;
    assert_eq!(entries.iter().filter(|entry| entry["decision"] == "denied_key").count(), 1, "{entries:?}");
}

#[tokio::test]
async fn what_the_authorizer_refuses_of_a_known_key_is_written_down_and_every_refusal_counted() {
    let world = World::start().await;
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    let (key, kid) = (crate::world::text(&issued), issued.key.kid().clone());
    world.keyring.revoke(&kid, jiff::Timestamp::now()).await.unwrap();
    world.get("/v1/sensors").key(&key).send().await.refused(401, "unauthorized");
    assert!(world.function("list-sensors").logs().is_empty(), "the gateway asked the authorizer, and went no further");
    let entries = audit(&world, "demo").await;
    let [denial] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(
        (&denial["decision"], &denial["route"], &denial["kid"]),
        (&json!("denied_key"), &json!("authorize"), &json!(&*kid))
    );
    world.get("/v1/sensors").key("pal_test_000000000000_nonsense").send().await.refused(401, "unauthorized");
    let lines = world.function("authorize").logs();
    let lines: Vec<serde_json::Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let [known, unknown] = lines.as_slice() else { panic!("{lines:?}") };
    for line in [known, unknown] {
        assert_eq!(
            (&line["function"], &line["status"], &line["unauthorized"]),
            (&json!("authorize"), &json!(401), &json!(1))
        );
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert!(metrics.iter().any(|metric| metric["Name"] == "unauthorized"), "{line}");
    }
    assert_eq!((&known["kid"], &unknown["kid"]), (&json!(&*kid), &json!(null)));
    assert!(!known.to_string().contains(&key));
}

#[tokio::test]
async fn a_key_is_refused_by_the_authorizer_even_when_its_denial_cannot_be_written_down() {
    let world = World::start().await;
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    world.keyring.revoke(issued.key.kid(), jiff::Timestamp::now()).await.unwrap();
    let failing = world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem"), Fault::InternalError);
    let key = crate::world::text(&issued);
    world.get("/v1/sensors").key(&key).send().await.refused(401, "unauthorized");
    failing.stop();
    let lines = world.function("authorize").logs().join("");
    assert!(lines.contains("the denial was not audited"), "{lines}");
}
