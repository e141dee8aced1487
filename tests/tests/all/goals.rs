//! Goals follow what is stored: counted anew whenever they are asked for, by the tenant's clock.

use crate::people::{correct, goals, record, set_goal, transactions};
use crate::world::World;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};

fn today() -> Date {
    Zoned::now().with_time_zone(TimeZone::UTC).date()
}

fn rupees(value: u32) -> Value {
    json!({"value": value.to_string(), "currency": "INR"})
}

/// A payment or, when `comes_in`, a receipt at this time, said to be of a category.
async fn moved(
    world: &World,
    key: &str,
    (amount, who, comes_in): (u32, &str, bool),
    at: &str,
    category: Option<&str>,
) -> Value {
    let way = if comes_in { "credited to A/c XX4321 from" } else { "debited from A/c XX4321 to" };
    let day: String = at[2..10].split('-').collect();
    let text = format!("Rs.{amount}.00 {way} {who}. UPI Ref {day}{amount:06}.");
    let body = json!({"user_id": "ann", "channel": "sms", "message": text, "sender": "AD-HDFCBK", "received_at": at});
    let stored = world.post("/v1/transactions").key(key).json(&body).send().await.expect(201);
    assert_eq!(stored["parsed"]["type"], if comes_in { "credit" } else { "debit" }, "{stored}");
    match category {
        Some(category) => correct(world, key, "ann", &stored, category).await.expect(200),
        None => stored,
    }
}

fn impact<'a>(transaction: &'a Value, goal: &str) -> &'a Value {
    let all = transaction["goal_impacts"].as_array().unwrap();
    all.iter().find(|impact| impact["goal_id"] == goal).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn goals_of_every_type_say_how_they_are_going() {
    let world = World::start().await;
    let key = &world.keys.all;
    let (starts, ends) = (today() - 10.days(), today() + 10.days());
    let plain = |kind: &str, target: u32, category: &str, ends: Date| {
        json!({"user_id": "ann", "type": kind, "target": rupees(target), "category": category,
               "starts": starts.to_string(), "ends": ends.to_string()})
    };
    let wanted = [
        ("a", plain("savings", 1_000, "salary", ends)),
        ("b", plain("savings", 1_000, "cashback", ends)),
        ("c", json!({"user_id": "ann", "type": "budget", "target": rupees(300), "category": "travel"})),
        ("d", json!({"user_id": "ann", "type": "budget", "target": rupees(300), "category": "education"})),
        ("e", plain("bill_payment", 200, "utilities", today() + 2.days())),
        ("f", plain("bill_payment", 200, "utilities", ends)),
        (
            "g",
            json!({"user_id": "ann", "type": "spending_limit", "target": rupees(100), "category": "shopping",
                     "period": "day"}),
        ),
        (
            "h",
            json!({"user_id": "ann", "type": "investment", "target": rupees(1_000), "starts": starts.to_string(),
                     "ends": ends.to_string(), "already": rupees(100)}),
        ),
    ];
    for (id, goal) in &wanted {
        set_goal(&world, key, id, goal).await.expect(201);
    }
    let now = Timestamp::now().to_string();
    moved(&world, key, (480, "ACME WORKS", true), &now, Some("salary")).await;
    moved(&world, key, (350, "FAR AWAY", false), &now, Some("travel")).await;
    moved(&world, key, (900, "SLOW FUND", false), &now, Some("investment")).await;
    moved(&world, key, (101, "BOOK NOOK", false), &now, Some("shopping")).await;

    let found = goals(&world, key, "ann").await;
    let told: Vec<_> = found
        .iter()
        .map(|goal| {
            let names = ["goal_id", "progress", "on_track", "at_risk"];
            json!(names.map(|name| goal[name].clone()))
        })
        .collect();
    let expected = json!([
        ["a", 0.48, true, false],
        ["b", 0.0, false, true],
        ["c", 1.0, false, true],
        ["d", 0.0, true, false],
        ["e", 0.0, false, true],
        ["f", 0.0, true, false],
        ["g", 1.0, false, true],
        ["h", 1.0, true, false],
    ]);
    assert_eq!(json!(told), expected);
    let days = |goal: usize| found[goal]["days_remaining"].as_u64().unwrap();
    assert_eq!([days(0), days(4), days(5), days(6)], [10, 2, 10, 0]);
    assert_eq!(u64::from(today().until(today().last_of_month()).unwrap().get_days().unsigned_abs()), days(2));
    assert_eq!(found[0]["remaining"], json!({"value": "520.00", "currency": "INR"}));
    assert!(found.iter().all(|goal| goal["message"].as_str().is_some_and(|text| text.contains("INR"))), "{found:?}");
}

