//! Transactions are found again, and what their categories are is learnt from corrections.

use crate::transactions::{listed, payment, post, record, sms, stored};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a person has in most of these tests: the number tells them apart and is the day of March; where a message tells no
/// hour, it is noon.
const ROWS: [(usize, &str, &str, &str); 6] = [
    (1, "debited from", "XX4321", "CHAI POINT"),
    (2, "debited from", "XX4321", "Sunrise Hospital"),
    (3, "credited to", "XX4321", "ASHA VERMA"),
    (4, "debited from", "XX9876", "CHAI POINT"),
    (5, "debited from", "XX9876", "Sunrise Hospital"),
    (6, "debited from", "XX4321", "CHAI POINT"),
];

async fn world() -> World {
    let world = World::start().await;
    // Stored in another order than that of their times.
    for (number, verb, account, merchant) in [4, 0, 5, 2, 1, 3].map(|row: usize| ROWS[row]) {
        let side = if verb == "credited to" { "from" } else { "to" };
        let text = format!(
            "Rs.{number}.00 {verb} A/c {account} on {number:02}-03-26 {side} {merchant}. UPI Ref {number:012}."
        );
        record(&world, "u1", &text).await.expect(201);
    }
    world
}

/// Which of the rows these are.
fn numbers(transactions: &[Value]) -> Vec<usize> {
    let amount = |one: &Value| one["parsed"]["amount"]["value"].as_str().unwrap().parse::<f64>().unwrap();
    transactions.iter().map(|one| (1..100).find(|number| (*number as f64) == amount(one)).unwrap()).collect()
}

#[tokio::test]
async fn transactions_are_listed_newest_first_and_filtered() {
    let world = world().await;
    for (filters, expected) in [
        ("", vec![6, 5, 4, 3, 2, 1]),
        ("&from=2026-03-03T12:00:00Z", vec![6, 5, 4, 3]),
        ("&from=2026-03-03T12:00:00.001Z", vec![6, 5, 4]),
        ("&to=2026-03-02T17:30:00%2B05:30", vec![2, 1]),
        ("&to=2026-03-02T17:29:59%2B05:30", vec![1]),
        ("&from=2026-03-02T17:30:00%2B05:30&to=2026-03-04T12:00:00Z", vec![4, 3, 2]),
        ("&category=healthcare", vec![5, 2]),
        ("&type=credit", vec![3]),
        ("&type=debit", vec![6, 5, 4, 2, 1]),
        ("&account=4321", vec![6, 3, 2, 1]),
        ("&account=XX9876", vec![5, 4]),
        ("&account=1111", vec![]),
        ("&merchant=CHAI%20POINT", vec![6, 4, 1]),
        ("&merchant=chai+point", vec![6, 4, 1]),
        ("&merchant=%20Chai--Point.", vec![6, 4, 1]),
        ("&merchant=CHAI", vec![]),
        ("&merchant=chai.point&account=9876", vec![4]),
        ("&merchant=sunrise-hospital&category=healthcare&type=debit&from=2026-03-03T00:00:00Z", vec![5]),
        ("&merchant=sunrise-hospital&type=credit", vec![]),
        ("&account=4321&type=debit&to=2026-03-04T00:00:00Z", vec![2, 1]),
        ("&from=2026-03-05T12:00:00Z&to=2026-03-05T12:00:00Z", vec![5]),
        ("&from=0001-01-01T00:00:00Z&to=9999-12-30T00:00:00Z", vec![6, 5, 4, 3, 2, 1]),
    ] {
        for limit in [1, 2, 100] {
            let found = listed(&world, &world.keys.read_only, "u1", filters, limit).await;
            assert_eq!(numbers(&found), expected, "{filters} limit {limit}");
        }
    }
}

