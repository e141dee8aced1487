//! The format of an API key: `pal_<stage>_<kid>_<secret><checksum>`.
//!
//! | part | characters | meaning |
//! |---|---|---|
//! | `pal` | 3 | says what it is, so that scanners of leaked secrets recognise it |
//! | stage | 1-16 `[a-z0-9]` | the deployment it belongs to |
//! | kid | 12 base62 | its public name; the first character is the number of its keyring shard |
//! | secret | 43 base62 | 256 random bits |
//! | checksum | 6 base62 | CRC-32 of all that precedes it, so that a typing error costs no lookup |

use std::fmt;

use aws_lc_rs::rand;
use kernel::{KeyId, Secret};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "pal_";
const KID: usize = 12;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
const LONGEST_STAGE: usize = 16;

/// A well-formed API key. Whether it is valid only the [`Authenticator`](crate::Authenticator) knows.
pub struct ApiKey {
    kid: KeyId,
    text: Secret<Box<str>>,
}

impl ApiKey {
    /// Accepts a key of `stage` whose format and checksum are right.
    #[must_use]
    pub fn parse(text: &str, stage: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?.strip_prefix(stage)?.strip_prefix('_')?;
        let (kid, tail) = rest.split_once('_')?;
        if kid.len() != KID || tail.len() != SECRET + CHECKSUM || !is_base62(kid) || !is_base62(tail) {
            return None;
        }
        let (signed, checksum) = text.split_at_checked(text.len() - CHECKSUM)?;
        (checksum == self::checksum(signed))
            .then(|| Some(Self { kid: KeyId::parse(kid).ok()?, text: Secret::new(text.into()) }))?
    }

    /// A new key of `stage`, to be kept in keyring shard `shard`.
    ///
    /// # Errors
    /// When the stage cannot be part of a key, the shard has no digit, or the system has no randomness.
    pub fn mint(stage: &str, shard: usize) -> Result<Self, MintError> {
        let digit = *BASE62.get(shard).ok_or(MintError::Shard)?;
        let kid = format!("{}{}", char::from(digit), random(KID - 1)?);
        Self::renew(stage, &KeyId::parse(&kid).map_err(|_| MintError::Kid)?)
    }

    /// A key of `stage` with the public name of an existing one and a new secret.
    ///
    /// # Errors
    /// When the stage or the name cannot be part of a key, or the system has no randomness.
    pub fn renew(stage: &str, kid: &KeyId) -> Result<Self, MintError> {
        let stage_fits = (1..=LONGEST_STAGE).contains(&stage.len())
            && stage.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !stage_fits {
            return Err(MintError::Stage);
        }
        if kid.len() != KID || !is_base62(kid) {
            return Err(MintError::Kid);
        }
        let signed = format!("{PREFIX}{stage}_{kid}_{}", random(SECRET)?);
        let text = format!("{signed}{}", checksum(&signed));
        Ok(Self { kid: kid.clone(), text: Secret::new(text.into()) })
    }

    /// The key's public name.
    #[must_use]
    pub const fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The keyring shard that holds the key's hashes.
    #[must_use]
    pub fn shard(&self) -> usize {
        shard_of(&self.kid)
    }

    /// The whole key: for hashing, and for showing it once to whom it was minted for.
    #[must_use]
    pub const fn text(&self) -> &Secret<Box<str>> {
        &self.text
    }
}

/// Why no key could be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintError {
    /// The stage is not 1 to 16 characters of `[a-z0-9]`.
    Stage,
    /// There is no digit for such a shard.
    Shard,
    /// The public name is not 12 base62 characters.
    Kid,
    /// The system gave no random bytes.
    Randomness,
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stage => "the stage must be 1 to 16 characters of a-z 0-9",
            Self::Shard => "there are at most 62 keyring shards",
            Self::Kid => "a kid is 12 characters of 0-9 A-Z a-z",
            Self::Randomness => "the system gave no random bytes",
        })
    }
}

impl std::error::Error for MintError {}

/// The keyring shard that holds the key called `kid`; `usize::MAX` when no key can be called so.
#[must_use]
pub fn shard_of(kid: &KeyId) -> usize {
    kid.bytes().next().and_then(|digit| BASE62.iter().position(|&b| b == digit)).unwrap_or(usize::MAX)
}

/// What API Gateway's usage plans know the key called `kid` by: at least 20 alphanumerics, as it demands, and nothing
/// of the key's secret. The authorizer names it, `palisade-keys` registers it.
#[must_use]
pub fn usage_identifier(kid: &KeyId) -> String {
    format!("palisade{kid}")
}

/// Whether `bytes` contain something shaped like an API key of any stage. A key anywhere but in
/// its header is a leak in the making: it ends in logs, histories and bookmarks.
#[must_use]
pub fn looks_like_a_key(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, PREFIX).any(|at| {
        let mut parts = bytes.get(at + PREFIX.len()..).unwrap_or_default().split(|&byte| byte == b'_');
        let stage = parts.next().unwrap_or_default();
        let kid = parts.next().unwrap_or_default();
        let tail = parts.next().and_then(|tail| tail.get(..SECRET + CHECKSUM)).unwrap_or_default();
        (1..=LONGEST_STAGE).contains(&stage.len())
            && kid.len() == KID
            && tail.len() == SECRET + CHECKSUM
            && [stage, kid, tail].concat().iter().all(u8::is_ascii_alphanumeric)
    })
}

fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn checksum(signed: &str) -> String {
    let mut rest = crc32fast::hash(signed.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get(rest % 62).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// `count` characters, each one of 62 with equal probability.
fn random(count: usize) -> Result<String, MintError> {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let mut bytes = [0u8; 64];
        rand::fill(&mut bytes).map_err(|_| MintError::Randomness)?;
        // 248 is the largest multiple of 62 in a byte; what lies above would favour the first digits.
        let unbiased = bytes.iter().filter(|&&byte| byte < 248).filter_map(|byte| BASE62.get(usize::from(byte % 62)));
        text.extend(unbiased.copied().map(char::from).take(count - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KID_TEXT: &str = "0abcdefghijk";

    /// A text whose checksum is right, whatever else is wrong.
    fn checked(kid: &str, secret: &str) -> String {
        let signed = format!("pal_dev_{kid}_{secret}");
        format!("{signed}{}", checksum(&signed))
    }

    #[test]
    fn a_right_checksum_does_not_make_a_key_of_a_wrong_form() {
        let secret = |length: usize| "s".repeat(length);
        let parses = |kid: &str, secret: &str| ApiKey::parse(&checked(kid, secret), "dev").is_some();
        assert!(parses(KID_TEXT, &secret(43)));
        for kid in ["0abcdefghij", "0abcdefghijkl", "0abcdefghij-"] {
            assert!(!parses(kid, &secret(43)), "{kid}");
        }
        for secret in [secret(42), secret(44), format!("{}-", secret(42))] {
            assert!(!parses(KID_TEXT, &secret), "{secret}");
        }
    }

    #[test]
    fn what_looks_like_a_key_is_found_anywhere_and_nothing_else_is() {
        let tail = "t".repeat(49);
        let key = format!("pal_dev_{KID_TEXT}_{tail}");
        for text in [key.clone(), format!("a pal_ b {key}, c"), format!("pal_{}_{KID_TEXT}_{tail}", "s".repeat(16))] {
            assert!(looks_like_a_key(text.as_bytes()), "{text}");
        }
        for text in [
            String::new(),
            "pal_dev".to_owned(),
            format!("pal__{KID_TEXT}_{tail}"),
            format!("pal_{}_{KID_TEXT}_{tail}", "s".repeat(17)),
            format!("pal_dev_0abcdefghij_{tail}"),
            format!("pal_dev_0abcdefghijkl_{tail}"),
            format!("pal_dev_0abcdefghij-_{tail}"),
            format!("pal_dev_{KID_TEXT}"),
            format!("pal_dev_{KID_TEXT}_{}", "t".repeat(48)),
            format!("pal_dev_{KID_TEXT}_{}-", "t".repeat(48)),
            format!("dev_{KID_TEXT}_{tail}"),
        ] {
            assert!(!looks_like_a_key(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn random_characters_are_as_many_as_asked_for_and_equally_likely() {
        for count in [0, 1, 11, 43, 61, 62, 63, 64, 65, 100, 200, 300, 400] {
            assert_eq!(random(count).unwrap().len(), count);
        }
        let drawn = random(124_000).unwrap();
        for &character in BASE62 {
            let times = drawn.bytes().filter(|byte| *byte == character).count();
            // 2000 are expected, with a standard deviation of 44.
            assert!((1_700..2_300).contains(&times), "{}: {times}", char::from(character));
        }
    }

    proptest! {
        #[test]
        fn a_minted_key_parses_in_its_own_stage_only(stage in "[a-z0-9]{1,16}", shard in 0usize..62) {
            let key = ApiKey::mint(&stage, shard).unwrap();
            let parsed = ApiKey::parse(key.text().reveal(), &stage).unwrap();
            prop_assert_eq!(parsed.kid(), key.kid());
            prop_assert_eq!(parsed.shard(), shard);
            let longer = format!("{stage}0");
            prop_assert!(ApiKey::parse(key.text().reveal(), &longer).is_none());
            let query = format!("x=1&y={}&z", key.text().reveal());
            prop_assert!(looks_like_a_key(query.as_bytes()));
        }

        #[test]
        fn a_renewed_key_keeps_its_name_and_nothing_else(shard in 0usize..62) {
            let old = ApiKey::mint("dev", shard).unwrap();
            let new = ApiKey::renew("dev", old.kid()).unwrap();
            prop_assert_eq!(new.kid(), old.kid());
            prop_assert_ne!(new.text().reveal(), old.text().reveal());
            prop_assert!(ApiKey::parse(new.text().reveal(), "dev").is_some());
        }

        #[test]
        fn a_usage_identifier_is_what_api_gateway_takes(shard in 0usize..62) {
            let key = ApiKey::mint("dev", shard).unwrap();
            let identifier = usage_identifier(key.kid());
            prop_assert!((20..=128).contains(&identifier.len()) && is_base62(&identifier));
        }

        #[test]
        fn any_one_changed_character_is_refused(at in any::<prop::sample::Index>(), with in "[0-9A-Za-z]") {
            let key = ApiKey::mint("dev", 0).unwrap();
            let mut text = key.text().reveal().to_string();
            let at = at.index(text.len());
            prop_assume!(text[at..=at] != with);
            text.replace_range(at..=at, &with);
            prop_assert!(ApiKey::parse(&text, "dev").is_none());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,90}") {
            prop_assert!(ApiKey::parse(&text, "dev").is_none());
            let _ = looks_like_a_key(text.as_bytes());
        }
    }
}
