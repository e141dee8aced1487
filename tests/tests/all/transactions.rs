//! A bank's message becomes a transaction, once.

use crate::evidence::{Item, items, text};
use crate::world::{Answer, Call, SHAPES, World};
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A message of a person.
pub fn sms(user: &str, text: &str) -> Value {
    json!({"user_id": user, "channel": "sms", "message": text, "sender": "AD-HDFCBK"})
}

/// A message that tells of a payment; another one for each number.
pub fn payment(number: usize) -> String {
    format!("Rs.{number}.00 debited from A/c XX4321 on 07-03-26 to SHOP {number}. UPI Ref {number:012}.")
}

/// The request that records a message.
pub fn post(world: &World, key: &str, body: &Value) -> Call {
    world.post("/v1/transactions").key(key).json(body)
}

/// Records a message of a person of the tenant `demo`.
pub async fn record(world: &World, user: &str, text: &str) -> Answer {
    post(world, &world.keys.all, &sms(user, text)).send().await
}

/// Every transaction of a person, page by page, whatever `filters` leave of them.
pub async fn listed(world: &World, key: &str, user: &str, filters: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/transactions?user_id={user}&limit={limit}{filters}{cursor}");
        let page = world.get(&path).key(key).send().await.expect(200);
        let transactions = page["transactions"].as_array().unwrap();
        assert!(transactions.len() <= limit, "{page}");
        all.extend(transactions.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Every transaction of a person of the tenant `demo`.
pub async fn stored(world: &World, user: &str) -> Vec<Value> {
    listed(world, &world.keys.all, user, "", 100).await
}

/// How many transactions a person has; each has another id and another reference.
pub async fn distinct(world: &World, user: &str) -> usize {
    let all = stored(world, user).await;
    let ids: BTreeSet<&str> = all.iter().map(|one| one["transaction_id"].as_str().unwrap()).collect();
    let told: BTreeSet<String> = all.iter().map(|one| one["parsed"]["amount"].to_string()).collect();
    assert_eq!((ids.len(), told.len()), (all.len(), all.len()), "{all:#?}");
    all.len()
}

const CHAI: &str = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012.";

#[tokio::test]
async fn a_message_is_classified_stored_read_back_listed_and_corrected() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let keys = &world.keys;
        let told = world.post("/v1/transactions/classify").key(&keys.all);
        let told = told.json(&json!({"channel": "sms", "message": CHAI})).send().await.expect(200);
        assert_eq!(told["outcome"], "transaction", "{told}");
        assert_eq!(told["parsed"]["amount"], json!({"value": "450.00", "currency": "INR"}), "{told}");
        let stored = record(&world, "u1", CHAI).await.expect(201);
        assert_eq!(stored["duplicate"], false, "{stored}");
        assert_eq!(stored["account"], "**4321", "{stored}");
        let id = stored["transaction_id"].as_str().unwrap();
        let again = record(&world, "u1", CHAI).await.expect(200);
        assert_eq!((&again["duplicate"], &again["transaction_id"]), (&json!(true), &json!(id)), "{again}");
        let read =
            world.get(&format!("/v1/transactions/{id}?user_id=u1")).key(&keys.read_only).send().await.expect(200);
        assert_eq!(read["parsed"], stored["parsed"]);
        let page = world.get("/v1/transactions?user_id=u1").key(&keys.read_only).send().await.expect(200);
        assert_eq!(page["transactions"][0], read, "{page}");
        let path = format!("/v1/transactions/{id}/category");
        let corrected = world.put(&path).key(&keys.all).json(&json!({"user_id": "u1", "category": "groceries"}));
        let corrected = corrected.send().await.expect(200);
        assert_eq!((&corrected["category"], &corrected["reason"]), (&json!("groceries"), &json!("correction")));
        let later = "Rs.80.00 debited from A/c XX4321 on 08-03-26 to CHAI POINT. UPI Ref 223456789012.";
        let later = record(&world, "u1", later).await.expect(201);
        assert_eq!((&later["category"], &later["reason"]), (&json!("groceries"), &json!("correction")), "{later}");
    }
}

#[tokio::test]
async fn a_message_is_the_same_however_it_is_written() {
    let world = World::start().await;
    let first = record(&world, "u1", CHAI).await.expect(201);
    let full_width = CHAI.replace("450.00", "４５０.００").replace("CHAI", "ＣＨＡＩ");
    let broken = CHAI.replace(' ', " \r\n\t ");
    for variation in [CHAI.to_lowercase(), CHAI.to_uppercase(), broken, full_width, format!("  {CHAI}\n")] {
        let again = record(&world, "u1", &variation).await.expect(200);
        let told = (&again["duplicate"], &again["transaction_id"]);
        assert_eq!(told, (&json!(true), &first["transaction_id"]), "{variation}");
    }
    assert_eq!(stored(&world, "u1").await.len(), 1);
    record(&world, "u1", &CHAI.replace("450", "451")).await.expect(201);
}

