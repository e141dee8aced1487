//! The operations that use a key.

use super::Kms;
use super::blob::{self, Context, internal, invalid_ciphertext};
use super::keys::{Key, Ring, Spec};
use crate::random;
use crate::wire::{Blob, Refusal, read};
use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answer = Result<Json, Refusal>;

/// The most that one call encrypts, authenticates or signs.
const MESSAGE_LIMIT: usize = 4096;
const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const MAC: &str = "HMAC_SHA_256";
const SIGNATURE: &str = "ECDSA_SHA_256";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt {
    key_id: String,
    plaintext: Blob,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    ciphertext_blob: Blob,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReEncrypt {
    ciphertext_blob: Blob,
    source_key_id: Option<String>,
    #[serde(default)]
    source_encryption_context: Context,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mac {
    key_id: String,
    message: Blob,
    mac_algorithm: String,
    /// Only `VerifyMac` has one.
    mac: Option<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signing {
    key_id: String,
    message: Blob,
    message_type: Option<String>,
    signing_algorithm: String,
    /// Only `Verify` has one.
    signature: Option<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetPublicKey {
    key_id: String,
}

impl Kms {
    pub(super) fn encrypt(&self, body: &[u8]) -> Answer {
        let asked: Encrypt = read(body)?;
        check_algorithm(asked.encryption_algorithm.as_deref(), SYMMETRIC)?;
        check_length("plaintext", &asked.plaintext)?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::Symmetric)?;
            let blob = seal(key, &asked.encryption_context, &asked.plaintext.0)?;
            Ok(json!({ "CiphertextBlob": blob, "KeyId": key.arn(), "EncryptionAlgorithm": SYMMETRIC }))
        })
    }

    pub(super) fn decrypt(&self, body: &[u8]) -> Answer {
        let asked: Decrypt = read(body)?;
        check_algorithm(asked.encryption_algorithm.as_deref(), SYMMETRIC)?;
        self.ring.look(|ring| {
            let (key, plaintext) =
                open(ring, asked.key_id.as_deref(), &asked.encryption_context, &asked.ciphertext_blob)?;
            Ok(json!({ "Plaintext": plaintext, "KeyId": key.arn(), "EncryptionAlgorithm": SYMMETRIC }))
        })
    }

    pub(super) fn re_encrypt(&self, body: &[u8]) -> Answer {
        let asked: ReEncrypt = read(body)?;
        self.ring.look(|ring| {
            let (source, plaintext) =
                open(ring, asked.source_key_id.as_deref(), &asked.source_encryption_context, &asked.ciphertext_blob)?;
            let destination = usable(ring, &asked.destination_key_id, Spec::Symmetric)?;
            let blob = seal(destination, &asked.destination_encryption_context, &plaintext.0)?;
            Ok(json!({
                "CiphertextBlob": blob,
                "SourceKeyId": source.arn(),
                "KeyId": destination.arn(),
                "SourceEncryptionAlgorithm": SYMMETRIC,
                "DestinationEncryptionAlgorithm": SYMMETRIC,
            }))
        })
    }

    pub(super) fn generate_data_key(&self, body: &[u8], with_plaintext: bool) -> Answer {
        let asked: GenerateDataKey = read(body)?;
        let length = match (asked.key_spec.as_deref(), asked.number_of_bytes) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(length)) if (1..=1024).contains(&length) => length,
            _ => {
                return Err(invalid("Please specify either number of bytes or key spec."));
            }
        };
        let plaintext = random::bytes(length)?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::Symmetric)?;
            let blob = seal(key, &asked.encryption_context, &plaintext)?;
            let plaintext = with_plaintext.then_some(Blob(plaintext));
            Ok(json!({ "CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key.arn() }))
        })
    }

    pub(super) fn generate_mac(&self, body: &[u8]) -> Answer {
        let asked: Mac = read(body)?;
        check_algorithm(Some(&asked.mac_algorithm), MAC)?;
        check_length("message", &asked.message)?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::Hmac256)?;
            let tag = hmac::sign(&hmac_key(key), &asked.message.0);
            Ok(json!({ "Mac": Blob(tag.as_ref().to_vec()), "MacAlgorithm": MAC, "KeyId": key.arn() }))
        })
    }

    pub(super) fn verify_mac(&self, body: &[u8]) -> Answer {
        let asked: Mac = read(body)?;
        check_algorithm(Some(&asked.mac_algorithm), MAC)?;
        check_length("message", &asked.message)?;
        let mac = asked.mac.ok_or_else(|| invalid("Mac is required."))?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::Hmac256)?;
            hmac::verify(&hmac_key(key), &asked.message.0, &mac.0)
                .map_err(|_| Refusal::new("KMSInvalidMacException", ""))?;
            Ok(json!({ "MacValid": true, "MacAlgorithm": MAC, "KeyId": key.arn() }))
        })
    }

    pub(super) fn sign(&self, body: &[u8]) -> Answer {
        let asked: Signing = read(body)?;
        let digest = digest(&asked)?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::P256)?;
            let signature = key_pair(key)?.sign_digest(&digest).map_err(|_| internal())?;
            Ok(json!({
                "Signature": Blob(signature.as_ref().to_vec()),
                "SigningAlgorithm": SIGNATURE,
                "KeyId": key.arn(),
            }))
        })
    }

    pub(super) fn verify(&self, body: &[u8]) -> Answer {
        let asked: Signing = read(body)?;
        let digest = digest(&asked)?;
        let signature = asked.signature.ok_or_else(|| invalid("Signature is required."))?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::P256)?;
            let pair = key_pair(key)?;
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref())
                .verify_digest(&digest, &signature.0)
                .map_err(|_| Refusal::new("KMSInvalidSignatureException", ""))?;
            Ok(json!({ "SignatureValid": true, "SigningAlgorithm": SIGNATURE, "KeyId": key.arn() }))
        })
    }

    pub(super) fn get_public_key(&self, body: &[u8]) -> Answer {
        let asked: GetPublicKey = read(body)?;
        self.ring.look(|ring| {
            let key = usable(ring, &asked.key_id, Spec::P256)?;
            let der = AsDer::<PublicKeyX509Der<'_>>::as_der(key_pair(key)?.public_key()).map_err(|_| internal())?;
            Ok(json!({
                "KeyId": key.arn(),
                "PublicKey": Blob(der.as_ref().to_vec()),
                "KeySpec": key.spec,
                "CustomerMasterKeySpec": key.spec,
                "KeyUsage": key.spec.usage(),
                "SigningAlgorithms": [SIGNATURE],
            }))
        })
    }
}

