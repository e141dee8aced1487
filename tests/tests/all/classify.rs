//! What messages are; nothing is stored.

use crate::evidence::{Item, items};
use crate::transactions::payment;
use crate::world::{Answer, World};
use palisade_local::Service;
use serde_json::{Value, json};

async fn classify(world: &World, body: &Value) -> Answer {
    world.post("/v1/transactions/classify").key(&world.keys.read_only).json(body).send().await
}

fn sms(text: &str) -> Value {
    json!({"channel": "sms", "message": text, "sender": "AD-HDFCBK"})
}

/// One message of each kind.
const KINDS: [(&str, &str); 8] = [
    ("transaction", "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012."),
    ("otp", "Your OTP is 448812 for payment of Rs 540.00 from Acct XX305 to CHAI POINT. Never share it."),
    (
        "reminder",
        "Rs.649.00 will be deducted from HDFC Bank A/c XX4410 on 12-03-26 for Tunery mandate. Please maintain sufficient balance.",
    ),
    ("promotion", "Get flat Rs.500 off on flights with Kotak Credit Card. Offer valid till 31-03-26. T&C apply."),
    (
        "declined",
        "Your transaction of Rs.890.00 at TOYLAND on HDFC Bank Card x7788 was declined due to insufficient balance.",
    ),
    (
        "balance",
        "Available Bal in HDFC Bank A/c XX4410 as on 09-MAR-26 is INR 44,210.55. Cheques are subject to clearing.",
    ),
    ("request", "MEGHNA R has requested Rs.750.00 from you. Approve the collect request in your UPI app. -SBI"),
    ("unrecognised", "See you at eight."),
];

#[tokio::test]
async fn every_kind_of_message_is_told_apart_alone_and_among_others() {
    let world = World::start().await;
    let messages: Vec<Value> = KINDS.iter().map(|(_, text)| sms(text)).collect();
    let many = classify(&world, &json!({"messages": messages})).await.expect(200);
    for (index, (outcome, text)) in KINDS.iter().enumerate() {
        let mut one = classify(&world, &sms(text)).await.expect(200);
        assert_eq!(&one["outcome"], outcome, "{one}");
        assert_eq!(one.get("parsed").is_some(), *outcome == "transaction", "{one}");
        if *outcome != "transaction" {
            assert_eq!((&one["category"], &one["reason"]), (&json!("other"), &json!("no_transaction")), "{one}");
        }
        let confidence = one["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence), "{one}");
        assert!(one.as_object_mut().unwrap().remove("request_id").is_some());
        assert_eq!(many["results"][index], one);
    }
    assert_eq!(many["results"].as_array().unwrap().len(), KINDS.len());
}

#[tokio::test]
async fn what_is_read_is_told_with_where_it_stands() {
    let world = World::start().await;
    let text = KINDS[0].1;
    let told = classify(&world, &sms(text)).await.expect(200);
    let parsed = &told["parsed"];
    assert_eq!(parsed["amount"], json!({"value": "450.00", "currency": "INR"}));
    let expected = json!(["debit", "4321", "CHAI POINT", "123456789012"]);
    assert_eq!(json!([parsed["type"], parsed["account_last4"], parsed["merchant"], parsed["reference"]]), expected);
    assert_eq!(parsed["timestamp"], "2026-03-07T12:00:00Z", "noon, where only the day is told");
    for (field, said) in [("merchant", "CHAI POINT"), ("reference", "123456789012")] {
        let place = &told["evidence"][field];
        let (start, end) = (place["start"].as_u64().unwrap(), place["end"].as_u64().unwrap());
        assert_eq!(&text[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()], said, "{told}");
    }
}

#[tokio::test]
async fn a_hundred_messages_are_taken_and_one_more_is_not() {
    let world = World::start().await;
    let many = |count: usize| json!({"messages": (1..=count).map(|index| sms(&payment(index))).collect::<Vec<_>>()});
    let told = classify(&world, &many(100)).await.expect(200);
    let results = told["results"].as_array().unwrap();
    assert_eq!(results.len(), 100);
    assert_eq!(results[99]["parsed"]["amount"]["value"], "100.00");
    for count in [0, 101] {
        let problem = classify(&world, &many(count)).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/messages", "{problem}");
    }
}

#[tokio::test]
async fn a_message_has_4096_characters_at_most_whatever_they_are() {
    let world = World::start().await;
    for filler in ["x", "é", "😀"] {
        let text = |length: usize| {
            let own = KINDS[0].1.to_owned() + " ";
            let rest = length - own.chars().count();
            own + &filler.repeat(rest)
        };
        assert_eq!(classify(&world, &sms(&text(4096))).await.expect(200)["outcome"], "transaction", "{filler}");
        let problem = classify(&world, &sms(&text(4097))).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/message", "{problem}");
    }
}

#[tokio::test]
async fn a_broken_message_is_named_and_nothing_is_told_of_the_others() {
    let world = World::start().await;
    let mut messages = vec![sms("See you."); 3];
    messages[1]["message"] = json!("");
    messages[2]["received_at"] = json!("2999-01-01T00:00:00Z");
    let problem = classify(&world, &json!({"messages": messages})).await.refused(422, "validation_failed");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|rule| &rule["pointer"]).collect();
    assert_eq!(pointers, ["/messages/1/message", "/messages/2/received_at"], "{problem}");
    for (body, status) in [
        (json!({"channel": "fax", "message": "See you."}), 422),
        (json!({"message": "See you."}), 422),
        (json!({"channel": "sms"}), 422),
        (json!({"messages": "See you."}), 422),
        (json!({"messages": [], "message": "See you.", "channel": "sms"}), 400),
        (json!({"channel": "sms", "message": "See you.", "user_id": "u1"}), 400),
    ] {
        assert_eq!(classify(&world, &body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn classifying_writes_nothing() {
    let world = World::start().await;
    world.cloud.reset_counts();
    for (_, text) in KINDS {
        classify(&world, &sms(text)).await.expect(200);
    }
    let calls = world.cloud.calls();
    let reads = ["GetItem", "BatchGetItem", "Query", "GetSecretValue", "Decrypt"];
    let others: Vec<_> = calls.keys().filter(|(_, name)| !reads.contains(&name.as_str())).collect();
    assert_eq!(others, Vec::<&(Service, String)>::new());
    assert_eq!(world.cloud.units().write, 0.0);
    for table in ["ledger", "subject-keys", "requests", "audit"] {
        assert_eq!(items(&world, table).await, Vec::<Item>::new(), "{table}");
    }
}
