//! The erasure of a person, and the receipt for it.

use jiff::Timestamp;
use kernel::{Entity, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureStatus {
    /// The key is destroyed, so nothing can be read any more; items are still being removed.
    Erasing,
    /// No item is left.
    Erased,
    /// No item was left a minute later either, when no request that began before could still be running.
    Verified,
}

impl ErasureStatus {
    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erasing => "erasing",
            Self::Erased => "erased",
            Self::Verified => "verified",
        }
    }
}

/// An erasure. It is kept as the receipt: that it was done is all that is left of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Erasure {
    /// Its id, which is that of the data key that is destroyed: what is sealed under it is unreadable wherever it is.
    /// When nothing was sealed yet, no key has this id.
    pub erasure_id: Identifier,
    /// Who was erased.
    pub user_id: Identifier,
    /// How far it is.
    pub status: ErasureStatus,
    /// When it was asked for last.
    pub requested_at: Timestamp,
    /// When the key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_destroyed_at: Option<Timestamp>,
    /// How many imports were removed so far, each with its file if there was one.
    pub files_removed: u64,
    /// How many items were removed so far.
    pub items_removed: u64,
    /// When the last item was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

impl Erasure {
    /// An erasure that begins: of what is sealed under this key.
    #[must_use]
    pub const fn new(user_id: Identifier, key_id: Identifier, now: Timestamp) -> Self {
        Self {
            erasure_id: key_id,
            user_id,
            status: ErasureStatus::Erasing,
            requested_at: now,
            key_destroyed_at: None,
            files_removed: 0,
            items_removed: 0,
            completed_at: None,
        }
    }
}

impl Entity for Erasure {
    const KIND: &'static str = "erasure";

    fn id(&self) -> &Identifier {
        &self.erasure_id
    }

    fn status(&self) -> Option<&'static str> {
        Some(self.status.as_str())
    }
}