fn usable<'a>(ring: &'a Ring, name: &str, spec: Spec) -> Result<&'a Key, Refusal> {
    let key = ring.find(name)?;
    key.check(spec)?;
    Ok(key)
}

fn seal(key: &Key, context: &Context, plaintext: &[u8]) -> Result<Blob, Refusal> {
    blob::seal(key.id, &key.material.0, context, plaintext).map(Blob)
}

/// Opens a blob under the key it names, which must be the one the caller named, if any.
fn open<'a>(ring: &'a Ring, named: Option<&str>, context: &Context, blob: &Blob) -> Result<(&'a Key, Blob), Refusal> {
    let named = named.map(|name| usable(ring, name, Spec::Symmetric)).transpose()?;
    let id = blob::key_id(&blob.0)?;
    let key = ring.by_id(&id).ok_or_else(invalid_ciphertext)?;
    if named.is_some_and(|named| named.id != key.id) {
        return Err(Refusal::new(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        ));
    }
    key.check(Spec::Symmetric)?;
    let plaintext = blob::open(&key.material.0, context, &blob.0)?;
    Ok((key, Blob(plaintext)))
}

fn hmac_key(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &key.material.0)
}

fn key_pair(key: &Key) -> Result<EcdsaKeyPair, Refusal> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.material.0).map_err(|_| internal())
}

/// The digest to sign: of the message, or the message itself if it already is one.
fn digest(asked: &Signing) -> Result<Digest, Refusal> {
    check_algorithm(Some(&asked.signing_algorithm), SIGNATURE)?;
    match asked.message_type.as_deref() {
        None | Some("RAW") => {
            check_length("message", &asked.message)?;
            Ok(aws_lc_rs::digest::digest(&SHA256, &asked.message.0))
        }
        Some("DIGEST") => Digest::import_less_safe(&asked.message.0, &SHA256)
            .map_err(|_| invalid("Digest is invalid length for algorithm ECDSA_SHA_256.")),
        Some(_) => Err(invalid("MessageType must be RAW or DIGEST.")),
    }
}

fn check_algorithm(asked: Option<&str>, only: &str) -> Result<(), Refusal> {
    match asked {
        Some(asked) if asked != only => {
            Err(Refusal::new("InvalidKeyUsageException", format!("Algorithm {asked} is incompatible with this key.")))
        }
        _ => Ok(()),
    }
}

fn check_length(what: &str, bytes: &Blob) -> Result<(), Refusal> {
    if (1..=MESSAGE_LIMIT).contains(&bytes.0.len()) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value at '{what}' failed to satisfy constraint: Member must have length between 1 and {MESSAGE_LIMIT}"
    )))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}
