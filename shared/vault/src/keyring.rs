//! A shard of the keyring, as one secret holds it. Shared with the tool that mints keys.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use jiff::Timestamp;
use kernel::{KeyId, Scope, Tenant};
use serde::{Deserialize, Serialize};

use crate::{ApiKey, KeySet, Tag};

/// The largest secret Secrets Manager takes, in bytes: about 250 keys.
pub const LARGEST_SHARD: usize = 65_536;

/// Some of the API keys, by kid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// The keys of this shard.
    pub keys: BTreeMap<KeyId, Record>,
}

/// What is stored of one API key: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Whose data it may touch.
    pub tenant: Tenant,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its operator calls it.
    pub name: String,
    /// When it was minted.
    pub created: Timestamp,
    /// When it stops being accepted.
    pub expires: Timestamp,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    /// One hash, or two while a rotation overlaps.
    pub hashes: Vec<Hash>,
}

/// HMAC-SHA-256 of a whole key under the pepper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hash {
    /// The version of the pepper.
    pub pepper: u32,
    /// The code, base64 without padding.
    pub mac: String,
    /// When this hash stops being accepted, if before the key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl Hash {
    /// The hash of `key` under the current pepper.
    #[must_use]
    pub fn of(key: &ApiKey, pepper: &KeySet) -> Self {
        let tag = pepper.sign(&[key.text().reveal().as_bytes()]);
        Self { pepper: tag.version, mac: BASE64.encode(tag.bytes), expires: None }
    }

    /// Whether this is the hash of `key`.
    #[must_use]
    pub fn matches(&self, key: &ApiKey, pepper: &KeySet) -> bool {
        let bytes = BASE64.decode(&self.mac).ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 32]);
        pepper.verify(&[key.text().reveal().as_bytes()], &Tag { version: self.pepper, bytes })
    }
}
