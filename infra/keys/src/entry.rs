//! What may be shown of a key that exists. There is no field that could hold its secret or a hash.

use std::fmt;

use jiff::Timestamp;
use kernel::{KeyId, Scope, Tenant};
use serde::Serialize;
use vault::keyring::Record;

/// A key of the keyring, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its public name.
    pub kid: KeyId,
    /// Whose data it may touch.
    pub tenant: Tenant,
    /// What its operator calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Whether it is accepted.
    pub status: Status,
    /// When it was minted.
    pub created: Timestamp,
    /// When it stops being accepted.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// The secrets that are not over, the newest first: one, or two while a rotation overlaps.
    pub secrets: Vec<LiveSecret>,
}

/// One secret of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LiveSecret {
    /// The version of the pepper it was hashed under. A pepper may go when no secret names it.
    pub pepper: u32,
    /// When it stops being accepted, if before the key itself.
    pub expires: Option<Timestamp>,
}

/// Whether a key is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Active,
    /// Its time is over.
    Expired,
    /// An operator ended it.
    Revoked,
}

impl Entry {
    pub(crate) fn of(kid: &KeyId, record: &Record, now: Timestamp) -> Self {
        let status = match record.revoked {
            Some(_) => Status::Revoked,
            None if record.expires <= now => Status::Expired,
            None => Status::Active,
        };
        let live = record.hashes.iter().filter(|hash| hash.expires.is_none_or(|end| end > now));
        Self {
            kid: kid.clone(),
            tenant: record.tenant.clone(),
            name: record.name.clone(),
            scopes: record.scopes.clone(),
            status,
            created: record.created,
            expires: record.expires,
            revoked: record.revoked,
            secrets: live.map(|hash| LiveSecret { pepper: hash.pepper, expires: hash.expires }).collect(),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        })
    }
}
