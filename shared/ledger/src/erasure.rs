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
}

impl ErasureStatus {
    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erasing => "erasing",
            Self::Erased => "erased",
        }
    }
}

/// An erasure. It is kept as the receipt: that it was done is all that is left of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Erasure {
    /// Its id.
    pub erasure_id: Identifier,
    /// Who was erased.
    pub user_id: Identifier,
    /// The data key that was destroyed; what is sealed under it is unreadable wherever it is.
    pub key_id: Identifier,
    /// How far it is.
    pub status: ErasureStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_destroyed_at: Option<Timestamp>,
    /// How many items were removed so far.
    pub items_removed: u64,
    /// When the last item was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
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
