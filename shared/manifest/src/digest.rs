//! The digest that names a model.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A SHA-256 digest. Its text is 64 lower-case hexadecimal digits and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDigest;

impl fmt::Display for InvalidDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 64 lower-case hexadecimal digits")
    }
}

impl std::error::Error for InvalidDigest {}

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let mut own = [0; 32];
        // Both sides are 32 bytes long: SHA-256 has no other length.
        own.copy_from_slice(digest.as_ref());
        Self(own)
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`InvalidDigest`] when `text` is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        bytes_from_hex(text).map(Self).ok_or(InvalidDigest)
    }
}

/// Reads 32 bytes written as 64 lower-case hexadecimal digits.
pub(crate) fn bytes_from_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

/// One spelling per digest, so that two texts are equal exactly when the digests are.
const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_digest_reads_back_from_its_own_text() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
    }

    #[test]
    fn every_other_spelling_of_a_digest_is_refused() {
        let text = Digest::of(b"abc").to_string();
        let short = text.get(1..).unwrap();
        for bad in ["", short, &text.to_uppercase(), &format!("{text}0"), &format!(" {text}"), &format!("+{short}")] {
            assert_eq!(Digest::parse(bad), Err(InvalidDigest), "{bad:?}");
        }
        assert_eq!(Digest::parse(&"é".repeat(32)), Err(InvalidDigest));
    }
}