#[tokio::test]
async fn a_twin_is_stored_when_it_is_asked_for() {
    let world = World::start().await;
    let twin = |occurrence: Value| {
        let mut body = sms("u1", CHAI);
        body["occurrence"] = occurrence;
        let call = post(&world, &world.keys.all, &body);
        async move { call.send().await }
    };
    let first = record(&world, "u1", CHAI).await.expect(201);
    let one = twin(json!(1)).await.expect(200);
    assert_eq!(one["transaction_id"], first["transaction_id"], "the first occurrence is the one without a number");
    let second = twin(json!(2)).await.expect(201);
    assert_ne!(second["transaction_id"], first["transaction_id"]);
    assert_eq!(twin(json!(2)).await.expect(200)["transaction_id"], second["transaction_id"]);
    twin(json!(1000)).await.expect(201);
    for (bad, pointer) in [(json!(0), "/occurrence"), (json!(1001), "/occurrence")] {
        let problem = twin(bad).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    for bad in [json!(-1), json!("2"), json!(1.5)] {
        assert_eq!(twin(bad).await.status, 422);
    }
    assert_eq!(stored(&world, "u1").await.len(), 3);
}

#[tokio::test]
async fn the_same_message_of_two_people_or_two_tenants_is_two_transactions() {
    let world = World::start().await;
    let mine = record(&world, "u1", CHAI).await.expect(201);
    let hers = record(&world, "u2", CHAI).await.expect(201);
    let foreign = post(&world, &world.keys.other_tenant, &sms("u1", CHAI)).send().await.expect(201);
    let ids: BTreeSet<_> = [&mine, &hers, &foreign].map(|stored| stored["transaction_id"].as_str().unwrap()).into();
    assert_eq!(ids.len(), 3, "an id says nothing of who else has it");
    for (key, user) in [(&world.keys.all, "u1"), (&world.keys.all, "u2"), (&world.keys.other_tenant, "u1")] {
        assert_eq!(listed(&world, key, user, "", 10).await.len(), 1);
    }
    assert_eq!(listed(&world, &world.keys.other_tenant, "u2", "", 10).await, Vec::<Value>::new());
}

#[tokio::test]
async fn of_eight_equal_requests_at_once_one_stores_and_the_others_find_it() {
    let world = World::start().await;
    for user in ["u1", "u2"] {
        let answers = join_all((0..8).map(|_| record(&world, user, CHAI))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201], "{answers:#?}");
        for answer in &answers {
            assert_eq!(answer.json()["duplicate"], answer.status == 200, "{}", answer.body);
        }
        assert_eq!(stored(&world, user).await.len(), 1);
    }
}

#[tokio::test]
async fn a_replay_is_the_same_to_the_byte_and_what_is_kept_for_it_says_nothing() {
    let world = World::start().await;
    let body = sms("u1", CHAI);
    let send = |body: &Value| post(&world, &world.keys.all, body).header("idempotency-key", "chai-1").send();
    let (first, again) = (send(&body).await, send(&body).await);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_ne!(first.body, again.body);
    assert_eq!(first.said(), again.said());
    assert_eq!(again.json()["duplicate"], false, "the request stored it");
    let kept = items(&world, "requests").await;
    let record = kept.iter().find(|item| item.contains_key("body")).unwrap();
    for secret in ["CHAI", "chai", "4321", "9012", "450.00", "**", "debited", "merchant", "parsed"] {
        assert!(!text(record, "body").contains(secret), "{secret}: {record:?}");
        assert!(!text(record, "pk").contains(secret), "{secret}: {record:?}");
    }
    send(&sms("u1", &CHAI.replace("450", "451"))).await.refused(422, "idempotency_key_reused");
    send(&sms("u2", CHAI)).await.refused(422, "idempotency_key_reused");
    assert_eq!(stored(&world, "u1").await.len(), 1);
}

#[tokio::test]
async fn what_is_no_transaction_is_refused_and_leaves_nothing_behind() {
    let world = World::start().await;
    for (text, taken_for) in [
        ("Your OTP is 448812 for payment of Rs 540.00. Never share it.", "otp"),
        ("Rs.649.00 will be deducted from HDFC Bank A/c XX4410 on 12-03-26 for Tunery mandate.", "reminder"),
        ("Your transaction of Rs.890.00 at TOYLAND on HDFC Bank Card x7788 was declined.", "declined"),
        ("See you at eight.", "unrecognised"),
    ] {
        let call = post(&world, &world.keys.all, &sms("u1", text)).header("idempotency-key", taken_for);
        let problem = call.send().await.refused(422, "unrecognised");
        assert!(problem["detail"].as_str().unwrap().contains(taken_for), "{problem}");
    }
    for table in ["ledger", "subject-keys", "requests"] {
        assert_eq!(items(&world, table).await, Vec::<Item>::new(), "{table}");
    }
}

