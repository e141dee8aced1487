//! Steps 1 to 5: who is let in.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use kernel::{KeyId, Scope, Tenant};
use palisade_local::{
    Fault, Service, When,
    issuer::{Algorithm, TokenIssuer},
};
use serde_json::json;
use store::Issuers;
use vault::{Issuer, TrustedIssuer, VerifyingKeys};

use crate::world::{Ask, Lines, Read, World, Write, door, mint};

#[tokio::test]
async fn the_holder_of_a_key_is_let_in_as_its_tenant() {
    let world = World::start().await;
    let answer = world.answer(&Read, world.ask("GET", "/v1/notes?limit=3")).await;
    assert_eq!(answer.expect(200), json!({"limit": 3, "tenant": "acme"}));
}

#[tokio::test]
async fn the_holder_of_a_token_is_let_in_as_the_tenant_of_its_issuer() {
    let world = World::start().await;
    let signer = TokenIssuer::start(0).await.unwrap();
    let issuer = Issuer {
        id: KeyId::parse("0issuer00001").unwrap(),
        url: signer.url().to_owned(),
        jwks_uri: signer.jwks_uri(),
        audience: "palisade".to_owned(),
        scope_claim: "scope".to_owned(),
        tenant: Tenant::parse("other").unwrap(),
        scopes: vec![Scope::DataRead],
    };
    let keys = VerifyingKeys::parse(&signer.key_set()).unwrap();
    let issuers = Issuers::new(aws_sdk_dynamodb::Client::new(&world.cloud.sdk_config()), "palisade-dev-issuers");
    issuers.put(&TrustedIssuer { issuer, keys, fetched: Timestamp::now() }).await.unwrap();
    let expires = Timestamp::now().as_second() + 600;
    let claims = json!({"iss": signer.url(), "aud": "palisade", "sub": "ann", "exp": expires, "scope": "data:read"});
    let token = signer.token(Algorithm::ES256, &claims).unwrap();
    let ask = |value: String| Ask::new("GET", "/v1/notes?limit=3").header("authorization", &value);
    let answer = world.answer(&Read, ask(format!("Bearer {token}"))).await;
    assert_eq!(answer.expect(200), json!({"limit": 3, "tenant": "other"}));
    let twice = ask(format!("Bearer {token}")).header("authorization", &format!("Bearer {token}"));
    let beside = world.ask("GET", "/v1/notes").header("authorization", &format!("Bearer {token}"));
    for refused in [ask(format!("Basic {token}")), ask(token), twice, beside] {
        world.answer(&Read, refused).await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn whoever_has_no_key_or_a_wrong_one_or_two_gets_one_and_the_same_answer() {
    let world = World::start().await;
    let key = world.key.key.text().reveal().to_string();
    let elsewhere = "pal_dev_0abcdefghijk_0000000000000000000000000000000000000000000000000";
    let asks = [
        Ask::new("GET", "/v1/notes"),
        Ask::new("GET", "/v1/notes").header("x-api-key", ""),
        Ask::new("GET", "/v1/notes").header("x-api-key", "xyzzy"),
        Ask::new("GET", "/v1/notes").header("authorization", &key),
        world.ask("GET", "/v1/notes").header("x-api-key", &key),
        // A key that stands where it would leak is refused even beside a good one.
        world.ask("GET", "/v1/notes?X-Api-Key=1"),
        world.ask("GET", "/v1/notes?api_key=1"),
        world.ask("GET", &format!("/v1/notes?a={elsewhere}")),
        world.ask("GET", &format!("/v1/notes?{elsewhere}=a")),
        world.ask("GET", "/v1/notes").header("cookie", elsewhere),
        world.ask("GET", "/v1/notes").body("text/plain", elsewhere),
    ];
    for (number, ask) in asks.into_iter().enumerate() {
        let answer = world.answer(&Read, ask.header("x-request-id", "the-one")).await;
        let problem = answer.refused(401, "unauthorized");
        let expected = json!({
            "type": "urn:palisade:problem:unauthorized",
            "title": problem["title"],
            "status": 401,
            "detail": "Send a valid key in the X-API-Key header, or a bearer token.",
            "instance": "the-one",
            "code": "unauthorized",
        });
        assert_eq!(problem, expected, "ask {number}");
        assert_eq!(answer.header("www-authenticate"), Some("ApiKey header=\"X-API-Key\", Bearer"), "ask {number}");
    }
}

#[tokio::test]
async fn a_key_is_refused_what_it_has_no_scope_for_and_that_is_written_down() {
    let world = World::start().await;
    let reader = mint(&world.keyring, &[Scope::DataRead]).await;
    let ask = |method, path| Ask::new(method, path).header("x-api-key", reader.key.text().reveal());
    let write = Write::default();
    let answer = world.answer(&write, ask("POST", "/v1/notes/a").json(r#"{"text":"x"}"#)).await;
    answer.refused(403, "forbidden");
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(write.acted.load(Ordering::SeqCst), 0);
    world.answer(&Read, ask("GET", "/v1/notes")).await.expect(200);
    let [entry] = world.audited().await.try_into().unwrap();
    let expected = ["denied_scope", "write", "data:ingest", "acme"].map(|text| json!(text));
    assert_eq!([&entry["decision"], &entry["route"], &entry["scope"], &entry["tenant"]], expected.each_ref());
    assert_eq!(entry["kid"], json!(&**reader.key.kid()));
}

#[tokio::test]
async fn a_key_that_was_revoked_is_refused_and_that_is_written_down() {
    let world = World::start().await;
    world.keyring.revoke(world.key.key.kid(), jiff::Timestamp::now()).await.unwrap();
    world.answer(&Read, world.ask("GET", "/v1/notes")).await.refused(401, "unauthorized");
    let [entry] = world.audited().await.try_into().unwrap();
    assert_eq!((&entry["decision"], &entry["route"]), (&json!("denied_key"), &json!("read")));
}

#[tokio::test]
async fn a_key_that_the_authorizer_did_not_vouch_for_is_refused_and_that_is_written_down() {
    let world = World::start().await;
    let vouched =
        |kid: &str| world.ask("GET", "/v1/notes").with("/requestContext/authorizer", json!({"lambda": {"kid": kid}}));
    world.answer(&Read, vouched(world.key.key.kid())).await.expect(200);
    assert_eq!(world.audited().await, [json!(null); 0]);
    world.answer(&Read, vouched("0abcdefghijk")).await.refused(401, "unauthorized");
    let [entry] = world.audited().await.try_into().unwrap();
    assert_eq!(entry["decision"], "denied_context");
}

#[tokio::test]
async fn nobody_is_let_in_while_keys_cannot_be_looked_up() {
    let world = World::start().await;
    let fault = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::InternalError);
    world.answer(&Read, world.ask("GET", "/v1/notes")).await.refused(503, "unavailable");
    fault.stop();
    let recovered = World { door: door(&world.cloud), ..world };
    recovered.answer(&Read, recovered.ask("GET", "/v1/notes")).await.expect(200);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_route_says_and_no_larger() {
    let world = World::start().await;
    let body = |length: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(length - 11));
    let ask = |length| world.ask("POST", "/v1/notes/a").json(&body(length));
    for (length, status) in [(63, 201), (64, 201), (65, 413)] {
        assert_eq!(world.answer(&Write::default(), ask(length)).await.0.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_body_must_be_of_the_type_that_the_route_takes_and_in_no_encoding() {
    let world = World::start().await;
    let write = |media| world.ask("POST", "/v1/notes/a").body(media, r#"{"text":"x"}"#);
    for (media, status) in [
        ("application/json", 201),
        ("Application/JSON; charset=UTF-8", 201),
        ("application/json; charset=latin1", 415),
        ("application/x-ndjson", 415),
        ("text/plain", 415),
    ] {
        assert_eq!(world.answer(&Write::default(), write(media)).await.0.status, status, "{media}");
    }
    let lines = |media| world.ask("PUT", "/v1/lines").body(media, "{\"a\":1}");
    for (media, status) in [("application/json", 200), ("application/x-ndjson", 200), ("text/plain", 415)] {
        assert_eq!(world.answer(&Lines, lines(media)).await.0.status, status, "{media}");
    }
    for (encoding, status) in [("gzip", 415), ("identity", 201), ("Identity", 201)] {
        let ask = write("application/json").header("content-encoding", encoding);
        assert_eq!(world.answer(&Write::default(), ask).await.0.status, status, "{encoding}");
    }
    let none = Ask::new("POST", "/v1/notes/a").with("/body", json!("{}"));
    world.answer(&Write::default(), none).await.refused(415, "unsupported_media_type");
    let torn = write("application/json").with("/isBase64Encoded", json!(true));
    world.answer(&Write::default(), torn).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_limited_route_says_what_is_left_and_refuses_what_is_too_much() {
    let world = World::start().await;
    let write = Write { limit: Some(2), ..Write::default() };
    let ask = || world.ask("POST", "/v1/notes/a").json(r#"{"text":"x"}"#);
    let mut statuses = Vec::new();
    let mut left = Vec::new();
    // The second minute, if it begins meanwhile, lets two more in.
    for _ in 0..5 {
        let answer = world.answer(&write, ask()).await;
        assert_eq!(answer.header("ratelimit-policy"), Some("\"write\";q=2;w=60"));
        let told = answer.header("ratelimit").unwrap();
        let (rest, seconds) = told.strip_prefix("\"write\";r=").unwrap().split_once(";t=").unwrap();
        assert!((1..=60).contains(&seconds.parse::<u32>().unwrap()), "{told}");
        if answer.0.status == 429 {
            answer.refused(429, "rate_limited");
            assert_eq!((rest, answer.header("retry-after")), ("0", Some(seconds)));
        }
        statuses.push(answer.0.status);
        left.push(rest.to_owned());
    }
    assert_eq!((statuses[0], left[0].as_str()), (201, "1"));
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(write.acted.load(Ordering::SeqCst), statuses.iter().filter(|status| **status == 201).count());
}

#[tokio::test]
async fn a_route_without_a_limit_does_not_speak_of_one() {
    let world = World::start().await;
    let answer = world.answer(&Read, world.ask("GET", "/v1/notes")).await;
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
}
