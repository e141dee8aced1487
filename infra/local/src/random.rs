//! Randomness, from the same library that encrypts.

use aws_lc_rs::rand;
use std::io;

/// `length` random bytes.
pub(crate) fn bytes(length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(bytes)
}

/// `length` characters of an ASCII alphabet, each equally likely.
pub(crate) fn text(alphabet: &[u8], length: usize) -> io::Result<String> {
    let mut text = String::with_capacity(length);
    // The largest multiple of the alphabet's size below 256: bytes above it would favour the first letters.
    let fair = 256 / alphabet.len().max(1) * alphabet.len();
    while text.len() < length {
        for byte in bytes(length)? {
            let index = usize::from(byte);
            if index < fair
                && text.len() < length
                && let Some(letter) = alphabet.get(index % alphabet.len())
            {
                text.push(char::from(*letter));
            }
        }
    }
    Ok(text)
}

/// A random (version 4) UUID.
pub(crate) fn uuid() -> io::Result<[u8; 16]> {
    let mut id = [0; 16];
    rand::fill(&mut id).map_err(|_| io::Error::other("no randomness"))?;
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
    Ok(id)
}

/// Writes a UUID the usual way.
pub(crate) fn uuid_text(id: &[u8; 16]) -> String {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    [hex.get(0..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..32)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("-")
}