#[tokio::test]
async fn pages_hold_every_transaction_once_also_when_most_are_passed_over() {
    let world = World::start().await;
    let text = |index: usize| match index % 100 {
        7 => format!("Rs.{index}.00 debited from A/c XX4321 on 07-03-26 to Sunrise Hospital. UPI Ref {index:012}."),
        _ => payment(index),
    };
    let messages: Vec<String> = (1..=400).map(text).collect();
    let body = json!({"user_id": "u1", "channel": "sms", "messages": messages});
    let answer = world.post("/v1/transactions/bulk").key(&world.keys.all).json(&body).send().await.expect(200);
    assert_eq!(answer["stored"], 400, "{answer}");
    for (filters, limit, count) in [
        ("", 100, 400),
        ("", 33, 400),
        ("&category=healthcare", 1, 4),
        ("&category=healthcare", 3, 4),
        ("&category=healthcare", 4, 4),
        ("&merchant=sunrise+hospital", 2, 4),
        ("&account=4321&category=healthcare", 2, 4),
        ("&category=travel", 5, 0),
    ] {
        let all = listed(&world, &world.keys.all, "u1", filters, limit).await;
        let ids: BTreeSet<&str> = all.iter().map(|one| one["transaction_id"].as_str().unwrap()).collect();
        assert_eq!((all.len(), ids.len()), (count, count), "{filters} limit {limit}");
        let times: Vec<&str> = all.iter().map(|one| one["parsed"]["timestamp"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|one, next| one >= next), "{filters}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let world = world().await;
    record(&world, "u2", &payment(1)).await.expect(201);
    let get = |query: &str, key: &str| world.get(&format!("/v1/transactions?{query}")).key(key).send();
    let first = get("user_id=u1&type=debit&limit=2", &world.keys.all).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let on = get(&format!("cursor={cursor}&limit=50&type=debit&user_id=u1"), &world.keys.all).await.expect(200);
    assert_eq!(numbers(on["transactions"].as_array().unwrap()), [4, 2, 1], "order and limit do not matter");
    for query in ["user_id=u2&type=debit", "user_id=u1", "user_id=u1&type=credit", "user_id=u1&type=debit&account=4321"]
    {
        get(&format!("{query}&cursor={cursor}"), &world.keys.all).await.refused(400, "invalid_request");
    }
    let same = format!("user_id=u1&type=debit&cursor={cursor}");
    get(&same, &world.keys.other_tenant).await.refused(400, "invalid_request");
    for bad in ["", "x", &cursor[1..], &format!("{cursor}AA")] {
        get(&format!("user_id=u1&type=debit&cursor={bad}"), &world.keys.all).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_list_that_is_asked_for_wrongly_is_refused() {
    let world = World::start().await;
    let get = |query: &str| world.get(&format!("/v1/transactions?{query}")).key(&world.keys.all).send();
    for bad in [
        "user_id=",
        "user_id=a%20b",
        "user_id=u1&limit=0",
        "user_id=u1&limit=101",
        "user_id=u1&limit=x",
        "user_id=u1&limit=-1",
        "user_id=u1&from=yesterday",
        "user_id=u1&to=2026-03-01",
        "user_id=u1&category=fun",
        "user_id=u1&type=gift",
        "user_id=u1&from=2026-03-05T00:00:00Z&to=2026-03-04T00:00:00Z",
        "limit=5",
    ] {
        get(bad).await.refused(422, "validation_failed");
    }
    for unknown in ["user_id=u1&colour=red", "user_id=u1&user_id=u2", "user_id=u1&limit=1&limit=2"] {
        get(unknown).await.refused(400, "invalid_request");
    }
    let nobody = get("user_id=nobody").await.expect(200);
    assert_eq!(nobody, json!({"transactions": [], "next_cursor": null}));
    world.get("/v1/transactions?user_id=u1").send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_transaction_of_another_person_or_tenant_is_not_found() {
    let world = World::start().await;
    let id = record(&world, "u1", &payment(1)).await.expect(201)["transaction_id"].as_str().unwrap().to_owned();
    record(&world, "u2", &payment(2)).await.expect(201);
    post(&world, &world.keys.other_tenant, &sms("u1", &payment(3))).send().await.expect(201);
    let (all, other) = (&world.keys.all, &world.keys.other_tenant);
    let missing = world.get("/v1/transactions/01J?user_id=u1").key(all).send().await.refused(404, "not_found");
    for (key, user) in [(all, "u2"), (all, "nobody"), (other, "u1")] {
        let problem = world.get(&format!("/v1/transactions/{id}?user_id={user}")).key(key).send().await;
        assert_eq!(problem.refused(404, "not_found")["detail"], missing["detail"], "the same as what is not there");
        let correction = world.put(&format!("/v1/transactions/{id}/category")).key(key);
        correction.json(&json!({"user_id": user, "category": "other"})).send().await.refused(404, "not_found");
    }
    world.get(&format!("/v1/transactions/{id}")).key(all).send().await.refused(422, "validation_failed");
    world.get(&format!("/v1/transactions/{id}?user_id=u1&x=1")).key(all).send().await.refused(400, "invalid_request");
}

async fn correct(world: &World, user: &str, id: &Value, category: &str) -> crate::world::Answer {
    let path = format!("/v1/transactions/{}/category", id.as_str().unwrap());
    world.put(&path).key(&world.keys.all).json(&json!({"user_id": user, "category": category})).send().await
}

#[tokio::test]
async fn a_correction_teaches_that_persons_merchant_and_no_other() {
    let world = World::start().await;
    let bought = |merchant: &str, number: usize| {
        format!("Rs.{number}.00 debited from A/c XX4321 on 07-03-26 to {merchant}. UPI Ref {number:012}.")
    };
    let first = record(&world, "u1", &bought("CHAI POINT", 1)).await.expect(201);
    let before = record(&world, "u2", &bought("CHAI POINT", 2)).await.expect(201);
    let other = record(&world, "u1", &bought("Sunrise Hospital", 3)).await.expect(201);
    correct(&world, "u1", &first["transaction_id"], "education").await.expect(200);
    let same = record(&world, "u1", &bought("Chai Point", 4)).await.expect(201);
    assert_eq!((&same["category"], &same["reason"]), (&json!("education"), &json!("correction")), "{same}");
    for (user, merchant, number, was) in [("u2", "CHAI POINT", 5, &before), ("u1", "Sunrise Hospital", 6, &other)] {
        let next = record(&world, user, &bought(merchant, number)).await.expect(201);
        assert_eq!((&next["category"], &next["reason"]), (&was["category"], &was["reason"]), "{next}");
    }
    // The last word counts, and what was stored before keeps its own.
    correct(&world, "u1", &same["transaction_id"], "travel").await.expect(200);
    let bulk = json!({"user_id": "u1", "channel": "sms", "messages": [bought("CHAI POINT", 7)]});
    world.post("/v1/transactions/bulk").key(&world.keys.all).json(&bulk).send().await.expect(200);
    let all = stored(&world, "u1").await;
    let of = |number: usize| {
        let amount = json!(format!("{number}.00"));
        &all.iter().find(|one| one["parsed"]["amount"]["value"] == amount).unwrap()["category"]
    };
    assert_eq!([of(1), of(4), of(7)], ["education", "travel", "travel"]);
    // The same correction again changes nothing and is no error.
    let again = correct(&world, "u1", &same["transaction_id"], "travel").await.expect(200);
    assert_eq!(again["category"], "travel");
}

#[tokio::test]
async fn a_correction_of_nothing_or_to_nothing_is_refused() {
    let world = World::start().await;
    correct(&world, "u1", &json!("01J"), "travel").await.refused(404, "not_found");
    let id = record(&world, "u1", &payment(1)).await.expect(201)["transaction_id"].clone();
    correct(&world, "u1", &json!("01J"), "travel").await.refused(404, "not_found");
    correct(&world, "u1", &id, "fun").await.refused(422, "validation_failed");
    correct(&world, "a b", &id, "travel").await.refused(422, "validation_failed");
    assert_ne!(stored(&world, "u1").await[0]["category"], "travel");
}

#[tokio::test]
async fn corrections_at_once_are_one_after_the_other() {
    let world = World::start().await;
    let id = record(&world, "u1", &payment(1)).await.expect(201)["transaction_id"].clone();
    let to = ["travel", "education", "cash"];
    let answers = futures_util::future::join_all(to.map(|category| correct(&world, "u1", &id, category))).await;
    for answer in answers {
        answer.expect(200);
    }
    let last = &stored(&world, "u1").await[0]["category"];
    assert!(to.iter().any(|category| last == category), "{last}");
    let next = "Rs.9.00 debited from A/c XX4321 on 08-03-26 to SHOP 1. UPI Ref 000000000009.";
    assert_eq!(&record(&world, "u1", next).await.expect(201)["category"], last);
}
