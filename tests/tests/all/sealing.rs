//! Sealed values where they are stored: each opens at its place alone, with its person's key alone.

use crate::evidence::{Item, dynamo, items, text};
use crate::people::{correct, message, payment, put, record, rows, sealed, set_goal, transactions, unwrap, wrapped};
use crate::world::{Answer, World};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use palisade_local::{Fault, Service, When};
use serde_json::json;
use std::collections::HashMap;

const CHAI: &str = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to VPA teashop@okfake CHAIWALLAH. UPI Ref 123456789012. \
                    Avl Bal Rs.5,550.25";
const BOOKS: &str = "Rs.120.00 debited from A/c XX8765 on 08-03-26 to VPA nook@okfake BOOKSELLER. UPI Ref 210987654321. \
                     Avl Bal Rs.5,430.25";
/// What may not be seen when something does not open.
const PERSONAL: [&str; 7] = ["4321", "8765", "CHAIWALLAH", "BOOKSELLER", "9012", "okfake", "5550.25"];

/// A world in which two people of one tenant and one of another have the same two transactions.
async fn peopled() -> World {
    let world = World::start().await;
    for (key, user) in [(&world.keys.all, "ann"), (&world.keys.all, "bob"), (&world.keys.other_tenant, "ann")] {
        record(&world, key, user, CHAI).await;
        record(&world, key, user, BOOKS).await;
    }
    world
}

/// The two transactions of a person, the older first.
async fn pair(world: &World, tenant: &str, user: &str) -> [Item; 2] {
    let mut rows = rows(world, tenant, user).await;
    rows.retain(|row| text(row, "sk").starts_with("T#"));
    rows.try_into().unwrap()
}

async fn read(world: &World, key: &str, row: &Item) -> Answer {
    let (user, id) = (text(row, "pk").split_once('#').unwrap().1, text(row, "sk").strip_prefix("T#").unwrap());
    world.get(&format!("/v1/transactions/{id}?user_id={user}")).key(key).send().await
}

/// Stores `row` with other values in place of its sealed ones.
async fn tamper(world: &World, row: &Item, change: impl FnOnce(&mut HashMap<String, AttributeValue>)) {
    let mut row = row.clone();
    let mut values = sealed(&row).clone();
    change(&mut values);
    row.insert("sealed".to_owned(), AttributeValue::M(values));
    put(world, "ledger", &[row]).await;
}

/// A transaction is not read, listed, corrected or exported, and nothing of it or of why is told; others are.
async fn assert_shut(world: &World, row: &Item, well: &Item, case: &str) {
    let key = &world.keys.all;
    let user = text(row, "pk").split_once('#').unwrap().1;
    let id = json!({"transaction_id": text(row, "sk").strip_prefix("T#").unwrap()});
    let answers = [
        read(world, key, row).await,
        world.get(&format!("/v1/transactions?user_id={user}")).key(key).send().await,
        world.get(&format!("/v1/users/{user}/export")).key(key).send().await,
        correct(world, key, user, &id, "travel").await,
    ];
    for answer in answers {
        let inside = ["seal", "open", "mismatch", "key", "kms", "attribute"];
        let said = answer.said();
        assert!(PERSONAL.iter().all(|text| !said.contains(text)), "{case}: {said}");
        assert!(inside.iter().all(|text| !said.to_lowercase().contains(text)), "{case}: {said}");
        answer.refused(500, "internal_error");
    }
    assert_eq!(read(world, key, well).await.status, 200, "{case}");
}

#[tokio::test]
async fn a_sealed_value_opens_in_its_place_alone() {
    let world = peopled().await;
    let [mine, second] = pair(&world, "demo", "ann").await;
    let [bobs, _] = pair(&world, "demo", "bob").await;
    let [foreign, _] = pair(&world, "other", "ann").await;
    let before = read(&world, &world.keys.all, &mine).await.expect(200);
    for name in ["account", "merchant", "counterparty", "reference", "balance"] {
        for (case, from) in [("another transaction", &second), ("another person", &bobs), ("another tenant", &foreign)]
        {
            let value = sealed(from)[name].clone();
            tamper(&world, &mine, |values| drop(values.insert(name.to_owned(), value))).await;
            assert_shut(&world, &mine, &second, &format!("{name} of {case}")).await;
        }
        let other = if name == "account" { "merchant" } else { "account" };
        let value = sealed(&mine)[other].clone();
        tamper(&world, &mine, |values| drop(values.insert(name.to_owned(), value))).await;
        assert_shut(&world, &mine, &second, &format!("{name} in place of {other}")).await;
    }
    put(&world, "ledger", std::slice::from_ref(&mine)).await;
    assert_eq!(read(&world, &world.keys.all, &mine).await.expect(200), before);
    assert_eq!(transactions(&world, &world.keys.all, "bob").await.len(), 2);
    assert_eq!(transactions(&world, &world.keys.other_tenant, "ann").await.len(), 2);
}

