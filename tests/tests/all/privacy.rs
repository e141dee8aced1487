//! What is erased cannot be had back: not from a backup, not by a replay, not by the person who comes back.

use crate::evidence::{Item, audit, bytes, items, text};
use crate::people::{
    age_erasures, correct, erase, erasures, finish_erasures, goals, message, of, opened, payment, put, record, rows,
    sealed, set_goal, transactions, unwrap, upload, wrapped,
};
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use vault::WrappedKey;

const SHOPS: [&str; 3] = ["CHAI POINT", "BOOK NOOK", "GREEN GROCER"];
const DAY: &str = "07-03-26";

/// Gives a person three transactions, a correction, a goal and an imported file. Returns the transactions' ids.
async fn live(world: &World, key: &str, user: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for (index, shop) in SHOPS.iter().enumerate() {
        let call = world.post("/v1/transactions").key(key).header("idempotency-key", &format!("{user}-{index}"));
        let stored = call.json(&message(user, &payment(100 + index, shop, DAY))).send().await.expect(201);
        ids.push(stored["transaction_id"].as_str().unwrap().to_owned());
    }
    correct(world, key, user, &json!({"transaction_id": ids[0]}), "entertainment").await.expect(200);
    let goal = json!({
        "user_id": user, "type": "budget", "name": "Less tea", "target": {"value": "1000", "currency": "INR"},
    });
    set_goal(world, key, "tea", &goal).await.expect(201);
    ids
}

/// The rows about anybody but this person, in order.
fn others(items: &[Item], tenant: &str, user: &str) -> Vec<Item> {
    let is_row = |item: &&Item| item.contains_key("sealed") && text(item, "pk") != format!("{tenant}#{user}");
    let mut rows: Vec<Item> = items.iter().filter(is_row).cloned().collect();
    rows.sort_by_key(|row| (text(row, "pk").to_owned(), text(row, "sk").to_owned()));
    rows
}

/// Everything that a client can try to see of an erased person's former life.
async fn assert_unknown(world: &World, user: &str, ids: &[String], known_again: bool) {
    let key = &world.keys.all;
    for id in ids {
        world.get(&format!("/v1/transactions/{id}?user_id={user}")).key(key).send().await.refused(404, "not_found");
        let again = correct(world, key, user, &json!({"transaction_id": id}), "travel").await;
        again.refused(404, "not_found");
    }
    let listed = transactions(world, key, user).await;
    assert!(listed.iter().all(|one| ids.iter().all(|id| one["transaction_id"] != **id)), "{listed:?}");
    assert_eq!(listed.len(), usize::from(known_again));
    for filter in ["account=4321", "merchant=chai%20point"] {
        let path = format!("/v1/transactions?user_id={user}&{filter}");
        let page = world.get(&path).key(key).send().await.expect(200);
        assert!(page["transactions"].as_array().unwrap().iter().all(|one| listed.contains(one)), "{page}");
    }
    assert!(goals(world, key, user).await.is_empty());
    let recurring = world.get(&format!("/v1/users/{user}/recurring")).key(key).send().await.expect(200);
    assert_eq!(recurring["recurring"], json!([]));
    let path = format!("/v1/goals/tea?user_id={user}");
    world.call(reqwest::Method::DELETE, &path).key(key).send().await.refused(404, "not_found");
    for (index, shop) in SHOPS.iter().enumerate() {
        let call = world.post("/v1/transactions").key(key).header("idempotency-key", &format!("{user}-{index}"));
        let replay = call.json(&message(user, &payment(100 + index, shop, DAY))).send().await;
        replay.refused(404, "not_found");
    }
}

/// The kinds of what an export holds.
async fn exported(world: &World, user: &str) -> Vec<String> {
    let export = world.get(&format!("/v1/users/{user}/export")).key(&world.keys.all).send().await.expect(200);
    let records = export["records"].as_array().unwrap().iter();
    records.map(|record| record["kind"].as_str().unwrap().to_owned()).collect()
}