#[tokio::test]
async fn every_broken_rule_of_a_message_is_named() {
    let world = World::start().await;
    let body = json!({"user_id": "no spaces", "channel": "sms", "message": "x".repeat(4097), "sender": "",
                      "received_at": "tomorrow", "occurrence": 0});
    let problem = post(&world, &world.keys.all, &body).send().await.refused(422, "validation_failed");
    let mut pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|rule| &rule["pointer"]).collect();
    pointers.sort_by_key(|pointer| pointer.to_string());
    assert_eq!(pointers, ["/message", "/occurrence", "/received_at", "/sender", "/user_id"], "{problem}");
    assert!(!problem.to_string().contains("no spaces"), "{problem}");
    for body in [
        json!({"channel": "sms", "message": CHAI}),
        json!({"user_id": "u1", "message": CHAI}),
        json!({"user_id": "u1", "channel": "fax", "message": CHAI}),
        json!({"user_id": "u1", "channel": "sms", "message": 7}),
        json!({"user_id": "u1", "channel": "sms", "message": " \n"}),
    ] {
        post(&world, &world.keys.all, &body).send().await.refused(422, "validation_failed");
    }
    let mut unknown = sms("u1", CHAI);
    unknown["colour"] = json!("red");
    post(&world, &world.keys.all, &unknown).send().await.refused(400, "invalid_request");
    world
        .post("/v1/transactions")
        .key(&world.keys.read_only)
        .json(&sms("u1", CHAI))
        .send()
        .await
        .refused(403, "forbidden");
    assert_eq!(items(&world, "ledger").await, Vec::<Item>::new());
}

/// Messages full of numbers that must not be shown, and of which the ends may.
const NUMBERS: &str = "Rs.75.00 debited from A/c 50100234567891 on 07-03-26 to BRIGHT TRADERS. UPI Ref 604412345601.";
const NUMBERED_NAME: &str =
    "UPDATE: INR 500.00 debited from HDFC Bank XX4410 on 02-MAR-26. Info: ACH D- TP ACH GROWMORE-223311.";

