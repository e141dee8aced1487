//! Many messages at once, each stored once, whatever interrupts them.

use crate::evidence::{Item, expire_leases, items};
use crate::transactions::{distinct, payment, record, stored};
use crate::world::{Answer, Call, World};
use futures_util::future::join_all;
use palisade_local::host::Shape;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use std::time::Duration;

const BULK: &str = "/v1/transactions/bulk";
const NDJSON: &str = "application/x-ndjson";

/// Payments `from` to `to`, all of one person.
fn batch(user: &str, from: usize, to: usize) -> Value {
    json!({"user_id": user, "channel": "sms", "messages": (from..=to).map(payment).collect::<Vec<_>>()})
}

/// One row of a file.
pub fn line(user: &str, number: usize) -> String {
    json!({"user_id": user, "channel": "sms", "message": payment(number)}).to_string()
}

fn request(world: &World, body: &Value) -> Call {
    world.post(BULK).key(&world.keys.all).json(body)
}

fn lines(world: &World, body: impl Into<reqwest::Body>) -> Call {
    world.post(BULK).key(&world.keys.all).raw(NDJSON, body)
}

fn counts(answer: &Value) -> [u64; 3] {
    ["processed", "stored", "duplicates"].map(|name| answer[name].as_u64().unwrap())
}

/// An answer without what two runs never have in common.
fn comparable(answer: &Value) -> Value {
    let mut answer = answer.clone();
    answer.as_object_mut().unwrap().remove("request_id");
    for result in answer["results"].as_array_mut().unwrap() {
        assert!(result["transaction_id"].take().is_string());
    }
    answer
}

fn commits(world: &World) -> u64 {
    world.cloud.calls_of(Service::DynamoDb, "TransactWriteItems")
}

#[tokio::test]
async fn many_messages_are_stored_and_the_same_request_again_finds_them() {
    for shape in [Shape::RestV1, Shape::Watch] {
        let world = World::behind(shape).await;
        let mut messages: Vec<Value> = (1..120).map(|index| json!(payment(index))).collect();
        messages.push(json!({"message": "Your OTP is 123456. Do not share it.", "sender": "AD-HDFCBK"}));
        messages.push(json!(7));
        messages.push(json!(payment(1)));
        let body = json!({"user_id": "u1", "channel": "sms", "messages": messages});
        let answer = request(&world, &body).send().await.expect(200);
        assert_eq!((counts(&answer), &answer["complete"]), ([122, 119, 1], &json!(true)), "{answer}");
        assert_eq!(answer["rejected"], json!([{"index": 119, "code": "otp"}, {"index": 120, "code": "invalid"}]));
        let results = answer["results"].as_array().unwrap();
        let indices: Vec<u64> = results.iter().map(|result| result["index"].as_u64().unwrap()).collect();
        assert_eq!(indices, (0..119).chain([121]).collect::<Vec<_>>());
        assert_eq!(results[119]["transaction_id"], results[0]["transaction_id"]);
        let again = request(&world, &body).send().await.expect(200);
        assert_eq!(counts(&again), [122, 0, 120]);
        assert_eq!(distinct(&world, "u1").await, 119);
    }
}

#[tokio::test]
async fn a_thousand_messages_are_taken_and_one_more_is_not() {
    let world = World::start().await;
    for count in [0, 1001] {
        let problem = request(&world, &batch("u1", 1, count)).send().await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/messages", "{problem}");
        let text: String = (1..=count).map(|number| line("u1", number) + "\n").collect();
        lines(&world, text + "\n\n").send().await.refused(422, "validation_failed");
    }
    assert_eq!(items(&world, "ledger").await, Vec::<Item>::new());
    let answer = request(&world, &batch("u1", 1, 1000)).send().await.expect(200);
    assert_eq!((counts(&answer), &answer["rejected"]), ([1000, 1000, 0], &json!([])));
    let text: String = (1..=1000).map(|number| line("u1", number) + "\r\n\n").collect();
    let answer = lines(&world, text).send().await.expect(200);
    assert_eq!(counts(&answer), [1000, 0, 1000], "empty lines are no rows");
    assert_eq!(distinct(&world, "u1").await, 1000);
}