/// No key that there is opens any of these rows, under its own name or the name of the key that is gone.
async fn assert_nothing_opens(world: &World, lost: &WrappedKey, backup: &[Item]) {
    let mut tried = 0;
    for row in items(world, "subject-keys").await {
        let (owner, _) = text(&row, "pk").split_once('#').unwrap();
        let blob = bytes(&row, "blob").to_vec();
        assert!(text(&row, "id") != &*lost.id && blob != lost.blob, "the key is still there");
        let id = kernel::Identifier::parse(text(&row, "id")).unwrap();
        for id in [id, lost.id.clone()] {
            let wrapped = WrappedKey { id, blob: blob.clone() };
            let key = unwrap(world, owner, &wrapped).await.unwrap();
            assert_eq!(backup.iter().map(|row| opened(row, "demo", &key)).sum::<usize>(), 0);
            tried += 1;
        }
        for tenant in ["demo", "other"].into_iter().filter(|tenant| *tenant != owner) {
            assert!(unwrap(world, tenant, &WrappedKey { id: lost.id.clone(), blob: blob.clone() }).await.is_none());
        }
    }
    assert!(tried >= 4, "{tried}");
    for table in ["ledger", "requests", "audit", "telemetry"] {
        let holds = |item: &Item| {
            let binary = item.values().filter_map(|value| value.as_b().ok());
            binary.into_iter().any(|bytes| bytes.as_ref() == lost.blob.as_slice())
        };
        assert!(!items(world, table).await.iter().any(holds), "{table}");
    }
}

#[tokio::test]
async fn a_restored_backup_tells_nothing_of_who_was_erased_since_also_when_they_come_back() {
    let mut world = World::start().await;
    let (key, other) = (world.keys.all.clone(), world.keys.other_tenant.clone());
    let ids = live(&world, &key, "ann").await;
    live(&world, &key, "bob").await;
    live(&world, &other, "ann").await;
    let file: Vec<String> = (1..60).map(|rupees| payment(rupees, "TUCK SHOP", DAY)).collect();
    let import = upload(&world, &key, "ann", &file).await;
    upload(&world, &key, "bob", &file).await;
    world.flow().await;

    let backup = items(&world, "ledger").await;
    let hers = of(backup.clone(), "demo", "ann");
    let lost = wrapped(&world, "demo", "ann").await.unwrap();
    let true_key = unwrap(&world, "demo", &lost).await.unwrap();
    let values: usize = hers.iter().map(|row| sealed(row).len()).sum();
    assert_eq!(hers.iter().map(|row| opened(row, "demo", &true_key)).sum::<usize>(), values);
    assert!(values > 3 * 59 && hers.len() == 2 * (3 + 59) + 2, "{values} of {}", hers.len());

    let receipt = erase(&world, &key, "ann").await.expect(200);
    assert_eq!((&receipt["status"], &receipt["user_id"]), (&json!("erased"), &json!("ann")), "{receipt}");
    assert_eq!((&receipt["items_removed"], &receipt["files_removed"]), (&json!(hers.len()), &json!(1)), "{receipt}");
    assert_eq!(receipt["erasure_id"], *lost.id, "{receipt}");
    assert!(receipt["key_destroyed_at"].is_string() && receipt["completed_at"].is_string(), "{receipt}");

    let left = items(&world, "ledger").await;
    assert!(of(left.clone(), "demo", "ann").is_empty());
    let untouched = others(&backup, "demo", "ann");
    assert!(untouched.len() > 59 && others(&left, "demo", "ann") == untouched, "somebody else is touched");
    assert!(wrapped(&world, "demo", "ann").await.is_none());
    assert!(world.cloud.objects("ImportsBucket").unwrap().is_empty());
    world.get(&format!("/v1/transactions/imports/{import}")).key(&key).send().await.refused(404, "not_found");
    assert_unknown(&world, "ann", &ids, false).await;

    put(&world, "ledger", &backup).await;
    assert_eq!(rows(&world, "demo", "ann").await.len(), hers.len(), "the backup is there");
    assert_unknown(&world, "ann", &ids, false).await;
    // What is known of a file was never sealed, and comes back with the table.
    assert_eq!(exported(&world, "ann").await, ["import"]);
    assert_nothing_opens(&world, &lost, &hers).await;

    let back = record(&world, &key, "ann", &payment(100, SHOPS[0], DAY)).await;
    assert_eq!((&back["duplicate"], &back["category"]), (&json!(false), &json!("food_dining")), "{back}");
    assert_unknown(&world, "ann", &ids, true).await;
    assert_eq!(exported(&world, "ann").await, ["message", "transaction", "import"]);
    assert_nothing_opens(&world, &lost, &hers).await;

    age_erasures(&world, "demo").await;
    assert!(finish_erasures(&world).await);
    let stored = erasures(&world, "demo").await;
    assert_eq!((stored.len(), &stored[0].1["status"]), (1, &json!("verified")));
    assert_eq!(rows(&world, "demo", "ann").await.len(), 2, "what was restored is removed, what is new stays");
    assert_eq!(transactions(&world, &key, "ann").await.len(), 1);
    assert!(others(&items(&world, "ledger").await, "demo", "ann") == untouched, "somebody else is touched");
    let same = |listed: Vec<Value>| listed.iter().filter(|one| one["category"] == "entertainment").count();
    assert_eq!(same(transactions(&world, &key, "bob").await), 1);
    assert_eq!(same(transactions(&world, &other, "ann").await), 1);
}

