//! What is stored about a person is told in full, to whom may ask, and not without a trace.

use crate::evidence::{Item, audit, items, text};
use crate::people::{correct, payment, put, record, record_all, set_goal, upload};
use crate::world::{READ, World};
use aws_sdk_dynamodb::types::AttributeValue;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CHAI: &str = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to VPA teashop@okfake CHAI POINT. UPI Ref 123456789012. \
                    Avl Bal Rs.5,550.25";

/// The records of an export, part by part; each part as long as Lambda can answer.
async fn exported(world: &World, user: &str) -> Vec<Vec<Value>> {
    let (mut parts, mut path) = (Vec::new(), format!("/v1/users/{user}/export"));
    loop {
        let answer = world.get(&path).key(&world.keys.all).send().await;
        assert!(answer.body.len() < 6 * 1024 * 1024, "{}", answer.body.len());
        let mut part = answer.expect(200);
        assert_eq!(part["user_id"], *user);
        parts.push(serde_json::from_value(part["records"].take()).unwrap());
        match part["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/users/{user}/export?cursor={cursor}"),
            None => return parts,
        }
    }
}

fn only<'a>(records: &'a [Value], kind: &str) -> &'a Value {
    let mut found = records.iter().filter(|record| record["kind"] == kind);
    match (found.next(), found.next()) {
        (Some(record), None) => record,
        found => panic!("{kind}: {found:?}"),
    }
}

#[tokio::test]
async fn an_export_holds_every_row_unmasked_and_the_message_as_it_arrived() {
    let world = World::start().await;
    let key = &world.keys.all;
    let body = json!({
        "user_id": "ann", "channel": "sms", "message": CHAI, "sender": "AD-HDFCBK",
        "received_at": "2026-03-07T09:30:00Z",
    });
    let stored = world.post("/v1/transactions").key(key).json(&body).send().await.expect(201);
    assert_eq!((&stored["account"], &stored["reference"]), (&json!("**4321"), &json!("**9012")), "{stored}");
    correct(&world, key, "ann", &stored, "travel").await.expect(200);
    // A name that looks like something else.
    let name = r#"{"less": "tea"}"#;
    let target = json!({"value": "1000", "currency": "INR"});
    let goal = json!({"user_id": "ann", "type": "budget", "name": name, "target": target, "category": "travel"});
    set_goal(&world, key, "tea", &goal).await.expect(201);
    let import = upload(&world, key, "ann", &[payment(7, "BOOK NOOK", "07-03-26")]).await;
    record(&world, key, "bob", &payment(8, "BOB'S SHOP", "07-03-26")).await;
    record(&world, &world.keys.other_tenant, "ann", &payment(9, "OTHER SHOP", "07-03-26")).await;

    let told = world.post("/v1/transactions/classify").key(key);
    let told = told.json(&json!({"channel": "sms", "message": CHAI, "sender": "AD-HDFCBK"})).send().await.expect(200);
    let [records] = exported(&world, "ann").await.try_into().unwrap();
    assert_eq!(records.len(), 5, "{records:#?}");
    let transaction = only(&records, "transaction");
    for name in ["merchant", "counterparty", "reference", "balance"] {
        assert!(told["parsed"][name].is_string() || told["parsed"][name].is_object(), "{name}: {told}");
        assert_eq!(transaction[name], told["parsed"][name], "{name}");
    }
    assert!(transaction["account"].as_str().unwrap().ends_with("4321"), "{transaction}");
    assert_eq!((&transaction["amount"], &transaction["category"]), (&told["parsed"]["amount"], &json!("travel")));
    assert_eq!(transaction["transaction_id"], stored["transaction_id"]);
    let message = only(&records, "message");
    let told = json!({
        "channel": "sms", "text": CHAI, "sender": "AD-HDFCBK", "received_at": "2026-03-07T09:30:00Z", "occurrence": 1,
    });
    assert_eq!((&message["message"], &message["transaction_id"]), (&told, &stored["transaction_id"]));
    let correction = only(&records, "correction");
    assert_eq!((&correction["merchant"], &correction["category"]), (&transaction["merchant"], &json!("travel")));
    let goal = only(&records, "goal");
    assert_eq!((&goal["name"], &goal["goal_id"], &goal["type"]), (&json!(name), &json!("tea"), &json!("budget")));
    assert_eq!(only(&records, "import")["import_id"], json!(import));
}