#[tokio::test]
async fn what_a_transaction_means_for_goals_is_told_when_it_is_stored_and_counted_anew_after_every_change() {
    let world = World::start().await;
    let key = &world.keys.all;
    let goal = |kind: &str, target: u32| json!({"user_id": "ann", "type": kind, "target": rupees(target)});
    let monthly = |kind: &str, target: u32| {
        let mut goal = goal(kind, target);
        goal["period"] = json!("month");
        goal["starts"] = json!("2026-01-01");
        goal
    };
    set_goal(&world, key, "all", &monthly("budget", 1_000)).await.expect(201);
    set_goal(&world, key, "limit", &monthly("spending_limit", 500)).await.expect(201);
    set_goal(&world, key, "save", &monthly("savings", 2_000)).await.expect(201);
    let first = moved(&world, key, (450, "CHAI POINT", false), "2026-03-02T10:00:00Z", None).await;
    let second = moved(&world, key, (100, "CHAI POINT", false), "2026-03-03T10:00:00Z", None).await;
    let third = moved(&world, key, (500, "ACME WORKS", true), "2026-03-04T10:00:00Z", None).await;
    let scores = |transaction: &Value| {
        let all = transaction["goal_impacts"].as_array().unwrap().iter();
        json!(all.map(|impact| json!([impact["goal_id"], impact["score"]])).collect::<Vec<_>>())
    };
    assert_eq!(scores(&first), json!([["all", -0.45], ["limit", -0.9], ["save", -0.225]]));
    assert_eq!(scores(&second), json!([["all", -0.1], ["limit", -1.0], ["save", -0.05]]), "it breaks the limit");
    assert!(impact(&second, "limit")["message"].as_str().unwrap().contains("breaks the limit of INR 500.00"));
    assert!(impact(&third, "save")["score"].as_f64().unwrap() > 0.0, "{third}");
    assert_eq!(impact(&second, "all")["progress_after"], 0.55);

    let listed = transactions(&world, key, "ann").await;
    assert_eq!(listed.iter().map(scores).collect::<Vec<_>>(), [scores(&third), scores(&second), scores(&first)]);
    let messages = listed.iter().flat_map(|one| one["goal_impacts"].as_array().unwrap());
    assert!(messages.clone().all(|impact| !impact["message"].as_str().unwrap().is_empty()));
    assert!(messages.clone().all(|impact| (-1.0..=1.0).contains(&impact["score"].as_f64().unwrap())));

    // A transfer is not spent.
    let corrected = correct(&world, key, "ann", &first, "transfer").await.expect(200);
    assert_eq!(scores(&corrected), json!([]));
    let again = transactions(&world, key, "ann").await;
    assert_eq!(scores(&again[1]), json!([["all", -0.1], ["limit", -0.2], ["save", -0.05]]), "nothing is broken now");
    set_goal(&world, key, "all", &monthly("budget", 200)).await.expect(200);
    let again = transactions(&world, key, "ann").await;
    assert_eq!(impact(&again[1], "all")["score"], -0.5);
    let id = second["transaction_id"].as_str().unwrap();
    let path = "/v1/goals/all?user_id=ann";
    world.call(reqwest::Method::DELETE, path).key(key).send().await.expect(200);
    world.call(reqwest::Method::DELETE, path).key(key).send().await.refused(404, "not_found");
    let read = world.get(&format!("/v1/transactions/{id}?user_id=ann")).key(key).send().await.expect(200);
    assert_eq!(scores(&read), json!([["limit", -0.2], ["save", -0.05]]));
    assert_eq!(goals(&world, key, "ann").await.len(), 2);
}

