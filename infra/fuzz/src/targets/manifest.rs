//! Signed manifests of models.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use manifest::{Bundle, CategoryManifest, Contents, Digest, LifeManifest, Manifest, Policy, Rejected, Version};

const MODEL: &[u8] = b"no model, but the bytes of one as far as a manifest goes";
const RELEASE_KEY: &str = include_str!("../../../models/release.pub");
const RELEASED: &[u8] = include_bytes!("../../../models/failure/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../models/failure/manifest.sig");
const RELEASED_MODEL: &[u8] = include_bytes!("../../../models/failure/model.onnx");

/// The key that the bytes are signed with.
pub(crate) fn signer() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap()
}

/// The first byte says what model the rest is the manifest of. Nothing but the released manifest is taken with its
/// signature. Signed by us, it is taken if it is a manifest of these very bytes, and then not with other bytes, an
/// older version than is wanted, or a digest that nobody has allowed.
pub fn manifest(bytes: &[u8]) -> bool {
    let Some((kind, manifest)) = bytes.split_first() else { return false };
    let released = policy(RELEASE_KEY, "0.0.0", Digest::of(RELEASED_MODEL));
    let verified = Bundle::<Manifest>::verify(manifest, SIGNATURE, RELEASED_MODEL, &released);
    assert_eq!(verified.map(drop).err(), (manifest != RELEASED).then_some(Rejected::Signature));
    match kind {
        b'f' => check::<Manifest>(manifest),
        b'c' => check::<CategoryManifest>(manifest),
        b'l' => check::<LifeManifest>(manifest),
        _ => false,
    }
}

fn check<M: Contents>(manifest: &[u8]) -> bool {
    let signer = signer();
    let signature = signer.sign(manifest);
    let signature = signature.as_ref();
    let public: [u8; 32] = signer.public_key().as_ref().try_into().unwrap();
    let policy = Policy { public_key: public, ..policy(RELEASE_KEY, "0.0.0", Digest::of(MODEL)) };
    let refusal = |manifest: &[u8], signature: &[u8], model, policy: &Policy| {
        Bundle::<M>::verify(manifest, signature, model, policy).map(drop).err()
    };
    let mut forged = signature.to_vec();
    forged[manifest.len() % 64] ^= 1;
    assert_eq!(refusal(manifest, &forged, MODEL, &policy), Some(Rejected::Signature));
    assert_eq!(refusal(&[manifest, b" "].concat(), signature, MODEL, &policy), Some(Rejected::Signature));
    let Ok(bundle) = Bundle::<M>::verify(manifest, signature, MODEL, &policy) else { return false };
    let version = bundle.manifest().version();
    assert_eq!((bundle.manifest().format(), bundle.model()), (1, MODEL));
    assert_eq!(bundle.manifest().sha256(), Digest::of(MODEL));
    assert_eq!(version.to_string().parse(), Ok(version));
    let newer =
        Policy { minimum_version: Version { patch: version.patch.saturating_add(1), ..version }, ..policy.clone() };
    if newer.minimum_version > version {
        assert_eq!(refusal(manifest, signature, MODEL, &newer), Some(Rejected::Version));
    }
    let nothing = Policy { allowed_sha256: Vec::new(), ..policy.clone() };
    assert_eq!(refusal(manifest, signature, MODEL, &nothing), Some(Rejected::NotAllowed));
    assert_eq!(refusal(manifest, signature, &MODEL[1..], &policy), Some(Rejected::Digest));
    true
}

fn policy(key: &str, minimum: &str, allowed: Digest) -> Policy {
    Policy::parse(key, minimum, &allowed.to_string()).unwrap()
}
