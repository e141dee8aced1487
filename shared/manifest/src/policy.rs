//! What the operator allows to run.

use std::fmt;

use crate::{Digest, Version, digest::bytes_from_hex};

/// Which models may run. The key comes with the program, the rest from the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The Ed25519 public key that releases are signed with.
    pub public_key: [u8; 32],
    /// The oldest version that may run: an old release with a known flaw carries a good signature, too.
    pub minimum_version: Version,
    /// The digests that may run. An empty list allows nothing.
    pub allowed_sha256: Vec<Digest>,
}

/// Which part of a policy's text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidPolicy {
    /// The public key is not 64 hexadecimal digits.
    PublicKey,
    /// The minimum version is not `major.minor.patch`.
    MinimumVersion,
    /// An entry of the allow-list is not a SHA-256 digest.
    AllowedSha256,
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PublicKey => "the release key must be 64 lower-case hexadecimal digits",
            Self::MinimumVersion => "the minimum model version must be major.minor.patch",
            Self::AllowedSha256 => "the allowed model digests must be comma-joined lower-case SHA-256 digests",
        })
    }
}

impl std::error::Error for InvalidPolicy {}

impl Policy {
    /// Reads a policy as files and environment variables spell it: the key in hexadecimal (a line end is
    /// ignored), the version, and the digests joined by commas. An empty list is legal and allows nothing.
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the part that cannot be read. One bad digest refuses the whole list: a typing
    /// error must not quietly shrink it.
    pub fn parse(public_key: &str, minimum_version: &str, allowed_sha256: &str) -> Result<Self, InvalidPolicy> {
        let digests = if allowed_sha256.trim().is_empty() { None } else { Some(allowed_sha256.split(',')) };
        Ok(Self {
            public_key: bytes_from_hex(public_key.trim_end()).ok_or(InvalidPolicy::PublicKey)?,
            minimum_version: minimum_version.parse().map_err(|_| InvalidPolicy::MinimumVersion)?,
            allowed_sha256: digests
                .into_iter()
                .flatten()
                .map(|text| Digest::parse(text.trim()).map_err(|_| InvalidPolicy::AllowedSha256))
                .collect::<Result<_, _>>()?,
        })
    }
}
