//! A bank's message becomes a transaction, once.

use crate::world::{SHAPES, World};
use serde_json::{Value, json};

/// A message that tells of a payment.
fn message(user: &str, text: &str) -> Value {
    json!({"user_id": user, "channel": "sms", "message": text, "sender": "AD-HDFCBK"})
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
        let stored = world.post("/v1/transactions").key(&keys.all).json(&message("u1", CHAI)).send().await.expect(201);
        assert_eq!(stored["duplicate"], false, "{stored}");
        assert_eq!(stored["account"], "**4321", "{stored}");
        let id = stored["transaction_id"].as_str().unwrap();
        let again = world.post("/v1/transactions").key(&keys.all).json(&message("u1", CHAI)).send().await.expect(200);
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
        let later = world.post("/v1/transactions").key(&keys.all).json(&message("u1", later)).send().await.expect(201);
        assert_eq!((&later["category"], &later["reason"]), (&json!("groceries"), &json!("correction")), "{later}");
    }
}

#[tokio::test]
async fn many_messages_are_stored_and_the_same_request_again_is_no_duplicate() {
    let world = World::start().await;
    let text =
        |index: usize| format!("Rs.{index}.00 debited from A/c XX4321 on 07-03-26 to SHOP {index}. Ref {:012}", index);
    let mut messages: Vec<Value> = (1..120).map(|index| json!(text(index))).collect();
    messages.push(json!({"message": "Your OTP is 123456. Do not share it.", "sender": "AD-HDFCBK"}));
    messages.push(json!(7));
    messages.push(json!(text(1)));
    let body = json!({"user_id": "u1", "channel": "sms", "messages": messages});
    let send = || world.post("/v1/transactions/bulk").key(&world.keys.all).json(&body).send();
    let answer = send().await.expect(200);
    assert_eq!(
        (&answer["processed"], &answer["stored"], &answer["duplicates"]),
        (&json!(122), &json!(119), &json!(1)),
        "{answer}"
    );
    assert_eq!(answer["rejected"], json!([{"index": 119, "code": "otp"}, {"index": 120, "code": "invalid"}]));
    let again = send().await.expect(200);
    assert_eq!((&again["stored"], &again["duplicates"]), (&json!(0), &json!(120)));
}

#[tokio::test]
async fn a_file_is_imported() {
    let mut world = World::start().await;
    let line = |index: usize| {
        let text = format!("Rs.{index}.00 debited from A/c XX4321 on 07-03-26 to SHOP {index}. Ref {:012}", index);
        json!({"message": text, "sender": "AD-HDFCBK"}).to_string()
    };
    let file: String = (1..300).map(|index| line(index) + "\n").collect();
    let started = world.post("/v1/transactions/imports").key(&world.keys.all);
    let started =
        started.json(&json!({"user_id": "u1", "channel": "sms", "size": file.len()})).send().await.expect(201);
    let upload = &started["upload"];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut put = client.put(upload["url"].as_str().unwrap()).body(file);
    for (name, value) in upload["headers"].as_object().unwrap() {
        if name != "content-length" && name != "host" {
            put = put.header(name, value.as_str().unwrap());
        }
    }
    let put = put.send().await.unwrap();
    assert_eq!(put.status(), 200, "{}", put.text().await.unwrap());
    world.flow().await;
    let id = started["import_id"].as_str().unwrap();
    let done = world.get(&format!("/v1/transactions/imports/{id}")).key(&world.keys.all).send().await.expect(200);
    assert_eq!(
        (&done["status"], &done["stored"], &done["rejected"]),
        (&json!("completed"), &json!(299), &json!(0)),
        "{done}"
    );
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
    let stored = world.post("/v1/transactions").key(&keys.all).json(&message("u1", &text)).send().await.expect(201);
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
