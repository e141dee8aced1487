//! Sealing: what is personal, encrypted under the data subject's own key and bound to the place where it is stored.
//!
//! # What is stored
//!
//! ```text
//! offset  length  content
//!      0       1  layout version, 1
//!      1      12  nonce, random for every seal
//!     13       n  ciphertext: the plaintext, a byte 0x80, then zero bytes up to a multiple of 32
//!   13+n      16  AES-256-GCM tag
//! ```
//!
//! The padding hides lengths within 32 bytes: a merchant is not told by how long its name is. The id of the key stands
//! in clear beside what it sealed, in the same item.
//!
//! # What it is bound to
//!
//! The additional data is the layout version, then the key's id, the tenant, and table, partition, sort and attribute of
//! the [`Place`], each as `u32 big-endian length, UTF-8 bytes`. So no two places spell the same, and what is copied or
//! swapped to any other place, tenant or key does not open. The version also stands for how places are named: whoever
//! renames a table or an attribute seals under the next one.
//!
//! # Keys
//!
//! The data key itself encrypts nothing. HKDF-SHA-256 (RFC 5869) makes the keys in use from it:
//!
//! | key | made by |
//! |---|---|
//! | root | extract, salt `palisade data key 1`, from the data key |
//! | AES-256-GCM | expand the root, info `seal` |
//! | index root | expand the root, info `index` |
//! | HMAC-SHA-256 of one purpose | expand the index root, info the purpose |
//!
//! Index values are therefore worth nothing without the data key, exactly as ciphertexts are.
//!
//! # Bounds
//!
//! A [`DataKey`] seals and opens [`DataKey::MOST_USES`] times and then refuses. Random nonces of 96 bits may serve 2^32
//! seals of one key before two are equal with a chance of 2^-33 (NIST SP 800-38D, 8.3). To get there a data subject would
//! have to use up its key, and fetch it from KMS again, 42,949 times; after five million seals the chance is 2^-52.
//!
//! Deliberately absent: streaming, compression, and search other than for equality.

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, Prk, Salt},
    hmac, rand,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::{Fault, Identifier, Secret, Tenant};

const VERSION: u8 = 1;
const TAG_LENGTH: usize = 16;
/// Plaintexts are padded to a multiple of this.
const BLOCK: usize = 32;
/// Ends the plaintext; zeros follow.
const END: u8 = 0x80;

/// Where a sealed value is stored.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Whose data it is.
    pub tenant: &'a Tenant,
    /// What the table is for, such as `ledger`. Not its deployed name, so that what was restored into another table
    /// opens.
    pub table: &'a str,
    /// The item's partition key.
    pub partition: &'a str,
    /// The item's sort key.
    pub sort: &'a str,
    /// The attribute that holds it.
    pub attribute: &'a str,
}

/// Why something was not sealed or opened. `Display` is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The key was used as often as it may be. Unwrapping gives one that was not.
    Spent,
    /// It was not sealed at this place under this key, or was changed since.
    Mismatch,
    /// The cryptographic library refused.
    Failed,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spent => "a data key was used as often as it may be",
            Self::Mismatch => "a sealed value does not open here",
            Self::Failed => "the cryptographic library refused",
        })
    }
}

impl std::error::Error for SealError {}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Spent => Self::unavailable(error),
            SealError::Mismatch | SealError::Failed => Self::internal(error),
        }
    }
}

/// The key of one data subject, ready for use. Its parts are overwritten when it is dropped.
pub struct DataKey {
    id: Identifier,
    seal: LessSafeKey,
    index: Prk,
    uses: AtomicU32,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

impl DataKey {
    /// How often one key seals and opens, together.
    pub const MOST_USES: u32 = 100_000;

    /// The key called `id` made of these bytes, which must be random.
    ///
    /// # Errors
    /// [`SealError::Failed`], which does not happen.
    pub fn new(id: Identifier, bytes: &[u8; 32]) -> Result<Self, SealError> {
        let root = Salt::new(HKDF_SHA256, b"palisade data key 1").extract(bytes);
        let seal = UnboundKey::from(root.expand(&[b"seal"], &AES_256_GCM)?);
        let index = Prk::from(root.expand(&[b"index"], HKDF_SHA256)?);
        Ok(Self { id, seal: LessSafeKey::new(seal), index, uses: AtomicU32::new(0) })
    }