#[tokio::test]
async fn a_sealed_value_of_which_one_byte_is_changed_does_not_open() {
    let world = peopled().await;
    let [mine, second] = pair(&world, "demo", "ann").await;
    let value = sealed(&mine)["merchant"].as_b().unwrap().as_ref().to_vec();
    let length = value.len();
    // The version, the nonce, the text, the padding, the tag.
    for place in [0, 1, 13, length - 17, length - 16, length - 1] {
        let mut changed = value.clone();
        changed[place] ^= 1;
        let changed = AttributeValue::B(Blob::new(changed));
        tamper(&world, &mine, |values| drop(values.insert("merchant".to_owned(), changed))).await;
        assert_shut(&world, &mine, &second, &format!("byte {place}")).await;
    }
    for shorter in [Vec::new(), value[..28].to_vec(), value[..length - 1].to_vec()] {
        let shorter = AttributeValue::B(Blob::new(shorter));
        tamper(&world, &mine, |values| drop(values.insert("merchant".to_owned(), shorter))).await;
        assert_shut(&world, &mine, &second, "cut off").await;
    }
}

#[tokio::test]
async fn a_row_that_names_another_key_is_no_row_of_the_person() {
    let world = peopled().await;
    let [mut mine, second] = pair(&world, "demo", "ann").await;
    let [bobs, _] = pair(&world, "demo", "bob").await;
    mine.insert("key".to_owned(), bobs["key"].clone());
    put(&world, "ledger", &[mine.clone()]).await;
    read(&world, &world.keys.all, &mine).await.refused(404, "not_found");
    let left = transactions(&world, &world.keys.all, "ann").await;
    assert_eq!(left.len(), 1);
    assert_eq!(format!("T#{}", left[0]["transaction_id"].as_str().unwrap()), text(&second, "sk"));
    // A whole row of somebody else, under this person's name and key.
    let mut foreign = bobs.clone();
    foreign.extend(["pk", "key"].map(|name| (name.to_owned(), second[name].clone())));
    put(&world, "ledger", &[foreign.clone()]).await;
    assert_shut(&world, &foreign, &second, "a row of another person").await;
}

/// Gives one person's row of SubjectKeys the key of another.
async fn give_key(world: &World, to: &str, from: &str, with_id: bool) {
    let stored = items(world, "subject-keys").await;
    let of = |name: &str| stored.iter().find(|row| text(row, "pk") == name).unwrap().clone();
    let (mut row, other) = (of(to), of(from));
    row.insert("blob".to_owned(), other["blob"].clone());
    if with_id {
        row.insert("id".to_owned(), other["id"].clone());
    }
    put(world, "subject-keys", &[row]).await;
}

#[tokio::test]
async fn the_key_of_another_person_opens_nothing() {
    let world = peopled().await;
    let [mine, _] = pair(&world, "demo", "ann").await;
    let [bobs, _] = pair(&world, "demo", "bob").await;
    give_key(&world, "demo#ann", "demo#bob", false).await;
    assert_shut(&world, &mine, &bobs, "the wrapped key of another person").await;
    give_key(&world, "demo#ann", "demo#bob", true).await;
    read(&world, &world.keys.all, &mine).await.refused(404, "not_found");
    assert!(transactions(&world, &world.keys.all, "ann").await.is_empty());
}

#[tokio::test]
async fn kms_unwraps_no_key_of_another_tenant() {
    let world = peopled().await;
    let [mine, _] = pair(&world, "demo", "ann").await;
    let [bobs, _] = pair(&world, "demo", "bob").await;
    for with_id in [false, true] {
        give_key(&world, "demo#ann", "other#ann", with_id).await;
        assert_shut(&world, &mine, &bobs, "the wrapped key of another tenant").await;
        let more = message("ann", &payment(5, "MORE SHOP", "09-03-26"));
        let answer = world.post("/v1/transactions").key(&world.keys.all).json(&more).send().await;
        answer.refused(500, "internal_error");
    }
    assert_eq!(pair(&world, "demo", "ann").await.len(), 2, "nothing was stored");
    assert_eq!(transactions(&world, &world.keys.other_tenant, "ann").await.len(), 2);
}