#[tokio::test]
async fn an_export_is_written_down_before_it_is_given_or_is_not_given() {
    let world = World::start().await;
    let key = world.keys.all.clone();
    record(&world, &key, "ann", CHAI).await;
    let writing = When::call(Service::DynamoDb, "TransactWriteItems").containing("exported");
    let gate = world.cloud.faults().hold(writing.clone());
    let export = tokio::spawn(world.get("/v1/users/ann/export").key(&key).send());
    gate.arrived(1).await;
    assert!(!export.is_finished(), "it was given before it was written down");
    gate.release();
    export.await.unwrap().expect(200);
    let entries = audit(&world, "demo").await;
    let entries: Vec<&Value> = entries.iter().filter(|entry| entry["decision"] == "exported").collect();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((&entry["objects"], &entry["route"]), (&json!(["person/ann"]), &json!("export-person")));
    assert_eq!(entry["scope"], "privacy:export");

    for fault in [Fault::InternalError, Fault::Timeout] {
        let failing = world.cloud.faults().inject(writing.clone(), fault);
        let answer = world.get("/v1/users/ann/export").key(&key).send().await;
        let said = answer.said();
        assert!(!said.contains("CHAI") && !said.contains("4321"), "{said}");
        answer.refused(503, "unavailable");
        failing.stop();
    }
    world.get("/v1/users/ann/export").key(&world.keys.read_only).send().await.refused(403, "forbidden");
    world.get("/v1/users/ann/export").key(&world.keys.other_tenant).send().await.refused(404, "not_found");
    world.get("/v1/users/nobody/export").key(&key).send().await.refused(404, "not_found");
    let unknown = world.get("/v1/users/ann/export?all=true").key(&key).send().await;
    unknown.refused(400, "invalid_request");
}

#[tokio::test]
async fn whoever_may_read_transactions_may_not_export_them() {
    let world = World::start().await;
    let scopes: Vec<kernel::Scope> =
        kernel::Scope::ALL.iter().copied().filter(|scope| *scope != kernel::Scope::PrivacyExport).collect();
    assert!(READ.iter().all(|scope| scopes.contains(scope)));
    let key = crate::world::text(&world.mint("demo", &scopes).await);
    record(&world, &key, "ann", CHAI).await;
    world.get("/v1/users/ann/export").key(&key).send().await.refused(403, "forbidden");
}

/// Many finished imports of a person, each with as much to tell as there can be.
async fn large_imports(world: &World, user: &str, count: usize) {
    upload(world, &world.keys.all, user, &["hello".to_owned()]).await;
    let stored = items(world, "ledger").await;
    let model = stored.iter().find(|item| item.contains_key("body") && text(item, "pk") == "demo#!import").unwrap();
    let mut import: Value = serde_json::from_str(text(model, "body")).unwrap();
    import["rejections"] =
        (0..1_000).map(|index| json!({"index": 1_000_000 + index, "code": "unrecognised"})).collect();
    let copy = |index: usize| -> Item {
        let id = format!("{}{index:04}", &import["import_id"].as_str().unwrap()[..22]);
        let mut import = import.clone();
        import["import_id"] = json!(id);
        let mut item = model.clone();
        item.insert("sk".to_owned(), AttributeValue::S(id));
        item.insert("body".to_owned(), AttributeValue::S(import.to_string()));
        item
    };
    put(world, "ledger", &(1..count).map(copy).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_large_export_comes_in_parts_that_are_whole_together() {
    let world = World::start().await;
    let long = |index: usize| {
        let mut text = payment(index, "CHAI POINT", "07-03-26");
        text.extend(std::iter::repeat_n('\u{0950}', 4_096 - text.chars().count()));
        text
    };
    let texts: Vec<String> = (1..=400).map(long).collect();
    for part in texts.chunks(80) {
        assert_eq!(record_all(&world, &world.keys.all, "ann", part).await, 80);
    }
    large_imports(&world, "ann", 110).await;
    let parts = exported(&world, "ann").await;
    assert!(parts.len() >= 3, "{}", parts.len());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for record in parts.iter().flatten() {
        let id = record["message"]["text"].as_str().or(record["import_id"].as_str());
        let id = id.or(record["transaction_id"].as_str()).unwrap();
        *seen.entry(format!("{} {id}", record["kind"])).or_default() += 1;
    }
    assert!(seen.values().all(|times| *times == 1), "a record is there twice");
    assert_eq!(seen.len(), 2 * 400 + 110);
    assert!(texts.iter().all(|text| seen.contains_key(&format!("\"message\" {text}"))));

    let first = world.get("/v1/users/ann/export").key(&world.keys.all).send().await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    record(&world, &world.keys.all, "bob", CHAI).await;
    let path = format!("/v1/users/bob/export?cursor={cursor}");
    world.get(&path).key(&world.keys.all).send().await.refused(400, "invalid_request");
    record(&world, &world.keys.other_tenant, "ann", CHAI).await;
    let path = format!("/v1/users/ann/export?cursor={cursor}");
    world.get(&path).key(&world.keys.other_tenant).send().await.refused(400, "invalid_request");
}
