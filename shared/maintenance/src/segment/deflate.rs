//! Compression where it helps.

use std::borrow::Cow;

use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use super::SegmentError;

/// The library's default balance of size and time.
const LEVEL: u8 = 6;
/// Shorter sections hardly ever shrink.
const WORTH_TRYING: usize = 32;

/// `plain` deflated when that is shorter, else as it is.
pub(super) fn smaller(plain: &[u8]) -> Cow<'_, [u8]> {
    if plain.len() < WORTH_TRYING {
        return Cow::Borrowed(plain);
    }
    let deflated = compress_to_vec(plain, LEVEL);
    if deflated.len() < plain.len() { Cow::Owned(deflated) } else { Cow::Borrowed(plain) }
}

/// The inverse. `length` is what must come out, and the most memory that this takes.
pub(super) fn inflate(stored: &[u8], length: usize) -> Result<Cow<'_, [u8]>, SegmentError> {
    if stored.len() == length {
        return Ok(Cow::Borrowed(stored));
    }
    match decompress_to_vec_with_limit(stored, length) {
        Ok(plain) if plain.len() == length => Ok(Cow::Owned(plain)),
        _ => Err(SegmentError::Malformed("a section does not inflate")),
    }
}