#[tokio::test]
async fn a_person_is_erased_once_and_the_receipt_is_given_again_for_the_same_request() {
    let world = World::start().await;
    let key = &world.keys.all;
    live(&world, key, "ann").await;
    let delete = |name: &str| {
        let call = world.call(reqwest::Method::DELETE, "/v1/users/ann").key(key);
        call.header("idempotency-key", name).send()
    };
    let receipt = delete("first").await.expect(200);
    let again = delete("first").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), receipt);
    delete("second").await.refused(404, "not_found");
    erase(&world, key, "nobody").await.refused(404, "not_found");
    erase(&world, &world.keys.other_tenant, "ann").await.refused(404, "not_found");
    erase(&world, &world.keys.read_only, "ann").await.refused(403, "forbidden");

    let entries = audit(&world, "demo").await;
    let erased: Vec<&Value> = entries.iter().filter(|entry| entry["route"] == "erase-person").collect();
    let named = |entry: &&&Value| entry["objects"].as_array().unwrap().contains(&json!("person/ann"));
    assert_eq!(erased.iter().filter(named).count(), 1, "{erased:#?}");
}

#[tokio::test]
async fn the_key_is_destroyed_before_the_first_item_is_removed() {
    let world = World::start().await;
    let key = &world.keys.all;
    let ids = live(&world, key, "ann").await;
    let before = rows(&world, "demo", "ann").await;
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "BatchWriteItem"));
    let (receipt, ()) = tokio::join!(erase(&world, key, "ann"), async {
        gate.arrived(1).await;
        assert!(wrapped(&world, "demo", "ann").await.is_none(), "the key still stands");
        assert_eq!(rows(&world, "demo", "ann").await, before, "an item is removed already");
        assert_eq!(erasures(&world, "demo").await[0].1["status"], "erasing");
        assert_unknown(&world, "ann", &ids, false).await;
        world.get("/v1/users/ann/export").key(key).send().await.refused(404, "not_found");
        gate.release();
    });
    assert_eq!(receipt.expect(200)["items_removed"], before.len());
}

