//! Versioned HMAC-SHA-256 keys, as one secret holds them: `{"1": "<text>", "2": "<text>"}`.
//!
//! The highest version signs; every version verifies. Rotation adds a version and removes the
//! oldest once nothing signed by it is left.

use std::{collections::BTreeMap, fmt};

use aws_lc_rs::hmac;
use kernel::Secret;

/// Fewer characters than this are no key: 32 random alphanumeric ones carry 190 bits.
const SHORTEST: usize = 32;

/// A message authentication code and the version of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The version of the key.
    pub version: u32,
    /// HMAC-SHA-256, 32 bytes.
    pub bytes: [u8; 32],
}

/// The secret does not hold a key set. Says nothing of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedKeySet;

impl fmt::Display for MalformedKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the secret is not a JSON object of versioned keys")
    }
}

impl std::error::Error for MalformedKeySet {}

/// One or more HMAC keys by version.
pub struct KeySet {
    current: u32,
    keys: BTreeMap<u32, Secret<hmac::Key>>,
}

impl KeySet {
    /// Reads a key set from the text of its secret.
    ///
    /// # Errors
    /// [`MalformedKeySet`] when it is not an object of at least one version, each at least 32 characters long.
    pub fn parse(text: &str) -> Result<Self, MalformedKeySet> {
        let raw: BTreeMap<u32, String> = serde_json::from_str(text).map_err(|_| MalformedKeySet)?;
        if raw.values().any(|key| key.len() < SHORTEST) {
            return Err(MalformedKeySet);
        }
        let current = *raw.keys().next_back().ok_or(MalformedKeySet)?;
        let key = |text: &String| Secret::new(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()));
        Ok(Self { current, keys: raw.iter().map(|(version, text)| (*version, key(text))).collect() })
    }

    /// Signs the concatenation of `parts` with the current key. Callers delimit the parts.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Tag {
        let bytes = self.compute(self.current, parts).unwrap_or_default();
        Tag { version: self.current, bytes }
    }

    /// Whether `tag` was made over `parts` by one of the keys, compared in constant time.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &Tag) -> bool {
        self.compute(tag.version, parts)
            .is_some_and(|expected| aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &tag.bytes).is_ok())
    }

    /// The version that signs.
    #[must_use]
    pub const fn current(&self) -> u32 {
        self.current
    }

    /// Whether the set holds the key of that version.
    #[must_use]
    pub fn has(&self, version: u32) -> bool {
        self.keys.contains_key(&version)
    }

    fn compute(&self, version: u32, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let mut context = hmac::Context::with_key(self.keys.get(&version)?.reveal());
        for part in parts {
            context.update(part);
        }
        context.sign().as_ref().try_into().ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"1":"0123456789abcdef0123456789abcdef"}"#;
    const TWO: &str = r#"{"1":"0123456789abcdef0123456789abcdef","2":"fedcba9876543210fedcba9876543210"}"#;

    #[test]
    fn what_an_older_version_signed_still_verifies_after_rotation() {
        let tag = KeySet::parse(ONE).unwrap().sign(&[b"a", b"b"]);
        let rotated = KeySet::parse(TWO).unwrap();
        assert!(rotated.verify(&[b"ab"], &tag));
        assert_eq!(rotated.sign(&[b"ab"]).version, 2);
    }

    #[test]
    fn another_message_version_or_tag_does_not_verify() {
        let keys = KeySet::parse(TWO).unwrap();
        let tag = keys.sign(&[b"ab"]);
        assert!(!keys.verify(&[b"ac"], &tag));
        assert!(!keys.verify(&[b"ab"], &Tag { version: 1, ..tag.clone() }));
        assert!(!keys.verify(&[b"ab"], &Tag { version: 3, ..tag.clone() }));
        let mut bytes = tag.bytes;
        bytes[0] ^= 1;
        assert!(!keys.verify(&[b"ab"], &Tag { bytes, ..tag }));
    }

    #[test]
    fn a_secret_that_is_no_key_set_is_refused() {
        for text in ["", "{}", "[]", r#"{"1":"short"}"#, r#"{"x":"0123456789abcdef0123456789abcdef"}"#] {
            assert!(KeySet::parse(text).is_err(), "{text}");
        }
    }
}