#[tokio::test]
async fn a_month_begins_by_the_clock_of_the_tenant() {
    for (zone, share) in [("Asia/Kolkata", 0.55), ("UTC", 0.1)] {
        let world = World::start().await;
        let key = &world.keys.all;
        let settings = world.put("/v1/settings").key(key).json(&json!({"time_zone": zone})).send().await.expect(200);
        assert_eq!(settings["time_zone"], zone, "{settings}");
        let goal = json!({"user_id": "ann", "type": "budget", "target": rupees(1_000), "starts": "2026-01-01"});
        set_goal(&world, key, "less", &goal).await.expect(201);
        // In Kolkata it is five in the morning of 1 February.
        let late = moved(&world, key, (450, "CHAI POINT", false), "2026-01-31T23:30:00Z", None).await;
        let next = moved(&world, key, (100, "CHAI POINT", false), "2026-02-10T10:00:00Z", None).await;
        assert_eq!(impact(&late, "less")["progress_after"], 0.45);
        assert_eq!(impact(&next, "less")["progress_after"], share, "{zone}: {next}");
        let month = if zone == "UTC" { "January 2026" } else { "February 2026" };
        assert!(impact(&late, "less")["message"].as_str().unwrap().contains(month), "{late}");
        // A new month begins from nothing.
        let march = moved(&world, key, (50, "CHAI POINT", false), "2026-03-10T10:00:00Z", None).await;
        assert_eq!(impact(&march, "less")["progress_after"], 0.05);
    }
    let world = World::start().await;
    let unknown = world.put("/v1/settings").key(&world.keys.all).json(&json!({"time_zone": "Mars/Olympus"}));
    let answer = unknown.send().await;
    assert!((400..=422).contains(&answer.status), "{}", answer.body);
    let shown = world.get("/v1/settings").key(&world.keys.read_only).send().await.expect(200);
    assert_eq!(shown["time_zone"], "UTC");
}

#[tokio::test]
async fn settings_change_only_as_they_were_seen() {
    let world = World::start().await;
    let put = |revision: &str, zone: &str| {
        let call = world.put("/v1/settings").key(&world.keys.all).header("if-match", &format!("\"{revision}\""));
        call.json(&json!({"time_zone": zone})).send()
    };
    put("3", "Asia/Kolkata").await.refused(412, "precondition_failed");
    world.put("/v1/settings").key(&world.keys.all).json(&json!({"time_zone": "Asia/Kolkata"})).send().await.expect(200);
    put("1", "Europe/Paris").await.expect(200);
    put("1", "UTC").await.refused(412, "precondition_failed");
    let other = world.get("/v1/settings").key(&world.keys.other_tenant).send().await.expect(200);
    assert_eq!(other["time_zone"], "UTC");
}

#[tokio::test]
async fn a_goal_is_replaced_only_as_it_was_seen_and_keeps_its_days() {
    let world = World::start().await;
    let key = &world.keys.all;
    let save = json!({"user_id": "ann", "type": "savings", "target": rupees(1_000), "starts": "2026-01-15",
                      "ends": "2026-12-31"});
    let budget = json!({"user_id": "ann", "type": "budget", "target": rupees(1_000), "starts": "2026-01-15"});
    for (id, goal) in [("save", save), ("budget", budget)] {
        let made = set_goal(&world, key, id, &goal).await;
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.expect(201)["starts"], "2026-01-15");
        let put = |revision: &str| {
            let mut changed = goal.clone();
            changed.as_object_mut().unwrap().remove("starts");
            changed["target"] = rupees(2_000);
            let call = world.put(&format!("/v1/goals/{id}")).key(key);
            call.header("if-match", &format!("\"{revision}\"")).json(&changed).send()
        };
        put("2").await.refused(412, "precondition_failed");
        let changed = put("1").await.expect(200);
        assert_eq!((&changed["starts"], &changed["revision"]), (&json!("2026-01-15"), &json!(2)), "{changed}");
        put("1").await.refused(412, "precondition_failed");
        let call = world.call(reqwest::Method::DELETE, &format!("/v1/goals/{id}?user_id=ann")).key(key);
        call.header("if-match", "\"1\"").send().await.refused(412, "precondition_failed");
    }
    let found = goals(&world, key, "ann").await;
    assert!(found.iter().all(|goal| goal["target"]["value"] == "2000.00" && goal["starts"] == "2026-01-15"));
}