#[tokio::test]
async fn kms_is_asked_once_for_many_requests_of_a_person_and_told_the_tenant_and_the_purpose_alone() {
    let world = peopled().await;
    let key = &world.keys.all;
    let [mine, _] = pair(&world, "demo", "ann").await;
    read(&world, key, &mine).await.expect(200);
    world.cloud.reset_counts();
    for _ in 0..5 {
        read(&world, key, &mine).await.expect(200);
    }
    assert_eq!(world.cloud.calls_of(Service::Kms, "Decrypt"), 0);
    let [bobs, _] = pair(&world, "demo", "bob").await;
    for _ in 0..5 {
        read(&world, key, &bobs).await.expect(200);
    }
    assert_eq!(world.cloud.calls_of(Service::Kms, "Decrypt"), 1, "one for each person");
    // Anybody who writes several times mints no key but the first.
    world.cloud.reset_counts();
    for index in 0..3 {
        record(&world, key, "eve", &payment(index + 1, "TUCK SHOP", "07-03-26")).await;
    }
    assert_eq!(world.cloud.calls_of(Service::Kms, "GenerateDataKey"), 1);
    assert_eq!(world.cloud.calls_of(Service::Kms, "Decrypt"), 0);

    let kept = wrapped(&world, "demo", "ann").await.unwrap();
    assert!(unwrap(&world, "demo", &kept).await.is_some() && unwrap(&world, "other", &kept).await.is_none());
    let kms = aws_sdk_kms::Client::new(&world.cloud.sdk_config());
    let blob = aws_sdk_kms::primitives::Blob::new(kept.blob);
    let contexts: [&[(&str, &str)]; 5] = [
        &[],
        &[("tenant", "demo")],
        &[("purpose", "ledger")],
        &[("tenant", "demo"), ("purpose", "ledger"), ("user", "ann")],
        &[("tenant", "demo"), ("purpose", "telemetry")],
    ];
    for context in contexts {
        let context = context.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let decrypt = kms.decrypt().ciphertext_blob(blob.clone()).set_encryption_context(Some(context));
        assert!(decrypt.send().await.is_err());
    }
    let decrypt = kms.decrypt().ciphertext_blob(blob).encryption_context("tenant", "demo");
    decrypt.encryption_context("purpose", "ledger").send().await.unwrap();
}

#[tokio::test]
async fn while_kms_fails_whoever_has_no_key_in_memory_waits_and_nothing_is_stored() {
    let world = peopled().await;
    let key = &world.keys.all;
    let [mine, _] = pair(&world, "demo", "ann").await;
    world.cloud.faults().inject(When::any(Service::Kms), Fault::Throttle);
    for function in ["get-transaction", "list-transactions", "export-person", "record-transaction"] {
        world.function(function).restart();
    }
    let waiting = [
        read(&world, key, &mine).await,
        world.get("/v1/transactions?user_id=ann").key(key).send().await,
        world.get("/v1/users/ann/export").key(key).send().await,
        world.post("/v1/transactions").key(key).json(&message("eve", CHAI)).send().await,
        set_goal(
            &world,
            key,
            "g",
            &json!({"user_id": "eve", "type": "budget",
            "target": {"value": "10", "currency": "INR"}}),
        )
        .await,
    ];
    for answer in waiting {
        assert_ne!(answer.header("retry-after"), "");
        answer.refused(503, "unavailable");
    }
    assert!(wrapped(&world, "demo", "eve").await.is_none() && rows(&world, "demo", "eve").await.is_empty());
    world.cloud.faults().clear();
    read(&world, key, &mine).await.expect(200);
}

/// What can be read of a value, also where it is binary.
fn legible(value: &AttributeValue) -> String {
    match value {
        AttributeValue::B(bytes) => String::from_utf8_lossy(bytes.as_ref()).into_owned(),
        AttributeValue::M(values) => values.values().map(legible).collect(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_personal_is_legible_in_any_table() {
    let world = peopled().await;
    let key = &world.keys.all;
    let goal = json!({
        "user_id": "ann", "type": "budget", "name": "MOONLANDING", "target": {"value": "1000", "currency": "INR"},
    });
    let call = world.put("/v1/goals/g").key(key).header("idempotency-key", "one").json(&goal);
    call.send().await.expect(201);
    let call = world.post("/v1/transactions").key(key).header("idempotency-key", "two");
    let stored = call.json(&message("ann", &payment(999, "SECRETARY BIRDS", "07-03-26"))).send().await.expect(201);
    let call = world.put(&format!("/v1/transactions/{}/category", stored["transaction_id"].as_str().unwrap()));
    let call = call.key(key).header("idempotency-key", "three");
    call.json(&json!({"user_id": "ann", "category": "travel"})).send().await.expect(200);
    // Shorter ones would be spelled by chance where keys, digests and times stand.
    let secrets = [
        "xx4321",
        "teashop",
        "chaiwallah",
        "bookseller",
        "okfake",
        "123456789012",
        "5550.25",
        "moonlanding",
        "secretary",
        "000000500999",
    ];
    for table in ["ledger", "requests", "audit", "telemetry", "issuers", "subject-keys"] {
        for item in items(&world, table).await {
            let text: String = item.values().map(legible).collect::<String>().to_lowercase();
            for secret in secrets {
                assert!(!text.contains(secret), "{secret} in {table}");
            }
        }
    }
    let tables = dynamo(&world).list_tables().send().await.unwrap();
    assert_eq!(tables.table_names().len(), 6, "{tables:?}");
}
