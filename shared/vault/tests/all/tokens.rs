//! Bearer tokens: which keys may verify them, and what holds of those that are verified.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Header;
use kernel::{KeyId, Scope, Secret, Tenant};
use palisade_local::issuer::{Algorithm, TokenIssuer};
use serde_json::{Value, json};
use vault::{Issuer, Moment, Principal, Refusal, TrustedIssuer, VerifyingKeys, verify};

const AUDIENCE: &str = "https://palisade.example";
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

struct World {
    issuer: TokenIssuer,
    trusted: [TrustedIssuer; 1],
    now: Moment,
}

impl World {
    async fn new() -> Self {
        let issuer = TokenIssuer::start(0).await.unwrap();
        let now = Moment::now();
        let trusted = TrustedIssuer {
            issuer: Issuer {
                id: KeyId::parse("0issuer00001").unwrap(),
                url: issuer.url().to_owned(),
                jwks_uri: issuer.jwks_uri(),
                audience: AUDIENCE.to_owned(),
                scope_claim: "scope".to_owned(),
                tenant: Tenant::parse("acme").unwrap(),
                scopes: vec![Scope::DataIngest, Scope::DataRead],
            },
            keys: VerifyingKeys::parse(&issuer.key_set()).unwrap(),
            fetched: now.wall,
        };
        Self { issuer, trusted: [trusted], now }
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer.url(), "aud": AUDIENCE, "sub": "ann", "exp": self.now.wall.as_second() + 600,
            "scope": "openid data:read maintenance:read",
        })
    }

    fn token(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.issuer.token(Algorithm::ES256, &claims).unwrap()
    }

    fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        verify(&Secret::new(token.to_owned()), &self.trusted, self.now)
    }

    #[track_caller]
    fn refuses(&self, token: &str) {
        let answer = self.verify(token);
        assert!(matches!(answer, Err(Refusal::Unknown)), "{answer:?}");
    }

    /// A token that is so many bytes long.
    fn of_length(&self, length: usize) -> String {
        let mut claims = self.claims();
        for cty in ["x", "xx", "xxx"] {
            let (kid, cty) = (Some("ES256".to_owned()), Some(cty.to_owned()));
            let header = Header { kid, cty, ..Header::new(Algorithm::ES256) };
            claims["filling"] = json!("");
            let missing = length - self.issuer.sign(&header, &claims).unwrap().len();
            for filling in missing * 3 / 4 - 3..missing * 3 / 4 + 3 {
                claims["filling"] = json!("x".repeat(filling));
                let token = self.issuer.sign(&header, &claims).unwrap();
                if token.len() == length {
                    return token;
                }
            }
        }
        panic!("no token has {length} bytes");
    }
}

/// The public keys of an issuer, each changed like this.
fn changed(issuer: &TokenIssuer, change: impl Fn(&mut Value)) -> String {
    let mut set: Value = serde_json::from_str(&issuer.key_set()).unwrap();
    set["keys"].as_array_mut().unwrap().iter_mut().for_each(change);
    set.to_string()
}

fn kept(set: &str) -> usize {
    VerifyingKeys::parse(set).map_or(0, |keys| keys.count())
}

#[tokio::test]
async fn keys_of_three_kinds_are_kept_and_no_others() {
    let issuer = TokenIssuer::start(0).await.unwrap();
    let with = |name: &'static str, value: Value| changed(&issuer, |key| key[name] = value.clone());
    let without = |name: &'static str| {
        changed(&issuer, |key| {
            key.as_object_mut().unwrap().remove(name);
        })
    };
    assert_eq!(kept(&issuer.key_set()), 3);
    // What is said of a key that verifies.
    assert_eq!((kept(&without("use")), kept(&without("alg"))), (3, 3));
    assert_eq!((kept(&with("use", json!("sig"))), kept(&with("use", json!("enc")))), (3, 0));
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert_eq!(kept(&with("alg", json!(alg))), 1, "{alg}");
    }
    assert_eq!((kept(&with("alg", json!("HS256"))), kept(&without("kid"))), (0, 0));
    // Its curve.
    assert_eq!((kept(&with("crv", json!("P-384"))), kept(&with("crv", json!("P-256")))), (1, 2));
    let symmetric = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "HS256"});
    assert_eq!(kept(&json!({"keys": [symmetric]}).to_string()), 0);
    // The length of its modulus.
    let modulus = |bytes: usize, first: u8| {
        let mut modulus = vec![0xFF; bytes];
        modulus[0] = first;
        let n = base64_url(&modulus);
        kept(&json!({"keys": [{"kty": "RSA", "kid": "x", "e": "AQAB", "n": n}]}).to_string())
    };
    assert_eq!([modulus(255, 1), modulus(256, 1), modulus(512, 1), modulus(257, 0)], [0, 1, 1, 0]);
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn an_issuer_has_32_keys_at_most_and_those_of_one_name_verify_nothing() {
    let mut world = World::new().await;
    let set: Value = serde_json::from_str(&world.issuer.key_set()).unwrap();
    let of =
        |count: usize| json!({"keys": set["keys"].as_array().unwrap().iter().cycle().take(count).collect::<Vec<_>>()});
    assert_eq!((kept(&of(32).to_string()), kept(&of(33).to_string()), kept("{}")), (32, 0, 0));
    let token = world.token("sub", json!("ann"));
    world.verify(&token).unwrap();
    world.trusted[0].keys = VerifyingKeys::parse(&of(6).to_string()).unwrap();
    world.refuses(&token);
}

