//! The one gate in front of the model runtime.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

use crate::{Contents, Digest, Manifest, Policy};

/// The manifest format this program reads.
const FORMAT: u32 = 1;

/// A model that may run, with the manifest that says so. There is no way to get one except
/// [`Bundle::verify`], so whoever takes a `Bundle` takes a verified model. The type of its manifest says what the
/// model answers, so a model cannot be loaded where another is expected.
///
/// ```compile_fail
/// # fn forge(manifest: manifest::Manifest, model: &[u8]) -> manifest::Bundle<'_> {
/// manifest::Bundle { manifest, model }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Bundle<'a, M = Manifest> {
    manifest: M,
    model: &'a [u8],
}

/// Why a model may not run. The variants stand in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The manifest is not signed by the release key.
    Signature,
    /// The manifest is signed and is not a manifest of this format.
    Format,
    /// The model's bytes are not those the manifest names.
    Digest,
    /// The model is older than the policy allows.
    Version,
    /// The operator has not allowed this digest.
    NotAllowed,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "the model manifest is not signed by the release key",
            Self::Format => "the model manifest is not in format 1",
            Self::Digest => "the model is not the one its manifest names",
            Self::Version => "the model is older than the minimum version",
            Self::NotAllowed => "the model's digest is not on the allow-list",
        })
    }
}

impl std::error::Error for Rejected {}

impl<'a, M: Contents> Bundle<'a, M> {
    /// Admits `model` when `manifest` is signed with the policy's key, describes exactly these bytes, is
    /// recent enough and allowed. The signature is checked before anything is parsed, over the exact bytes.
    ///
    /// # Errors
    /// [`Rejected`] names the first check that failed.
    pub fn verify(manifest: &[u8], signature: &[u8], model: &'a [u8], policy: &Policy) -> Result<Self, Rejected> {
        UnparsedPublicKey::new(&ED25519, policy.public_key)
            .verify(manifest, signature)
            .map_err(|_| Rejected::Signature)?;
        let manifest = parse::<M>(manifest).ok_or(Rejected::Format)?;
        if manifest.sha256() != Digest::of(model) {
            return Err(Rejected::Digest);
        }
        if manifest.version() < policy.minimum_version {
            return Err(Rejected::Version);
        }
        if !policy.allowed_sha256.contains(&manifest.sha256()) {
            return Err(Rejected::NotAllowed);
        }
        Ok(Self { manifest, model })
    }

    /// What the model is.
    #[must_use]
    pub const fn manifest(&self) -> &M {
        &self.manifest
    }

    /// The model's bytes, fit for the runtime's parser.
    #[must_use]
    pub const fn model(&self) -> &'a [u8] {
        self.model
    }

    /// Leaves the bytes behind once the runtime has taken them.
    #[must_use]
    pub fn into_manifest(self) -> M {
        self.manifest
    }
}

fn parse<M: Contents>(manifest: &[u8]) -> Option<M> {
    // A struct would also be read from a JSON array.
    if manifest.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice::<M>(manifest).ok().filter(|manifest| manifest.format() == FORMAT)
}
