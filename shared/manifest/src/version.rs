//! The version of a model.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};

/// `major.minor.patch`, compared number by number. Models have no pre-releases: what is signed is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Changes when inputs or outputs change.
    pub major: u32,
    /// Changes when the model is trained anew.
    pub minor: u32,
    /// Changes when only the manifest does.
    pub patch: u32,
}

/// The text is not three numbers joined by dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidVersion;

impl fmt::Display for InvalidVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be three numbers joined by dots, without leading zeros")
    }
}

impl std::error::Error for InvalidVersion {}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut parts = text.split('.').map(number);
        let mut next = || parts.next().flatten().ok_or(InvalidVersion);
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        if parts.next().is_some() { Err(InvalidVersion) } else { Ok(version) }
    }
}

/// Digits only: `str::parse` alone would also take a sign and leading zeros.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_compare_as_numbers_and_not_as_text() {
        let parse = |text: &str| text.parse::<Version>().unwrap();
        assert!(parse("1.10.0") > parse("1.9.9"));
        assert!(parse("10.0.0") > parse("9.99.99"));
        assert_eq!(parse("1.2.3").to_string(), "1.2.3");
    }

    #[test]
    fn only_three_plain_numbers_are_a_version() {
        for bad in
            ["", "1", "1.2", "1.2.3.4", "1.2.3-rc1", "v1.2.3", "01.2.3", "1.+2.3", "1..3", "1.2.4294967296", "1.2.３"]
        {
            assert_eq!(bad.parse::<Version>(), Err(InvalidVersion), "{bad:?}");
        }
    }
}