#[tokio::test]
async fn of_accounts_and_references_only_the_end_is_answered() {
    let world = World::start().await;
    let classify = world.post("/v1/transactions/classify").key(&world.keys.all);
    let told = classify.json(&json!({"channel": "sms", "message": NUMBERS})).send().await.expect(200);
    assert_eq!(told["parsed"]["reference"], "604412345601", "nothing is stored, and the caller sent it: {told}");
    let post = record(&world, "u1", NUMBERS).await;
    assert_eq!(post.status, 201, "{}", post.body);
    let stored = post.json();
    assert_eq!((&stored["account"], &stored["reference"]), (&json!("**7891"), &json!("**5601")), "{stored}");
    assert_eq!(
        (&stored["parsed"]["account_last4"], &stored["parsed"]["reference"]),
        (&json!("7891"), &json!("**5601"))
    );
    let id = stored["transaction_id"].as_str().unwrap();
    let get = world.get(&format!("/v1/transactions/{id}?user_id=u1")).key(&world.keys.all).send().await;
    let list = world.get("/v1/transactions?user_id=u1").key(&world.keys.all).send().await;
    let correction = world.put(&format!("/v1/transactions/{id}/category")).key(&world.keys.all);
    let correction = correction.json(&json!({"user_id": "u1", "category": "other"})).send().await;
    let duplicate = record(&world, "u1", NUMBERS).await;
    for answer in [post, get, list, correction, duplicate] {
        for number in ["50100234567891", "67891", "604412345601", "45601"] {
            assert!(!answer.said().contains(number), "{number}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn of_a_name_that_is_a_number_only_the_end_is_answered() {
    let world = World::start().await;
    let classify = world.post("/v1/transactions/classify").key(&world.keys.all);
    let told = classify.json(&json!({"channel": "sms", "message": NUMBERED_NAME})).send().await.expect(200);
    assert_eq!(told["parsed"]["merchant"], "ACH D- TP ACH GROWMORE-223311", "{told}");
    let answer = record(&world, "u1", NUMBERED_NAME).await;
    assert_eq!(answer.clone().expect(201)["parsed"]["merchant"], "ACH D- TP ACH GROWMORE-**3311");
    let list = world.get("/v1/transactions?user_id=u1").key(&world.keys.all).send().await;
    assert!(!answer.said().contains("223311") && !list.said().contains("223311"), "{}", list.body);
    let found = listed(&world, &world.keys.all, "u1", "&merchant=ach+d+tp+ach+growmore+223311", 10).await;
    assert_eq!(found.len(), 1, "whoever knows the name finds it");
}

#[tokio::test]
async fn the_table_says_nothing_of_what_a_message_says() {
    let world = World::start().await;
    let text =
        "Rs.90.00 debited from A/c 50100234567891 on 07-03-26 to VPA zebra.crossing@okbank (UPI Ref No 604412345601).";
    record(&world, "u1", text).await.expect(201);
    let told = "Rs.1299 spent on HDFC Bank Card x7788 at ..SPOTLESS LAUNDRY_ on 2026-03-04:18:22:09.";
    let id = record(&world, "u1", told).await.expect(201)["transaction_id"].as_str().unwrap().to_owned();
    let correction = world.put(&format!("/v1/transactions/{id}/category")).key(&world.keys.all);
    correction.json(&json!({"user_id": "u1", "category": "other"})).send().await.expect(200);
    let goal =
        json!({"user_id": "u1", "type": "budget", "target": {"value": "1000", "currency": "INR"}, "name": "Moonbase"});
    world.put("/v1/goals/less").key(&world.keys.all).json(&goal).send().await.expect(201);
    let rows = items(&world, "ledger").await;
    assert_eq!(rows.len(), 6, "two messages, two transactions, a correction, a goal: {rows:#?}");
    let inside: Vec<u8> = rows.iter().flat_map(|row| row.values().flat_map(plain)).collect();
    let inside = String::from_utf8_lossy(&inside).to_lowercase();
    for secret in
        ["debited", "spent", "hdfc", "0234567891", "zebra", "okbank", "spotless", "laundry", "4412345601", "moonbase"]
    {
        assert!(!inside.contains(secret), "{secret}");
    }
    // Four digits are somewhere in a time by chance, and are a word by themselves, or after a mask, if they are stored.
    let mut words = inside.split(|character: char| !character.is_ascii_alphanumeric());
    let end = words.find(|word| word.len() <= 6 && (word.ends_with("7891") || word.ends_with("7788")));
    assert_eq!(end, None);
}

/// The bytes of every text and every binary in a value.
fn plain(value: &AttributeValue) -> Vec<u8> {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => [text.as_bytes(), b"\n"].concat(),
        AttributeValue::B(bytes) => [bytes.as_ref(), b"\n"].concat(),
        AttributeValue::M(map) => {
            map.iter().flat_map(|(name, value)| [name.as_bytes().to_vec(), plain(value)].concat()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn goals_follow_and_people_are_exported_and_erased() {
    let world = World::start().await;
    let keys = &world.keys;
    let goal =
        json!({"user_id": "u1", "type": "budget", "target": {"value": "1000", "currency": "INR"}, "name": "Less"});
    let made = world.put("/v1/goals/less").key(&keys.all).json(&goal).send().await.expect(201);
    assert_eq!(made["progress"], 0.0, "{made}");
    let today = jiff::Timestamp::now().strftime("%d-%m-%y");
    let text = format!("Rs.450.00 debited from A/c XX4321 on {today} to CHAI POINT. UPI Ref 123456789012.");
    let stored = record(&world, "u1", &text).await.expect(201);
    assert_eq!(stored["goal_impacts"][0]["goal_id"], "less", "{stored}");
    let goals = world.get("/v1/goals?user_id=u1").key(&keys.all).send().await.expect(200);
    assert_eq!(goals["goals"][0]["progress"], 0.45, "{goals}");
    let export = world.get("/v1/users/u1/export").key(&keys.all).send().await.expect(200);
    assert_eq!(export["records"].as_array().unwrap().len(), 3, "{export}");
    let recurring = world.get("/v1/users/u1/recurring").key(&keys.all).send().await.expect(200);
    assert_eq!(recurring["recurring"], json!([]));
    let erased = world.call(reqwest::Method::DELETE, "/v1/users/u1").key(&keys.all).send().await.expect(200);
    assert_eq!((&erased["status"], &erased["items_removed"]), (&json!("erased"), &json!(3)), "{erased}");
    let page = world.get("/v1/transactions?user_id=u1").key(&keys.all).send().await.expect(200);
    assert_eq!(page["transactions"], json!([]));
    world.get("/v1/users/u1/export").key(&keys.all).send().await.refused(404, "not_found");
}
