//! Bearer tokens, and the key sets of their issuers.

use std::sync::LazyLock;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use kernel::{KeyId, Scope, Secret, Tenant};
use serde_json::{Value, json};
use vault::{Issuer, Moment, TrustedIssuer, VerifyingKeys, verify};

/// The private and the public half of the example of RFC 8037, appendix A.
const PRIVATE: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const URL: &str = "https://issuer.example";
const AUDIENCE: &str = "https://palisade.example";
const GIVEN: [Scope; 2] = [Scope::DataRead, Scope::DataIngest];

static PAIR: LazyLock<Ed25519KeyPair> = LazyLock::new(|| {
    let (seed, public) = (BASE64.decode(PRIVATE).unwrap(), BASE64.decode(PUBLIC).unwrap());
    Ed25519KeyPair::from_seed_and_public_key(&seed, &public).unwrap()
});

static ISSUERS: LazyLock<Vec<TrustedIssuer>> = LazyLock::new(|| {
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "of-the-seeds", "x": PUBLIC}]});
    let issuer = Issuer {
        id: KeyId::parse("0issuer00001").unwrap(),
        url: URL.to_owned(),
        jwks_uri: format!("{URL}/keys"),
        audience: AUDIENCE.to_owned(),
        scope_claim: "scope".to_owned(),
        tenant: Tenant::parse("acme").unwrap(),
        scopes: GIVEN.to_vec(),
    };
    let keys = VerifyingKeys::parse(&set.to_string()).unwrap();
    vec![TrustedIssuer { issuer, keys, fetched: Timestamp::now() }]
});

/// A key set is kept without what cannot verify, and reads back so. A token lets in only as its issuer signed it, for us
/// and not yet expired, with scopes that it lists and that its issuer may give; and any bytes do, signed, only if they say
/// so.
pub fn token(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    if text.starts_with('{') {
        return key_set(&text);
    }
    // A signature is never guessed, so it is also put right.
    if let Some((signed, _)) = text.rsplit_once('.') {
        check(&sign(signed));
    }
    check(&text)
}

fn key_set(text: &str) -> bool {
    let Ok(keys) = VerifyingKeys::parse(text) else { return false };
    assert!((1..=32).contains(&keys.count()));
    let kept = serde_json::to_string(&keys).unwrap();
    let again = VerifyingKeys::parse(&kept).unwrap();
    assert_eq!((again.count(), serde_json::to_string(&again).unwrap()), (keys.count(), kept));
    true
}

fn sign(signed: &str) -> String {
    format!("{signed}.{}", BASE64.encode(PAIR.sign(signed.as_bytes())))
}

fn check(text: &str) -> bool {
    // The keys are fresh however long this goes on.
    let now = Moment { wall: ISSUERS[0].fetched, ..Moment::now() };
    let Ok(principal) = verify(&Secret::new(text.to_owned()), &ISSUERS, now) else { return false };
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, _] = parts[..] else { panic!("{text}") };
    assert_eq!(sign(&format!("{header}.{payload}")), text);
    let [header, claims]: [Value; 2] =
        [header, payload].map(|part| serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap());
    assert_eq!(
        (&header["alg"], &header["kid"], &header["crit"]),
        (&json!("EdDSA"), &json!("of-the-seeds"), &Value::Null)
    );
    assert_eq!(claims["iss"], URL);
    let audiences = claims["aud"].as_array().map_or_else(|| vec![&claims["aud"]], |list| list.iter().collect());
    assert!(audiences.contains(&&json!(AUDIENCE)), "{claims}");
    let now = Timestamp::now().as_second() as f64;
    assert!(claims["exp"].as_f64().is_some_and(|end| end > now - 31.0), "{claims}");
    assert!(claims["nbf"].as_f64().is_none_or(|begin| begin < now + 31.0), "{claims}");
    assert!(claims["sub"].is_string());
    assert_eq!(&*principal.tenant, "acme");
    let listed = claims["scope"].to_string();
    assert!(principal.scopes.iter().all(|scope| GIVEN.contains(scope) && listed.contains(scope.as_str())), "{listed}");
    true
}
