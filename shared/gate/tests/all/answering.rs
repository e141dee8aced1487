//! What every answer has, good or bad.

use gate::{IntoReply, Json};
use serde_json::json;

use crate::world::{Ask, Read, STYLES, Styled, World, Write};

const COMMON: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("vary", "Origin"),
];

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_and_names_its_request() {
    let world = World::start().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let asks = [
        (world.ask("GET", "/v1/notes"), 200),
        (Ask::new("GET", "/v1/notes"), 401),
        (Ask::new("GET", "/v1/nothing"), 404),
        (Ask::new("OPTIONS", "/v1/notes"), 204),
    ];
    for (ask, status) in asks {
        let answer = world.answer(&Read, ask.header("x-request-id", "mine").header("traceparent", trace)).await;
        assert_eq!(answer.0.status, status);
        for (name, value) in COMMON {
            assert_eq!(answer.header(name), Some(value), "{status} {name}");
        }
        assert_eq!((answer.header("x-request-id"), answer.header("traceparent")), (Some("mine"), Some(trace)));
        // And none that does not belong there.
        let names = answer.0.headers.iter().map(|(name, _)| *name);
        let own = ["x-request-id", "traceparent"];
        let other: Vec<&str> =
            names.filter(|name| COMMON.iter().all(|(common, _)| common != name) && !own.contains(name)).collect();
        assert_eq!(other, if status == 401 { vec!["www-authenticate"] } else { vec![] }, "{status}");
        // Nobody is on the list of origins.
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn an_origin_that_is_not_on_the_list_is_told_nothing() {
    let world = World::start().await;
    let answer = world.answer(&Read, Ask::new("OPTIONS", "/v1/notes").header("origin", "https://evil.example")).await;
    assert!(answer.0.headers.iter().all(|(name, _)| !name.starts_with("access-control-")));
}

#[tokio::test]
async fn only_what_was_posted_is_answered_with_its_request_in_the_body() {
    let world = World::start().await;
    let posted = world.answer(&Write::default(), world.ask("POST", "/v1/notes/a").json(r#"{"text":"x"}"#)).await;
    assert_eq!(posted.expect(201)["request_id"], json!(posted.header("x-request-id").unwrap()));
    let read = world.answer(&Read, world.ask("GET", "/v1/notes")).await;
    assert_eq!(read.expect(200)["request_id"], json!(null));
}

#[tokio::test]
async fn a_page_with_a_policy_of_its_own_has_that_one_and_every_other_header() {
    let world = World::start().await;
    let answer = world.answer(&Styled, world.ask("GET", "/v1/styled")).await;
    assert_eq!(answer.0.status, 200);
    for (name, value) in COMMON {
        let value = if name == "content-security-policy" { STYLES } else { value };
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[test]
fn an_answer_has_the_status_that_its_maker_is_named_for() {
    let status = |json: Json<u8>| json.into_reply().unwrap().status;
    let made = [Json::ok(1), Json::created(1), Json::accepted(1), Json::unavailable(1)].map(status);
    assert_eq!(made, [200, 201, 202, 503]);
}
