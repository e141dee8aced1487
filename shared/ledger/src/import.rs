//! A file of messages that is worked off piece by piece.

use jiff::{SignedDuration, Timestamp};
use kernel::{Entity, Identifier, Tenant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Channel;

/// The most rejected rows that are named; the others are counted.
const MOST_REJECTED_NAMED: usize = 1_000;
/// For how long what became of an import is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// The file is not there yet.
    AwaitingUpload,
    /// The file is being read.
    Processing,
    /// Every line was read.
    Completed,
}

impl ImportStatus {
    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingUpload => "awaiting_upload",
            Self::Processing => "processing",
            Self::Completed => "completed",
        }
    }
}

/// A row that was not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RejectedMessage")]
pub struct Rejected {
    /// Which one, from 0.
    pub index: u64,
    /// Why, for machines: `invalid` rows cannot be read; the others say what the message is taken for.
    pub code: String,
}

/// An import: one file of one person's messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    /// Its id.
    pub import_id: Identifier,
    /// Whose messages.
    pub user_id: Identifier,
    /// How the messages arrived, where a line does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// How long the file is, in bytes.
    pub size: u64,
    /// How far it is.
    pub status: ImportStatus,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was last worked on.
    pub updated_at: Timestamp,
    /// How many bytes of it are done.
    pub offset: u64,
    /// Whether a line that is too long has begun before there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(skip)]
    pub skipping: bool,
    /// How many rows are done.
    pub processed: u64,
    /// How many of them were stored.
    pub stored: u64,
    /// How many of them were stored before.
    pub duplicates: u64,
    /// How many of them were not stored.
    pub rejected: u64,
    /// The first of those, at most 1000.
    pub rejections: Vec<Rejected>,
}

impl Import {
    /// An import that waits for its file.
    #[must_use]
    pub const fn new(
        import_id: Identifier,
        user_id: Identifier,
        channel: Option<Channel>,
        size: u64,
        now: Timestamp,
    ) -> Self {
        Self {
            import_id,
            user_id,
            channel,
            size,
            status: ImportStatus::AwaitingUpload,
            created_at: now,
            updated_at: now,
            offset: 0,
            skipping: false,
            processed: 0,
            stored: 0,
            duplicates: 0,
            rejected: 0,
            rejections: Vec::new(),
        }
    }

    /// What its file is called in the bucket.
    #[must_use]
    pub fn file(&self, tenant: &Tenant) -> String {
        format!("{tenant}/{}", self.import_id)
    }

    /// Until when it is kept.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.created_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
    }

    /// Counts a row that was not stored.
    pub fn reject(&mut self, index: u64, code: &str) {
        self.rejected += 1;
        if self.rejections.len() < MOST_REJECTED_NAMED {
            self.rejections.push(Rejected { index, code: code.to_owned() });
        }
    }
}

impl Entity for Import {
    const KIND: &'static str = "import";

    fn id(&self) -> &Identifier {
        &self.import_id
    }

    fn status(&self) -> Option<&'static str> {
        Some(self.status.as_str())
    }
}