    /// Which key this is: what stands in clear beside whatever it sealed.
    #[must_use]
    pub const fn id(&self) -> &Identifier {
        &self.id
    }

    /// Seals `plaintext` for this place and no other.
    ///
    /// # Errors
    /// [`SealError::Spent`] or [`SealError::Failed`].
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        self.spend()?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let padded = (plaintext.len() / BLOCK + 1) * BLOCK;
        let begin = 1 + NONCE_LEN;
        // Of its final size from the start: a buffer that grows leaves plaintext behind.
        let mut sealed = Vec::with_capacity(begin + padded + TAG_LENGTH);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        sealed.push(END);
        sealed.resize(begin + padded, 0);
        let body = sealed.get_mut(begin..).ok_or(SealError::Failed)?;
        let bound = self.additional_data(VERSION, place);
        let tag = self.seal.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), body)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed at this place under this key.
    ///
    /// # Errors
    /// [`SealError::Mismatch`] when it was not, or was changed since; [`SealError::Spent`].
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        self.spend()?;
        let (version, nonce, body, tag) = parts(sealed).ok_or(SealError::Mismatch)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let bound = Aad::from(self.additional_data(version, place));
        let mut plaintext = vec![0; body.len()];
        let opened = self.seal.open_separate_gather(nonce, bound, body, tag, &mut plaintext);
        opened.map_err(|_| SealError::Mismatch)?;
        let end = plaintext.iter().rposition(|byte| *byte != 0).ok_or(SealError::Mismatch)?;
        if plaintext.get(end) != Some(&END) {
            return Err(SealError::Mismatch);
        }
        plaintext.truncate(end);
        Ok(Secret::new(plaintext))
    }

    /// What equal values of one purpose have in common, and nothing else has: for finding and comparing what is sealed.
    /// Another purpose, subject or key gives another. Does not count as a use.
    ///
    /// # Errors
    /// [`SealError::Failed`], which does not happen.
    pub fn index(&self, purpose: &str, value: &[u8]) -> Result<[u8; 32], SealError> {
        let info = [purpose.as_bytes()];
        let key = hmac::Key::from(self.index.expand(&info, hmac::HMAC_SHA256)?);
        hmac::sign(&key, value).as_ref().try_into().map_err(|_| SealError::Failed)
    }

    /// [`DataKey::index`] as 43 characters that may stand in keys and URLs.
    ///
    /// # Errors
    /// As [`DataKey::index`].
    pub fn index_text(&self, purpose: &str, value: &[u8]) -> Result<String, SealError> {
        Ok(BASE64.encode(self.index(purpose, value)?))
    }

    /// How often it may still be used.
    pub(crate) fn uses_left(&self) -> u32 {
        Self::MOST_USES.saturating_sub(self.uses.load(Ordering::Relaxed))
    }

    fn spend(&self) -> Result<(), SealError> {
        let spent = self
            .uses
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |uses| (uses < Self::MOST_USES).then_some(uses + 1));
        spent.map(drop).map_err(|_| SealError::Spent)
    }

    fn additional_data(&self, version: u8, place: &Place<'_>) -> Vec<u8> {
        let Place { tenant, table, partition, sort, attribute } = place;
        let fields: [&str; 6] = [&self.id, tenant, table, partition, sort, attribute];
        let mut data = Vec::with_capacity(1 + fields.iter().map(|field| 4 + field.len()).sum::<usize>());
        data.push(version);
        for field in fields {
            // The keys of an item are at most 3 KiB, so the length always fits.
            data.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend_from_slice(field.as_bytes());
        }
        data
    }
}

impl From<Unspecified> for SealError {
    fn from(_: Unspecified) -> Self {
        Self::Failed
    }
}

type Parts<'a> = (u8, &'a [u8; NONCE_LEN], &'a [u8], &'a [u8; TAG_LENGTH]);

/// The parts of a sealed value in the only layout there is.
fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    let (version, rest) = sealed.split_first()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (body, tag) = rest.split_last_chunk()?;
    (*version == VERSION).then_some((*version, nonce, body, tag))
}
