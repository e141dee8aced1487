//! What a checkpoint is: a statement, and a signature over its very bytes.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What signatures are for.
const DOMAIN: &[u8] = b"palisade-audit-checkpoint-1\0";

/// What is kept of a checkpoint, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// A [`Statement`], JSON; as a text, so that what was signed is what is kept.
    pub statement: String,
    /// ECDSA on P-256 with SHA-256 over `palisade-audit-checkpoint-1`, 0, `statement`; base64 of its DER.
    pub signature: String,
}

/// How far every audit chain had come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The stage.
    pub stage: String,
    /// How many checkpoints there were before.
    pub number: u64,
    /// When.
    pub time: Timestamp,
    /// The signature of the checkpoint before; `None` in the first.
    pub previous: Option<String>,
    /// The last entry of every chain that began today or yesterday, in order of their names.
    pub heads: Vec<Head>,
}

/// The last entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `tenant#writer`.
    pub chain: String,
    /// The entry's number.
    pub seq: u64,
    /// The entry's authentication code, base64.
    pub mac: String,
}

/// Under which name a checkpoint is kept.
#[must_use]
pub fn key(number: u64) -> String {
    format!("checkpoints/{number:010}.json")
}

impl Checkpoint {
    /// What has to be signed: SHA-256.
    pub(crate) fn digest(statement: &str) -> Vec<u8> {
        digest(&SHA256, &Self::signed(statement)).as_ref().to_vec()
    }

    /// What it states, if it was signed with the key whose public half this is (DER).
    #[must_use]
    pub fn open(&self, public_key: &[u8]) -> Option<Statement> {
        let signature = BASE64.decode(&self.signature).ok()?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public_key);
        key.verify(&Self::signed(&self.statement), &signature).ok()?;
        serde_json::from_str(&self.statement).ok()
    }

    fn signed(statement: &str) -> Vec<u8> {
        [DOMAIN, statement.as_bytes()].concat()
    }
}
