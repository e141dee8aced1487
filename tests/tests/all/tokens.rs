//! Bearer tokens: the people of a tenant come in with what its own issuer signs.

use crate::alarms::sum;
use crate::world::{Answer, SHAPES, STAGE, World, reading};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header, encode};
use kernel::{KeyId, Scope, Tenant};
use palisade_local::host::Shape;
use palisade_local::issuer::{Algorithm, TokenIssuer};
use serde_json::{Value, json};
use store::Issuers;
use tempfile::TempDir;
use vault::{Issuer, TrustedIssuer, VerifyingKeys};

const AUDIENCE: &str = "https://palisade.example";
const SUBJECT: &str = "person-8861";

/// An issuer that a world trusts with the tenant `demo`.
pub struct Trusted {
    issuer: TokenIssuer,
    table: Issuers,
}

impl Trusted {
    pub async fn by(world: &World, scopes: &[Scope]) -> Self {
        let issuer = TokenIssuer::start(0).await.unwrap();
        let client = aws_sdk_dynamodb::Client::new(&world.cloud.sdk_config());
        let trusted = Self { issuer, table: Issuers::new(client, format!("palisade-{STAGE}-issuers")) };
        trusted.seen(scopes, Timestamp::now()).await;
        trusted
    }

    /// Has the function that asks it for its keys trust its certificate, as long as the folder is there.
    pub fn reachable(&self, world: &World) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root.pem");
        std::fs::write(&root, self.issuer.certificate()).unwrap();
        world.function("refresh-issuers").set_environment("SSL_CERT_FILE", root.to_str().unwrap());
        folder
    }

    /// As if its keys had been asked for then.
    async fn seen(&self, scopes: &[Scope], at: Timestamp) {
        let issuer = Issuer {
            id: KeyId::parse("0issuer00001").unwrap(),
            url: self.issuer.url().to_owned(),
            jwks_uri: self.issuer.jwks_uri(),
            audience: AUDIENCE.to_owned(),
            scope_claim: "scope".to_owned(),
            tenant: Tenant::parse("demo").unwrap(),
            scopes: scopes.to_vec(),
        };
        let keys = VerifyingKeys::parse(&self.issuer.key_set()).unwrap();
        self.table.put(&TrustedIssuer { issuer, keys, fetched: at }).await.unwrap();
    }

    fn claims(&self) -> Value {
        let now = Timestamp::now().as_second();
        json!({
            "iss": self.issuer.url(), "aud": [AUDIENCE, "https://elsewhere.example"], "sub": SUBJECT,
            "iat": now, "nbf": now, "exp": now + 600, "scope": "openid data:ingest data:read",
        })
    }

    /// The usual claims, with these instead.
    pub fn token(&self, changed: &Value) -> String {
        self.issuer.token(Algorithm::ES256, &merged(self.claims(), changed)).unwrap()
    }
}

fn merged(mut claims: Value, changed: &Value) -> Value {
    for (name, value) in changed.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn sensors(world: &World, token: &str) -> Answer {
    world.get("/v1/sensors").header("authorization", &format!("Bearer {token}")).send().await
}

/// The parts of an answer that do not name the request.
fn sameness(answer: &Answer) -> (u16, String, String) {
    let mut problem = answer.json();
    problem["instance"] = Value::Null;
    (answer.status, problem.to_string(), answer.header("www-authenticate").to_owned())
}

#[tokio::test]
async fn a_person_comes_in_with_a_token_of_each_algorithm_behind_each_gateway() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let trusted = Trusted::by(&world, Scope::ALL).await;
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            let token = trusted.issuer.token(algorithm, &trusted.claims()).unwrap();
            let call = world.post("/v1/ingest").header("authorization", &format!("Bearer {token}"));
            call.json(&reading("pump-7", 71.5)).send().await.expect(200);
            assert_eq!(sensors(&world, &token).await.expect(200)["sensors"][0]["sensor_id"], "pump-7");
        }
        // It is the tenant's data, and nobody else's.
        let theirs = world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
        assert_eq!(theirs["sensors"].as_array().unwrap().len(), 1);
        let others = world.get("/v1/sensors").key(&world.keys.other_tenant).send().await.expect(200);
        assert_eq!(others["sensors"], json!([]));
    }
}