#[tokio::test]
async fn a_goal_that_makes_no_sense_is_refused_with_every_rule_it_breaks() {
    let world = World::start().await;
    let good = json!({"user_id": "ann", "type": "savings", "target": rupees(10), "ends": "2026-12-31",
                      "starts": "2026-12-01"});
    let cases = [
        ("/user_id", json!("a b")),
        ("/type", json!("lottery")),
        ("/target", rupees(0)),
        ("/name", json!("")),
        ("/name", json!("x".repeat(129))),
        ("/category", json!("yachts")),
        ("/starts", json!("1 May")),
        ("/starts", json!("1999-12-31")),
        ("/ends", json!("2026-11-30")),
        ("/ends", json!("2028-12-01")),
        ("/period", json!("hour")),
        ("/already", rupees(10)),
        ("/already", json!({"value": "1", "currency": "EUR"})),
    ];
    for (pointer, value) in cases {
        let mut goal = good.clone();
        goal[&pointer[1..]] = value.clone();
        let problem = set_goal(&world, &world.keys.all, "g", &goal).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{value}: {problem}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{value}: {problem}");
    }
    let all = json!({"user_id": "a b", "type": "x", "target": rupees(0), "name": ""});
    let problem = set_goal(&world, &world.keys.all, "g", &all).await.refused(422, "validation_failed");
    let pointers: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
    assert_eq!(pointers, ["/user_id", "/type", "/name", "/target"], "{problem}");
    assert!(goals(&world, &world.keys.all, "ann").await.is_empty());
}

#[tokio::test]
async fn nobody_sees_the_goals_of_another_person_or_tenant() {
    let world = World::start().await;
    let (key, other) = (&world.keys.all, &world.keys.other_tenant);
    let goal = |user: &str| json!({"user_id": user, "type": "budget", "target": rupees(1_000), "name": "Mine"});
    set_goal(&world, key, "g", &goal("ann")).await.expect(201);
    record(&world, key, "bob", &crate::people::payment(70, "CHAI POINT", "07-03-26")).await;
    for (key, user) in [(key, "bob"), (other, "ann")] {
        assert!(goals(&world, key, user).await.is_empty());
        let path = format!("/v1/goals/g?user_id={user}");
        world.call(reqwest::Method::DELETE, &path).key(key).send().await.refused(404, "not_found");
        // Whoever asks for the same name has a goal of their own.
        set_goal(&world, key, "g", &goal(user)).await.expect(201);
        world.call(reqwest::Method::DELETE, &path).key(key).send().await.expect(200);
    }
    assert_eq!(goals(&world, key, "ann").await.len(), 1);
    let write = set_goal(&world, &world.keys.read_only, "g", &goal("ann")).await;
    write.refused(403, "forbidden");
}

#[tokio::test]
async fn what_recurs_is_recognised_and_what_does_not_is_not() {
    let world = World::start().await;
    let key = &world.keys.all;
    let day = |months: i32, days: i32| {
        let date = today() - months.months() - days.days();
        date.at(10, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().to_string()
    };
    for month in 1..=6 {
        moved(&world, key, (499, "STREAMBOX", false), &day(month, 0), None).await;
        moved(&world, key, (60_000, "ACME WORKS", true), &day(month, 2), Some("salary")).await;
    }
    for (days, amount) in [(3, 40), (9, 310), (11, 95), (40, 20), (77, 505), (78, 61)] {
        moved(&world, key, (amount, "CHAI POINT", false), &day(0, days), None).await;
    }
    let recurring = async |key: &str, user: &str| {
        let answer = world.get(&format!("/v1/users/{user}/recurring")).key(key).send().await.expect(200);
        answer["recurring"].as_array().unwrap().clone()
    };
    let mut found = recurring(&world.keys.read_only, "ann").await;
    found.sort_by_key(|one| one["kind"].as_str().unwrap().to_owned());
    let [salary, subscription] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((&salary["kind"], &subscription["kind"]), (&json!("salary"), &json!("subscription")));
    for one in [salary, subscription] {
        assert_eq!((&one["interval"], &one["occurrences"]), (&json!("monthly"), &json!(6)), "{one}");
        assert_eq!((&one["active"], &one["varies"]), (&json!(true), &json!(false)), "{one}");
    }
    assert_eq!(subscription["amount"], json!({"value": "499.00", "currency": "INR"}));
    assert_eq!(subscription["merchant"], "STREAMBOX", "{subscription}");
    assert_eq!(subscription["next_expected"], today().to_string(), "{subscription}");
    assert!(recurring(key, "bob").await.is_empty() && recurring(&world.keys.other_tenant, "ann").await.is_empty());
}
