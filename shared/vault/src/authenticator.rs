//! Who presents a key, if anyone.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::Client;
use jiff::Timestamp;
use kernel::{KeyId, Scope, Secret, Tenant};

use crate::{
    ApiKey, KeySet, Moment, SecretCache, Unavailable,
    keyring::{Hash, Record, Shard},
};

/// An unknown kid may be a key minted a moment ago, so it is worth a fetch; but only one in this
/// time, or a flood of invented kids would become a flood of calls to Secrets Manager.
const UNKNOWN_KID_PAUSE: Duration = Duration::from_secs(10);

/// The holder of a valid key or token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The key's public name, or what stands for the subject of a token.
    pub kid: KeyId,
    /// What API Gateway's usage plans know it by: the key itself, or the issuer of the token.
    pub plan: KeyId,
    /// Whose data it may touch.
    pub tenant: Tenant,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When the key, or the secret of it that was shown, stops being accepted; a token says so to its holder itself.
    pub expires: Option<Timestamp>,
}

/// Why a key or a token is not accepted.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// No such key, or the secret part is wrong; or the token does not hold.
    Unknown,
    /// The key was right, and has expired or was revoked.
    Ended(Principal),
    /// Whether it is valid cannot be known now.
    Unavailable(Unavailable),
    /// The same, because the token's issuer has given no keys for too long: a failure of somebody else.
    IssuerSilent(Unavailable),
}

/// Verifies API keys against the keyring.
pub struct Authenticator {
    stage: Box<str>,
    pepper: SecretCache<KeySet>,
    shards: Vec<SecretCache<Shard>>,
    last_unknown: Mutex<Option<Instant>>,
    last_pepper: Mutex<Option<Instant>>,
}

impl Authenticator {
    /// An authenticator for the keys of `stage`, reading the pepper and the keyring shards, in order,
    /// from the secrets called so.
    pub fn new(client: &Client, stage: &str, pepper: &str, shards: &[&str]) -> Self {
        let parse_shard = |text: &str| serde_json::from_str(text).map_err(|_| "it is not a keyring shard".to_owned());
        Self {
            stage: stage.into(),
            pepper: SecretCache::key_set(client.clone(), pepper),
            shards: shards.iter().map(|id| SecretCache::new(client.clone(), *id, parse_shard)).collect(),
            last_unknown: Mutex::new(None),
            last_pepper: Mutex::new(None),
        }
    }

    /// The holder of the key whose text is `presented`.
    ///
    /// # Errors
    /// [`Refusal`] says why it is not accepted. A text that is not a key at all is unknown.
    pub async fn authenticate(&self, presented: &Secret<String>, now: Moment) -> Result<Principal, Refusal> {
        let key = ApiKey::parse(presented.reveal(), &self.stage).ok_or(Refusal::Unknown)?;
        let shard = self.shards.get(key.shard()).ok_or(Refusal::Unknown)?;
        let mut keys = shard.get(now.monotonic).await.map_err(Refusal::Unavailable)?;
        if !keys.keys.contains_key(key.kid()) && may_look_again(&self.last_unknown, now.monotonic) {
            keys = shard.get_within(Duration::ZERO, now.monotonic).await.map_err(Refusal::Unavailable)?;
        }
        let pepper = self.pepper(keys.keys.get(key.kid()), now).await?;
        let Some(record) = keys.keys.get(key.kid()) else {
            // An unknown kid costs the same work as a wrong secret.
            std::hint::black_box(Hash::of(&key, &pepper));
            return Err(Refusal::Unknown);
        };
        let hash = record.hashes.iter().find(|hash| hash.matches(&key, &pepper)).ok_or(Refusal::Unknown)?;
        let principal = Principal {
            kid: key.kid().clone(),
            plan: key.kid().clone(),
            tenant: record.tenant.clone(),
            scopes: record.scopes.clone(),
            expires: Some(hash.expires.map_or(record.expires, |end| end.min(record.expires))),
        };
        if record.revoked.is_some() || principal.expires.is_some_and(|end| end <= now.wall) {
            return Err(Refusal::Ended(principal));
        }
        Ok(principal)
    }

    /// The peppers; fetched anew when the record names one that is not among them, for then they were rotated.
    async fn pepper(&self, record: Option<&Record>, now: Moment) -> Result<Arc<KeySet>, Refusal> {
        let pepper = self.pepper.get(now.monotonic).await.map_err(Refusal::Unavailable)?;
        let missing = record.is_some_and(|record| record.hashes.iter().any(|hash| !pepper.has(hash.pepper)));
        // A time of its own: a key that was minted a moment ago may need both looks, and a flood of invented kids has no
        // record that could name a pepper.
        if missing && may_look_again(&self.last_pepper, now.monotonic) {
            return self.pepper.get_within(Duration::ZERO, now.monotonic).await.map_err(Refusal::Unavailable);
        }
        Ok(pepper)
    }
}

fn may_look_again(last: &Mutex<Option<Instant>>, now: Instant) -> bool {
    let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let due = last.is_none_or(|at| now.saturating_duration_since(at) >= UNKNOWN_KID_PAUSE);
    if due {
        *last = Some(now);
    }
    due
}
