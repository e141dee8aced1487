//! Bearer tokens: JSON Web Tokens that the issuer of a tenant signs for people and partners
//! (RFC 7519, with the advice of RFC 8725).
//!
//! A token names its issuer, and an operator has said beforehand what that issuer may do: for which tenant it speaks,
//! whom its tokens must be meant for, and which scopes it can give. Nothing a token says about where its key is, or
//! of what kind, is followed: keys come from the issuer's key set alone, and a key says itself what it may verify.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, dangerous, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use kernel::{KeyId, Scope, Secret, Tenant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Moment, Principal, Refusal, STALE, Unavailable};

/// The longest token, in bytes.
const LONGEST: usize = 8 * 1024;
/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: u64 = 30;
/// The shortest RSA modulus, in bytes: 2048 bits.
const SHORTEST_MODULUS: usize = 256;
/// The most keys an issuer may have.
const MOST_KEYS: usize = 32;

/// What an operator has said of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// What API Gateway's usage plan knows it by: all its people share one plan.
    pub id: KeyId,
    /// What its tokens must have as `iss`.
    pub url: String,
    /// Where its key set is.
    pub jwks_uri: String,
    /// What its tokens must have in `aud`.
    pub audience: String,
    /// The claim that lists scopes: a text with spaces between them, or an array.
    pub scope_claim: String,
    /// Whose data its people may touch.
    pub tenant: Tenant,
    /// What it may let them do at most.
    pub scopes: Vec<Scope>,
}

/// An issuer and the keys it had when they were last asked for.
pub struct TrustedIssuer {
    /// What an operator has said of it.
    pub issuer: Issuer,
    /// Its keys.
    pub keys: VerifyingKeys,
    /// When they were its keys.
    pub fetched: Timestamp,
}

/// The keys of an issuer that tokens are verified with.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct VerifyingKeys(JwkSet);

impl VerifyingKeys {
    /// Keeps those keys of a JSON Web Key Set that can verify a token: named, for signatures, RSA of at least 2048 bits,
    /// P-256 or Ed25519.
    ///
    /// # Errors
    /// When it is no key set, has more than 32 keys, or none of that kind.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut set: JwkSet = serde_json::from_str(text).map_err(|_| "it is no JSON Web Key Set")?;
        if set.keys.len() > MOST_KEYS {
            return Err("it has more than 32 keys");
        }
        set.keys.retain(|key| key.common.key_id.is_some() && algorithm(key).is_some());
        if set.keys.is_empty() {
            return Err("it has no key with a kid for RS256, ES256 or EdDSA");
        }
        Ok(Self(set))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.keys.len()
    }

    /// The one key called `kid`, if it is for `wanted`.
    fn find(&self, kid: &str, wanted: Algorithm) -> Option<&Jwk> {
        let mut named = self.0.keys.iter().filter(|key| key.common.key_id.as_deref() == Some(kid));
        let key = named.next().filter(|_| named.next().is_none())?;
        (algorithm(key) == Some(wanted)).then_some(key)
    }
}

/// What a key verifies, by its own parameters.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let fits = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = BASE64URL.decode(&rsa.n).ok()?;
            (modulus.len() >= SHORTEST_MODULUS && modulus.first() != Some(&0)).then_some(Algorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(curve) => (curve.curve == EllipticCurve::P256).then_some(Algorithm::ES256),
        AlgorithmParameters::OctetKeyPair(pair) => (pair.curve == EllipticCurve::Ed25519).then_some(Algorithm::EdDSA),
        _ => None,
    }?;
    let said = key.common.key_algorithm.map(|algorithm| algorithm.to_string());
    let for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    (for_signatures && said.is_none_or(|said| said == format!("{fits:?}"))).then_some(fits)
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Who the token `presented` was made for.
///
/// # Errors
/// [`Refusal::Unknown`] when it does not hold now; [`Refusal::IssuerSilent`] when its issuer's keys are too old to say.
pub fn verify(presented: &Secret<String>, issuers: &[TrustedIssuer], now: Moment) -> Result<Principal, Refusal> {
    let token = presented.reveal();
    if token.len() > LONGEST {
        return Err(Refusal::Unknown);
    }
    // Says which keys to look at, and nothing else; it is read again once it is verified.
    let claimed: Claims = dangerous::insecure_decode_claims(token).map_err(|_| Refusal::Unknown)?;
    let trusted = issuers.iter().find(|trusted| trusted.issuer.url == claimed.iss).ok_or(Refusal::Unknown)?;
    let header = decode_header(token).map_err(|_| Refusal::Unknown)?;
    let is_access_token = header.typ.as_deref().is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        ["jwt", "at+jwt", "application/at+jwt"].contains(&kind.as_str())
    });
    if header.crit.is_some() || !is_access_token {
        return Err(Refusal::Unknown);
    }
    if now.wall.duration_since(trusted.fetched).unsigned_abs() > STALE {
        return Err(Refusal::IssuerSilent(Unavailable::new(format_args!(
            "the keys of the issuer {} are of {}",
            trusted.issuer.id, trusted.fetched
        ))));
    }
    let kid = header.kid.as_deref().ok_or(Refusal::Unknown)?;
    let key = trusted.keys.find(kid, header.alg).ok_or(Refusal::Unknown)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Refusal::Unknown)?;
    let claims =
        decode::<Claims>(token, &key, &demands(&trusted.issuer, header.alg)).map_err(|_| Refusal::Unknown)?.claims;
    Ok(Principal {
        kid: subject(&claims.iss, &claims.sub)?,
        plan: trusted.issuer.id.clone(),
        tenant: trusted.issuer.tenant.clone(),
        scopes: scopes(&trusted.issuer, claims.rest.get(&trusted.issuer.scope_claim)),
        expires: None,
    })
}

fn demands(issuer: &Issuer, algorithm: Algorithm) -> Validation {
    let mut demands = Validation::new(algorithm);
    demands.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    demands.set_issuer(&[&issuer.url]);
    demands.set_audience(&[&issuer.audience]);
    demands.validate_nbf = true;
    demands.leeway = LEEWAY;
    demands
}

/// What the token gives of what the issuer may give. Scopes of others, such as `openid`, are none of ours.
fn scopes(issuer: &Issuer, claim: Option<&Value>) -> Vec<Scope> {
    let named: Vec<&str> = match claim {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    issuer.scopes.iter().copied().filter(|scope| named.contains(&scope.as_str())).collect()
}

/// What audits, logs and limits know a person by: nothing of the subject's own name can be read from it.
fn subject(issuer: &str, subject: &str) -> Result<KeyId, Refusal> {
    let mut named = Vec::with_capacity(issuer.len() + subject.len() + 1);
    named.extend_from_slice(issuer.as_bytes());
    named.push(0);
    named.extend_from_slice(subject.as_bytes());
    let hash = BASE64URL.encode(digest(&SHA256, &named));
    KeyId::parse(&format!("sub.{}", hash.get(..22).unwrap_or_default())).map_err(|_| Refusal::Unknown)
}
