//! The ciphertext blob of a symmetric key.
//!
//! ```text
//! offset  length  content
//!      0       1  layout version, 1
//!      1      16  the key's id: the UUID's bytes in network order
//!     17      12  nonce, random for every encryption
//!     29       n  ciphertext, as long as the plaintext (1 to 4096)
//!   29+n      16  AES-256-GCM tag
//! ```
//!
//! The additional data is bytes 0 to 16 of the blob (so neither version nor key id can be changed), then the
//! canonical encryption context: its pairs in byte order of their keys, each as
//! `u32 big-endian length, key, u32 big-endian length, value` in UTF-8. An empty context adds nothing.

use crate::wire::Refusal;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use std::collections::BTreeMap;

/// The encryption context of a request; its order is the canonical one.
pub(super) type Context = BTreeMap<String, String>;

const VERSION: u8 = 1;
const HEADER_LENGTH: usize = 17;
const BODY_OFFSET: usize = HEADER_LENGTH + NONCE_LEN;

/// Encrypts under a 32-byte key.
pub(super) fn seal(id: [u8; 16], material: &[u8], context: &Context, plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut header = vec![VERSION];
    header.extend(id);
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| internal())?;

    let mut body = plaintext.to_vec();
    cipher(material)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(additional_data(&header, context)),
            &mut body,
        )
        .map_err(|_| internal())?;
    let mut blob = header;
    blob.extend(nonce);
    blob.append(&mut body);
    Ok(blob)
}

/// The id of the key a blob was made under; not yet proof of anything.
pub(super) fn key_id(blob: &[u8]) -> Result<[u8; 16], Refusal> {
    match blob.split_first() {
        Some((&VERSION, rest)) => rest.first_chunk().copied().ok_or_else(invalid_ciphertext),
        _ => Err(invalid_ciphertext()),
    }
}

/// Decrypts; any other context, key or byte is an invalid ciphertext.
pub(super) fn open(material: &[u8], context: &Context, blob: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (header, _) = blob.split_at_checked(HEADER_LENGTH).ok_or_else(invalid_ciphertext)?;
    let nonce = blob
        .get(HEADER_LENGTH..BODY_OFFSET)
        .and_then(|bytes| Nonce::try_assume_unique_for_key(bytes).ok())
        .ok_or_else(invalid_ciphertext)?;
    let mut body = blob.get(BODY_OFFSET..).unwrap_or_default().to_vec();
    let plaintext = cipher(material)?
        .open_in_place(nonce, Aad::from(additional_data(header, context)), &mut body)
        .map_err(|_| invalid_ciphertext())?;
    Ok(plaintext.to_vec())
}

fn cipher(material: &[u8]) -> Result<LessSafeKey, Refusal> {
    UnboundKey::new(&AES_256_GCM, material).map(LessSafeKey::new).map_err(|_| internal())
}

fn additional_data(header: &[u8], context: &Context) -> Vec<u8> {
    let mut data = header.to_vec();
    for text in context.iter().flat_map(|(key, value)| [key, value]) {
        // A context is at most 8 KiB, so the length always fits.
        data.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        data.extend(text.as_bytes());
    }
    data
}

/// AWS says no more than this, so that a caller learns nothing about which part was wrong.
pub(super) fn invalid_ciphertext() -> Refusal {
    Refusal::new("InvalidCiphertextException", "")
}

pub(super) fn internal() -> Refusal {
    Refusal::new("KMSInternalException", "the cryptographic library refused")
        .with_status(http::StatusCode::INTERNAL_SERVER_ERROR)
}