#[tokio::test]
async fn a_token_gives_the_scopes_of_its_claim_as_far_as_its_issuer_may_give_them() {
    let world = World::start().await;
    let trusted = Trusted::by(&world, &[Scope::DataRead, Scope::MaintenanceRead]).await;
    for scope in [json!("data:read"), json!(["data:read", 7]), json!("openid  data:read profile")] {
        sensors(&world, &trusted.token(&json!({"scope": scope}))).await.expect(200);
    }
    for scope in [
        json!("maintenance:read"),
        json!("Data:Read"),
        json!("data:read,"),
        json!("data:*"),
        json!([["data:read"]]),
        Value::Null,
    ] {
        sensors(&world, &trusted.token(&json!({"scope": scope}))).await.refused(403, "forbidden");
    }
    let call = world.post("/v1/ingest").json(&reading("pump-7", 1.0));
    let token = trusted.token(&json!({"scope": "data:ingest data:read"}));
    call.header("authorization", &format!("Bearer {token}")).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_refused_like_any_other_credential() {
    for shape in [Shape::RestV1, Shape::Watch] {
        let world = World::behind(shape).await;
        let trusted = Trusted::by(&world, Scope::ALL).await;
        let now = Timestamp::now().as_second();
        let expected = sameness(&sensors(&world, "nonsense").await);
        assert_eq!((expected.0, &*expected.2), (401, "ApiKey header=\"X-API-Key\", Bearer"));
        let claims = [
            ("of another issuer", json!({"iss": "https://issuer.example"})),
            ("of its issuer with a slash", json!({"iss": format!("{}/", trusted.issuer.url())})),
            ("of several issuers", json!({"iss": [trusted.issuer.url()]})),
            ("for another audience", json!({"aud": "https://elsewhere.example"})),
            ("for no audience", json!({"aud": null})),
            ("for a part of the audience", json!({"aud": "https://palisade"})),
            ("that has expired", json!({"exp": now - 31})),
            ("that never expires", json!({"exp": null})),
            ("whose expiry is a text", json!({"exp": (now + 600).to_string()})),
            ("that is not yet valid", json!({"nbf": now + 60})),
            ("whose beginning is a text", json!({"nbf": "yesterday"})),
            ("of nobody", json!({"sub": null})),
        ];
        for (what, changed) in claims {
            let answer = sensors(&world, &trusted.token(&changed)).await;
            assert_eq!(sameness(&answer), expected, "a token {what}");
        }
        let header = || Header { kid: Some("ES256".to_owned()), ..Header::new(Algorithm::ES256) };
        let headers = [
            ("without kid", Header { kid: None, ..header() }),
            ("of an unknown key", Header { kid: Some("ES512".to_owned()), ..header() }),
            ("of another key than signed it", Header { kid: Some("EdDSA".to_owned()), ..header() }),
            ("that demands more than we know", Header { crit: Some(vec!["b64".to_owned()]), ..header() }),
            ("that is no access token", Header { typ: Some("logout+jwt".to_owned()), ..header() }),
        ];
        for (what, header) in headers {
            let token = trusted.issuer.sign(&header, &trusted.claims()).unwrap();
            assert_eq!(sameness(&sensors(&world, &token).await), expected, "a token {what}");
        }
        for (what, token) in forged(&trusted) {
            assert_eq!(sameness(&sensors(&world, &token).await), expected, "a token {what}");
        }
        sensors(&world, &trusted.token(&json!({}))).await.expect(200);
    }
}

/// Tokens that the issuer did not sign.
fn forged(trusted: &Trusted) -> Vec<(&'static str, String)> {
    let good = trusted.token(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let with_header = |header: Value| format!("{}.{}.{}", BASE64.encode(header.to_string()), parts[1], parts[2]);
    let greedy = merged(trusted.claims(), &json!({"sub": "someone-else"})).to_string();
    // The classic confusion: a public key taken for the secret of a MAC.
    let keys: Value = serde_json::from_str(&trusted.issuer.key_set()).unwrap();
    let public = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == "ES256").unwrap();
    let confused = |secret: &[u8]| {
        let header = Header { kid: Some("ES256".to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &trusted.claims(), &EncodingKey::from_secret(secret)).unwrap()
    };
    let stranger = EncodingKey::from_secret(b"of a stranger");
    let brought = Header {
        jku: Some("https://issuer.example/jwks.json".to_owned()),
        kid: Some("ES256".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    vec![
        ("with another signature", format!("{}.{}.{}", parts[0], parts[1], BASE64.encode([7; 64]))),
        ("without a signature", format!("{}.{}.", parts[0], parts[1])),
        ("with other claims", format!("{}.{}.{}", parts[0], BASE64.encode(greedy), parts[2])),
        ("of algorithm none", format!("{}.{}.", BASE64.encode(r#"{"alg":"none","kid":"ES256"}"#), parts[1])),
        ("of algorithm none with a signature", with_header(json!({"alg": "none", "kid": "ES256"}))),
        ("of algorithm None", with_header(json!({"alg": "None", "kid": "ES256"}))),
        ("of another algorithm than its key is for", with_header(json!({"alg": "EdDSA", "kid": "ES256"}))),
        ("signed with a public coordinate", confused(public["x"].as_str().unwrap().as_bytes())),
        ("signed with the public key", confused(public.to_string().as_bytes())),
        ("that says where its key is", encode(&brought, &trusted.claims(), &stranger).unwrap()),
        ("with a part too many", format!("{good}.{}", parts[2])),
        ("longer than tokens are", trusted.token(&json!({"filling": "x".repeat(8 * 1024)}))),
    ]
}

#[tokio::test]
async fn a_request_shows_one_credential_in_one_place() {
    for shape in [Shape::RestV1, Shape::HttpV2] {
        let world = World::behind(shape).await;
        let trusted = Trusted::by(&world, Scope::ALL).await;
        let token = trusted.token(&json!({}));
        let bearer = format!("Bearer {token}");
        let list = || world.get("/v1/sensors");
        list().header("authorization", &format!("bearer {token}")).send().await.expect(200);
        let refused = [
            list().header("authorization", &bearer).key(&world.keys.all),
            list().header("authorization", &bearer).header("authorization", &bearer),
            list().header("authorization", &format!("Basic {token}")),
            list().header("authorization", &token),
            list().key(&token),
            list().header("authorization", &format!("Bearer {}", world.keys.all)),
            world.get(&format!("/v1/sensors?access_token={token}")),
            world.get(&format!("/v1/sensors?authorization={token}")).header("authorization", &bearer),
        ];
        for (index, call) in refused.into_iter().enumerate() {
            let answer = call.send().await;
            assert_eq!(answer.status, 401, "{index}, {shape:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_gateway_limits_the_people_of_an_issuer_together_and_takes_no_token_for_another_person() {
    let world = World::start().await;
    let trusted = Trusted::by(&world, Scope::ALL).await;
    let ask = |token: String| {
        let event = json!({
            "type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:000000000000:api/test/GET/v1/sensors",
            "httpMethod": "GET", "path": "/v1/sensors", "headers": {"Authorization": format!("Bearer {token}")},
        });
        let authorize = world.function("authorize");
        async move { serde_json::from_slice::<Value>(&authorize.invoke(event.to_string()).await.unwrap().body).unwrap() }
    };
    let (one, two) = (ask(trusted.token(&json!({}))).await, ask(trusted.token(&json!({"sub": "another"}))).await);
    assert_eq!(
        (&one["usageIdentifierKey"], &two["usageIdentifierKey"]),
        (&json!("palisade0issuer00001"), &one["usageIdentifierKey"])
    );
    assert_ne!(one["context"]["kid"], two["context"]["kid"]);
    // A function believes the token and not the context that came with it.
    let event = json!({
        "httpMethod": "GET", "path": "/v1/sensors", "resource": "/v1/sensors",
        "headers": {"Authorization": format!("Bearer {}", trusted.token(&json!({})))},
        "requestContext": {"authorizer": two["context"]},
    });
    let answer = world.function("list-sensors").invoke(event.to_string()).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap()["statusCode"], 401);
}

#[tokio::test]
async fn logs_and_audit_know_a_person_without_the_persons_name() {
    let world = World::start().await;
    let trusted = Trusted::by(&world, Scope::ALL).await;
    let token = trusted.token(&json!({}));
    let call = world.post("/v1/ingest").header("authorization", &format!("Bearer {token}"));
    call.json(&reading("pump-7", 71.5)).send().await.expect(200);
    let audit = world.get("/v1/audit").key(&world.keys.all).send().await.expect(200);
    let kid = audit["entries"][0]["kid"].as_str().unwrap().to_owned();
    assert!(kid.starts_with("sub.") && kid.len() == 26, "{kid}");
    for function in ["authorize", "ingest"] {
        let logs = world.function(function).logs().join("\n");
        assert!(logs.contains(&kid) && !logs.contains(SUBJECT) && !logs.contains(&token), "{logs}");
    }
}

#[tokio::test]
async fn the_keys_of_an_issuer_follow_it_and_those_it_has_withdrawn_verify_nothing() {
    let world = World::start().await;
    let trusted = Trusted::by(&world, Scope::ALL).await;
    let refresh = world.function("refresh-issuers");
    // Whoever the system does not trust is not asked for keys.
    refresh.invoke("{}").await.unwrap_err();
    let _root = trusted.reachable(&world);

    let (gone, stays) = (trusted.token(&json!({})), trusted.issuer.token(Algorithm::EdDSA, &trusted.claims()).unwrap());
    let mut keys: Value = serde_json::from_str(&trusted.issuer.key_set()).unwrap();
    keys["keys"].as_array_mut().unwrap().retain(|key| key["kid"] == "EdDSA");
    let mut filled = |length: usize| {
        keys["filling"] = json!("");
        keys["filling"] = json!("x".repeat(length - keys.to_string().len()));
        keys.to_string()
    };
    let (rest, large) = (filled(64 * 1024), filled(64 * 1024 + 1));
    // What is no key set changes nothing.
    for (status, text) in [(500, &*rest), (302, &*rest), (200, "{}"), (200, r#"{"keys":[]}"#), (200, &*large)] {
        trusted.issuer.publish(status, text);
        refresh.invoke("{}").await.unwrap_err();
        let logs = refresh.logs().join("\n");
        assert!(logs.contains("0issuer00001") && logs.contains(r#""faults":1"#), "{logs}");
        sensors(&world, &gone).await.expect(200);
    }
    trusted.issuer.publish(200, &rest);
    refresh.invoke("{}").await.unwrap();
    for function in ["authorize", "list-sensors"] {
        world.function(function).restart();
    }
    sensors(&world, &gone).await.refused(401, "unauthorized");
    sensors(&world, &stays).await.expect(200);

    assert!(trusted.table.remove(trusted.issuer.url()).await.unwrap());
    refresh.invoke("{}").await.unwrap();
    for function in ["authorize", "list-sensors"] {
        world.function(function).restart();
    }
    sensors(&world, &stays).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn keys_that_were_not_seen_for_a_quarter_of_an_hour_let_nobody_in_and_api_keys_go_on() {
    let world = World::start().await;
    let trusted = Trusted::by(&world, Scope::ALL).await;
    trusted.seen(Scope::ALL, Timestamp::now() - SignedDuration::from_mins(16)).await;
    let answer = sensors(&world, &trusted.token(&json!({}))).await;
    assert!(!answer.header("retry-after").is_empty());
    answer.refused(503, "unavailable");
    // It is not the system that fails, so the alarms of keys and of releases stay silent.
    assert_eq!((sum(&world, "authorize", "requests"), sum(&world, "authorize", "faults")), (1.0, 0.0));
    world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
    // One of another issuer is refused for what it is, however old the keys of this one are.
    sensors(&world, &trusted.token(&json!({"iss": "https://issuer.example"}))).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_flood_of_tokens_reads_the_issuers_once() {
    let world = World::behind(Shape::HttpV2).await;
    let trusted = Trusted::by(&world, Scope::ALL).await;
    world.cloud.reset_counts();
    for index in 0..20 {
        let token = trusted.token(&json!({"iss": format!("https://issuer-{index}.example")}));
        sensors(&world, &token).await.refused(401, "unauthorized");
    }
    let calls = world.cloud.calls();
    assert_eq!(calls.values().sum::<u64>(), 1, "{calls:?}");
}