#[tokio::test]
async fn whoever_a_token_was_made_for_may_do_what_both_it_and_an_operator_say() {
    let world = World::new().await;
    for algorithm in ALGORITHMS {
        let person = world.verify(&world.issuer.token(algorithm, &world.claims()).unwrap()).unwrap();
        assert_eq!((&*person.tenant, &*person.plan, person.scopes), ("acme", "0issuer00001", vec![Scope::DataRead]));
        assert!(person.kid.starts_with("sub.") && person.kid.len() == 26, "{}", &*person.kid);
        assert_eq!(person.expires, None);
    }
    let scopes = |claim: Value| world.verify(&world.token("scope", claim)).unwrap().scopes;
    assert_eq!(scopes(json!(["data:read", 7, "data:ingest"])), [Scope::DataIngest, Scope::DataRead]);
    for none in [json!("Data:Read"), json!("data:*"), json!({"data:read": 1}), Value::Null] {
        assert_eq!(scopes(none), []);
    }
    let kid = |sub: &str| world.verify(&world.token("sub", json!(sub))).unwrap().kid;
    assert_eq!((kid("ann") == kid("ann"), kid("ann") == kid("bob")), (true, false));
}

#[tokio::test]
async fn a_token_holds_for_one_audience_of_one_issuer_until_it_expires() {
    let world = World::new().await;
    let now = world.now.wall.as_second();
    for (claim, value) in [
        ("iss", json!("https://issuer.example")),
        ("aud", json!("https://elsewhere.example")),
        ("exp", json!(now - 40)),
        ("exp", Value::Null),
        ("nbf", json!(now + 60)),
        ("sub", Value::Null),
    ] {
        world.refuses(&world.token(claim, value));
    }
    // Clocks differ a little.
    world.verify(&world.token("exp", json!(now - 20))).unwrap();
    world.verify(&world.token("nbf", json!(now + 20))).unwrap();
}

#[tokio::test]
async fn what_a_header_says_of_its_key_is_held_against_what_the_issuer_has() {
    let world = World::new().await;
    let header = || Header { kid: Some("ES256".to_owned()), ..Header::new(Algorithm::ES256) };
    let signed = |header: Header| world.issuer.sign(&header, &world.claims()).unwrap();
    for kind in [None, Some("JWT"), Some("at+jwt"), Some("application/AT+JWT")] {
        world.verify(&signed(Header { typ: kind.map(str::to_owned), ..header() })).unwrap();
    }
    for wrong in [
        Header { typ: Some("logout+jwt".to_owned()), ..header() },
        Header { crit: Some(vec!["b64".to_owned()]), ..header() },
        Header { kid: None, ..header() },
        Header { kid: Some("EdDSA".to_owned()), ..header() },
        Header { kid: Some("ES512".to_owned()), ..header() },
    ] {
        world.refuses(&signed(wrong));
    }
    let whole = signed(header());
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    let other = world.token("sub", json!("bob"));
    world.refuses(&format!("{signed}.{}", other.rsplit_once('.').unwrap().1));
    world.refuses(&format!("{signed}."));
    world.refuses(signature);
}

#[tokio::test]
async fn a_token_is_8192_bytes_long_at_most() {
    let world = World::new().await;
    world.verify(&world.of_length(8192)).unwrap();
    world.refuses(&world.of_length(8193));
    world.refuses(&world.of_length(9000));
}

#[tokio::test]
async fn keys_that_were_not_seen_for_a_quarter_of_an_hour_verify_nothing() {
    let mut world = World::new().await;
    let token = world.token("sub", json!("ann"));
    let mut at = |age: SignedDuration| -> Result<Principal, Refusal> {
        world.trusted[0].fetched = Timestamp::from_second(world.now.wall.as_second()).unwrap() - age;
        let now = Moment { wall: Timestamp::from_second(world.now.wall.as_second()).unwrap(), ..world.now };
        verify(&Secret::new(token.clone()), &world.trusted, now)
    };
    at(SignedDuration::from_mins(15)).unwrap();
    let late = at(SignedDuration::from_mins(15) + SignedDuration::from_secs(1));
    assert!(matches!(&late, Err(Refusal::IssuerSilent(why)) if why.to_string().contains("0issuer00001")), "{late:?}");
    // A clock that is behind is no better.
    at(SignedDuration::from_mins(-16)).unwrap_err();
}