#[tokio::test]
async fn an_erasure_that_stops_halfway_is_never_said_to_be_done_and_is_finished_by_the_clock_or_by_asking_again() {
    for by_clock in [true, false] {
        let world = World::start().await;
        let key = &world.keys.all;
        let ids = live(&world, key, "ann").await;
        let before = rows(&world, "demo", "ann").await.len();
        let failing =
            world.cloud.faults().inject(When::call(Service::DynamoDb, "BatchWriteItem"), Fault::InternalError);
        erase(&world, key, "ann").await.refused(503, "unavailable");
        assert!(!finish_erasures(&world).await, "the clock does not hide that it failed");
        assert!(wrapped(&world, "demo", "ann").await.is_none());
        assert_unknown(&world, "ann", &ids, false).await;
        assert_eq!(rows(&world, "demo", "ann").await.len(), before);
        assert_eq!(erasures(&world, "demo").await[0].1["status"], "erasing");
        failing.stop();
        if by_clock {
            assert!(finish_erasures(&world).await);
            erase(&world, key, "ann").await.refused(404, "not_found");
        } else {
            let receipt = erase(&world, key, "ann").await.expect(200);
            assert_eq!(receipt["status"], "erased", "{receipt}");
        }
        let stored = erasures(&world, "demo").await;
        let [(_, erasure)] = stored.as_slice() else { panic!("{stored:?}") };
        assert_eq!((&erasure["status"], &erasure["items_removed"]), (&json!("erased"), &json!(before)), "{erasure}");
        assert!(erasure["key_destroyed_at"].is_string() && erasure["completed_at"].is_string(), "{erasure}");
        assert!(rows(&world, "demo", "ann").await.is_empty());
        // It is verified when a minute is over, and not before.
        assert!(finish_erasures(&world).await);
        assert_eq!(erasures(&world, "demo").await[0].1["status"], "erased");
        age_erasures(&world, "demo").await;
        assert!(finish_erasures(&world).await);
        assert_eq!(erasures(&world, "demo").await[0].1["status"], "verified");
    }
}

#[tokio::test]
async fn an_erasure_that_runs_out_of_time_says_so_and_goes_on_later() {
    let world = World::start().await;
    let key = &world.keys.all;
    live(&world, key, "ann").await;
    let function = world.function("erase-person");
    function.init().await.unwrap();
    function.set_timeout(std::time::Duration::from_millis(1_999));
    let receipt = erase(&world, key, "ann").await.expect(202);
    assert_eq!((&receipt["status"], &receipt["completed_at"]), (&json!("erasing"), &Value::Null), "{receipt}");
    assert!(wrapped(&world, "demo", "ann").await.is_none());
    function.set_timeout(std::time::Duration::from_secs(28));
    let receipt = erase(&world, key, "ann").await.expect(200);
    assert_eq!((&receipt["status"], &receipt["items_removed"]), (&json!("erased"), &json!(8)), "{receipt}");
}

#[tokio::test]
async fn what_is_written_by_a_request_that_ran_at_the_same_time_is_unreadable_and_removed_a_minute_later() {
    let world = World::start().await;
    let key = &world.keys.all;
    live(&world, key, "ann").await;
    let when = When::call(Service::DynamoDb, "TransactWriteItems").times(1);
    let gate = world.cloud.faults().hold(when);
    let (late, receipt) = tokio::join!(
        async {
            let call = world.post("/v1/transactions").key(key);
            call.json(&message("ann", &payment(900, "LATE SHOP", DAY))).send().await
        },
        async {
            gate.arrived(1).await;
            let receipt = erase(&world, key, "ann").await;
            gate.release();
            receipt
        }
    );
    assert_eq!(receipt.expect(200)["status"], "erased");
    late.refused(404, "not_found");
    let written = rows(&world, "demo", "ann").await;
    assert_eq!(written.len(), 2, "the late request has stored its message and transaction");
    assert!(transactions(&world, key, "ann").await.is_empty());
    world.get("/v1/users/ann/export").key(key).send().await.refused(404, "not_found");
    // So close to the erasure others may still be running.
    assert!(finish_erasures(&world).await);
    assert_eq!(rows(&world, "demo", "ann").await.len(), 2);
    age_erasures(&world, "demo").await;
    assert!(finish_erasures(&world).await);
    assert!(rows(&world, "demo", "ann").await.is_empty());
    let erasure = erasures(&world, "demo").await.remove(0).1;
    assert_eq!((&erasure["status"], &erasure["items_removed"]), (&json!("verified"), &json!(10)), "{erasure}");
}