#[tokio::test]
async fn lines_may_be_of_several_people() {
    let world = World::start().await;
    let users = ["u1", "u2", "u3"];
    let text: String = (0..150).map(|row| line(users[row % 3], row + 1) + "\n").collect();
    let answer = lines(&world, text).send().await.expect(200);
    assert_eq!((counts(&answer), &answer["complete"]), ([150, 150, 0], &json!(true)));
    let indices: Vec<_> = answer["results"].as_array().unwrap().iter().map(|result| result["index"].clone()).collect();
    assert_eq!(json!(indices), json!((0..150).collect::<Vec<_>>()), "in the order of the lines");
    for user in users {
        assert_eq!(distinct(&world, user).await, 50);
    }
    let mut own = batch("u1", 201, 203);
    own["messages"] = json!([payment(201), {"user_id": "u2", "message": payment(202)}, {"message": payment(203), "channel": "email"}]);
    assert_eq!(counts(&request(&world, &own).send().await.expect(200)), [3, 3, 0]);
    assert_eq!([distinct(&world, "u1").await, distinct(&world, "u2").await], [52, 51]);
}

/// Rows that cannot be read, as lines.
fn poison() -> Vec<(&'static str, Vec<u8>)> {
    let row = |name: &str, value: Value| {
        let mut row: Value = serde_json::from_str(&line("u1", 900)).unwrap();
        row[name] = value;
        row.to_string().into_bytes()
    };
    let whole = line("u1", 901);
    vec![
        ("a message that is a number", row("message", json!(7))),
        ("no message", br#"{"user_id":"u1","channel":"sms"}"#.to_vec()),
        ("an empty message", row("message", json!(" "))),
        ("a message that is too long", row("message", json!(payment(902) + &"x".repeat(4096)))),
        ("a sender that is too long", row("sender", json!("x".repeat(255)))),
        ("no user", json!({"channel": "sms", "message": payment(903)}).to_string().into_bytes()),
        ("a user that is none", row("user_id", json!("a b"))),
        ("no channel", json!({"user_id": "u1", "message": payment(904)}).to_string().into_bytes()),
        ("an unknown channel", row("channel", json!("fax"))),
        ("an unknown field", row("colour", json!("red"))),
        ("a time that is none", row("received_at", json!("tomorrow"))),
        ("occurrence 0", row("occurrence", json!(0))),
        ("occurrence 1001", row("occurrence", json!(1001))),
        ("half a line", whole.as_bytes()[..40].to_vec()),
        ("two objects", format!("{whole} {whole}").into_bytes()),
        ("a text", br#""Rs.5.00 debited from A/c XX4321""#.to_vec()),
        ("a list", b"[]".to_vec()),
        ("no JSON", b"Rs.5.00 debited".to_vec()),
        ("a repeated key", whole.replace("{", r#"{"user_id":"u2","#).into_bytes()),
        ("deep nesting", [b"[".repeat(500), b"]".repeat(500)].concat()),
    ]
}

#[tokio::test]
async fn a_line_that_cannot_be_read_fails_alone() {
    let world = World::start().await;
    let mut body = line("u1", 1).into_bytes();
    for (_, row) in poison() {
        body.push(b'\n');
        body.extend(row);
    }
    body.extend(format!("\n{}", line("u1", 2)).into_bytes());
    let answer = lines(&world, body).send().await.expect(200);
    let last = poison().len() + 1;
    assert_eq!(counts(&answer), [u64::try_from(last + 1).unwrap(), 2, 0], "{answer}");
    for (index, (name, _)) in poison().iter().enumerate() {
        assert_eq!(answer["rejected"][index], json!({"index": index + 1, "code": "invalid"}), "{name}");
    }
    assert_eq!([&answer["results"][0]["index"], &answer["results"][1]["index"]], [&json!(0), &json!(last)]);
    assert_eq!(distinct(&world, "u1").await, 2);
    assert_eq!(stored(&world, "u2").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_line_that_is_no_utf_8_fails_alone() {
    let world = World::behind(Shape::HttpV2).await;
    let mut broken = line("u1", 2).into_bytes();
    broken[60] = 0xff;
    let body = [line("u1", 1).into_bytes(), broken, line("u1", 3).into_bytes()].join(&b'\n');
    let answer = lines(&world, body).send().await.expect(200);
    assert_eq!((counts(&answer), &answer["rejected"]), ([3, 2, 0], &json!([{"index": 1, "code": "invalid"}])));
}

#[tokio::test]
async fn an_element_that_cannot_be_read_fails_alone() {
    let world = World::start().await;
    let bad = [
        json!(7),
        json!(null),
        json!([]),
        json!({}),
        json!(""),
        json!("x".repeat(4097)),
        json!({"message": 7}),
        json!({"message": payment(9), "colour": "red"}),
        json!({"message": payment(9), "channel": "fax"}),
        json!({"message": payment(9), "occurrence": 0}),
        json!({"message": payment(9), "user_id": ""}),
    ];
    let messages: Vec<Value> = [json!(payment(1))].into_iter().chain(bad.clone()).chain([json!(payment(2))]).collect();
    let body = json!({"user_id": "u1", "channel": "sms", "messages": messages});
    let answer = request(&world, &body).send().await.expect(200);
    let expected: Vec<Value> = (1..=bad.len()).map(|index| json!({"index": index, "code": "invalid"})).collect();
    assert_eq!((&answer["stored"], &answer["rejected"]), (&json!(2), &json!(expected)), "{answer}");
    // What nobody says for all of them is missing in each.
    for missing in ["user_id", "channel"] {
        let mut body = batch("u2", 1, 2);
        body.as_object_mut().unwrap().remove(missing);
        let answer = request(&world, &body).send().await.expect(200);
        assert_eq!(answer["rejected"], json!([{"index": 0, "code": "invalid"}, {"index": 1, "code": "invalid"}]));
    }
    for (body, status) in [
        (r#"{"messages":["a"],"user_id":"u1","user_id":"u2","channel":"sms"}"#, 400),
        (r#"{"messages":[{"message":"a","message":"b"}],"user_id":"u1","channel":"sms"}"#, 400),
        (r#"{"messages":["a"],"user_id":"a b","channel":"sms"}"#, 422),
        (r#"{"messages":["a"],"colour":"red"}"#, 400),
        (r#"{"messages":"a"}"#, 422),
        ("{}", 422),
    ] {
        assert_eq!(world.post(BULK).key(&world.keys.all).body(body).send().await.status, status, "{body}");
    }
}

#[tokio::test]
async fn equal_messages_of_a_batch_are_stored_once_and_meant_twins_twice() {
    let world = World::start().await;
    record(&world, "u1", &payment(3)).await.expect(201);
    // The second of the equal ones is in another piece than the first.
    let mut messages: Vec<Value> = (1..=100).map(|number| json!(payment(number))).collect();
    messages.extend([
        json!(payment(1)),
        json!(payment(99).to_uppercase()),
        json!({"message": payment(2), "occurrence": 2}),
    ]);
    messages.push(json!({"message": payment(2), "occurrence": 2}));
    let body = json!({"user_id": "u1", "channel": "sms", "messages": messages});
    let answer = request(&world, &body).send().await.expect(200);
    assert_eq!(counts(&answer), [104, 100, 4], "{answer}");
    let results = answer["results"].as_array().unwrap();
    let twice: Vec<&Value> =
        results.iter().filter(|result| result["duplicate"] == true).map(|one| &one["index"]).collect();
    assert_eq!(twice, [2, 100, 101, 103]);
    assert_ne!(results[102]["transaction_id"], results[1]["transaction_id"]);
    assert_eq!(stored(&world, "u1").await.len(), 101);
}

#[tokio::test]
async fn a_replay_of_a_batch_is_the_same_and_another_body_is_refused() {
    let world = World::start().await;
    let send = |body: Value| request(&world, &body).header("idempotency-key", "one").send();
    let first = send(batch("u1", 1, 60)).await;
    let written = commits(&world);
    let again = send(batch("u1", 1, 60)).await;
    assert_eq!((again.header("idempotency-replayed"), commits(&world)), ("true", written));
    let without = |answer: &Answer| answer.body.replace(answer.header("x-request-id"), "");
    assert_eq!(without(&first), without(&again));
    assert_eq!(again.json()["stored"], 60);
    send(batch("u1", 1, 61)).await.refused(422, "idempotency_key_reused");
    let as_lines = lines(&world, line("u1", 1)).header("idempotency-key", "one").send().await;
    as_lines.refused(422, "idempotency_key_reused");
}

#[tokio::test]
async fn the_same_batches_at_once_store_each_message_once() {
    let world = World::start().await;
    let answers = join_all((0..4).map(|_| request(&world, &batch("u1", 1, 100)).send())).await;
    let mut first = 0;
    for answer in answers {
        let answer = answer.expect(200);
        assert_eq!((&answer["processed"], &answer["complete"]), (&json!(100), &json!(true)));
        first += answer["stored"].as_u64().unwrap();
    }
    assert_eq!((first, distinct(&world, "u1").await), (100, 100));
}

/// Sends a request of which the `held`th commit takes until the time is nearly up; the answer is what that leaves.
async fn cut_short(world: &World, held: usize, call: Call) -> Answer {
    let function = world.function("record-in-bulk");
    function.set_timeout(Duration::from_secs(4));
    // The SDK asks again after a second and a half, and the function stops two seconds before its end.
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").skip(held).times(2));
    let slow = async {
        gate.arrived(1).await;
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(call.send(), slow);
    function.set_timeout(Duration::from_secs(28));
    answer
}

#[tokio::test]
async fn when_time_runs_short_the_answer_says_where_to_go_on_and_the_rest_is_done_by_the_same_request() {
    let world = World::start().await;
    let mut body = batch("u1", 1, 200);
    body["messages"][7] = json!("See you.");
    body["messages"][190] = json!(payment(1));
    let call = || request(&world, &body).header("idempotency-key", "one");
    let part = cut_short(&world, 1, call()).await;
    assert_eq!(part.header("idempotency-replayed"), "");
    let part = part.expect(200);
    // One or two pieces of 45 transactions, and the row between them that is none.
    let done = part["next_index"].as_u64().unwrap();
    assert!([46, 91].contains(&done), "{part}");
    assert_eq!((&part["complete"], counts(&part)), (&json!(false), [done, done - 1, 0]));
    assert_eq!(part["rejected"], json!([{"index": 7, "code": "unrecognised"}]));
    assert_eq!(distinct(&world, "u1").await, usize::try_from(done).unwrap() - 1);
    let next = cut_short(&world, 0, call()).await.expect(200);
    let more = next["next_index"].as_u64().unwrap();
    assert_eq!((&next["complete"], counts(&next)), (&json!(false), [more, more - 1, 0]), "{next}");
    assert!(more > done, "{more} after {done}");

    let whole = call().send().await;
    assert_eq!(whole.header("idempotency-replayed"), "", "a part is never replayed");
    let whole = whole.expect(200);
    let undisturbed = world.post(BULK).key(&world.keys.other_tenant).json(&body).send().await.expect(200);
    assert_eq!(comparable(&whole), comparable(&undisturbed));
    assert_eq!((&whole["complete"], counts(&whole)), (&json!(true), [200, 198, 1]));
    assert_eq!(whole.get("next_index"), None);
    let replay = call().send().await;
    assert_eq!((replay.header("idempotency-replayed"), comparable(&replay.json())), ("true", comparable(&whole)));
    assert_eq!(distinct(&world, "u1").await, 198);
}

#[tokio::test]
async fn when_time_runs_short_nothing_is_told_of_rows_behind_the_next_one() {
    let world = World::start().await;
    let users = ["u1", "u2", "u3"];
    let text: String = (0..30).map(|row| line(users[row % 3], row + 1) + "\n").collect();
    let call = || lines(&world, text.clone()).header("idempotency-key", "one");
    let part = cut_short(&world, 0, call()).await.expect(200);
    // The rows of the first person are stored; the first one of the second person comes next.
    assert_eq!((&part["complete"], &part["next_index"]), (&json!(false), &json!(1)), "{part}");
    assert_eq!((counts(&part), part["results"].as_array().unwrap().len()), ([1, 1, 0], 1));
    let whole = call().send().await.expect(200);
    let undisturbed = world.post(BULK).key(&world.keys.other_tenant).raw(NDJSON, text.clone()).send().await;
    assert_eq!(comparable(&whole), comparable(&undisturbed.expect(200)));
    for user in users {
        assert_eq!(distinct(&world, user).await, 10);
    }
}

#[tokio::test]
async fn a_batch_that_failed_in_the_middle_is_completed_by_the_same_request() {
    let world = World::start().await;
    let call = || request(&world, &batch("u1", 1, 200)).header("idempotency-key", "one");
    for fault in [Fault::InternalError, Fault::ResetAfter, Fault::Throttle] {
        let when = When::call(Service::DynamoDb, "TransactWriteItems").skip(1);
        let failing = world.cloud.faults().inject(when, fault);
        let failed = call().send().await;
        assert_ne!(failed.header("retry-after"), "");
        failed.refused(503, "unavailable");
        failing.stop();
    }
    let before = distinct(&world, "u1").await;
    assert!((90..200).contains(&before), "{before}");
    let whole = call().send().await.expect(200);
    assert_eq!((counts(&whole), distinct(&world, "u1").await), ([200, 200, 0], 200), "{whole}");
}

#[tokio::test]
async fn a_batch_whose_process_dies_is_completed_by_the_same_request() {
    let world = World::start().await;
    let call = || request(&world, &batch("u1", 1, 100)).header("idempotency-key", "one");
    let gate = world.cloud.faults().hold(When::call(Service::DynamoDb, "TransactWriteItems").skip(1).times(1));
    let killed = async {
        gate.arrived(1).await;
        world.function("record-in-bulk").kill();
    };
    let (died, ()) = tokio::join!(call().send(), killed);
    assert!(died.status >= 500, "{died:?}");
    drop(gate);
    call().send().await.refused(409, "request_in_flight");
    expire_leases(&world).await;
    let whole = call().send().await.expect(200);
    assert_eq!((counts(&whole), distinct(&world, "u1").await), ([100, 100, 0], 100), "{whole}");
}
