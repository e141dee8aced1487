//! The operations on keys and aliases themselves.

use super::Kms;
use super::keys::{Key, Ring, Spec, alias_arn};
use crate::wire::{ACCOUNT, Refusal, read};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answer = Result<Json, Refusal>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateKey {
    key_spec: Option<String>,
    key_usage: Option<String>,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneKey {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateAlias {
    alias_name: String,
    target_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListAliases {
    key_id: Option<String>,
}

/// The spec that `KeySpec` and `KeyUsage` ask for, with AWS's defaults.
pub(crate) fn spec(key_spec: Option<&str>, key_usage: Option<&str>) -> Result<Spec, Refusal> {
    let refuse = |message: String| Refusal::new("ValidationException", message);
    let spec = match key_spec {
        None | Some("SYMMETRIC_DEFAULT") => Spec::Symmetric,
        Some("HMAC_256") => Spec::Hmac256,
        Some("ECC_NIST_P256") => Spec::P256,
        Some(other) => {
            return Err(refuse(format!("the local KMS has no keys of the spec {other}")));
        }
    };
    if key_usage.unwrap_or("ENCRYPT_DECRYPT") == spec.usage() {
        return Ok(spec);
    }
    Err(refuse(format!("The specified KeySpec needs the KeyUsage {}.", spec.usage())))
}

impl Kms {
    pub(super) fn create_key(&self, body: &[u8]) -> Answer {
        let asked: CreateKey = read(body)?;
        let spec = spec(asked.key_spec.as_deref(), asked.key_usage.as_deref())?;
        self.ring.change(|ring: &mut Ring| {
            let key = ring.create(spec, asked.description, true)?;
            Ok(json!({ "KeyMetadata": metadata(key) }))
        })
    }

    pub(super) fn describe_key(&self, body: &[u8]) -> Answer {
        let asked: OneKey = read(body)?;
        self.ring.look(|ring| {
            let key = ring.find(&asked.key_id)?;
            Ok(json!({ "KeyMetadata": metadata(key) }))
        })
    }

    pub(super) fn set_enabled(&self, body: &[u8], enabled: bool) -> Answer {
        let asked: OneKey = read(body)?;
        self.ring.change(|ring: &mut Ring| {
            ring.find_mut(&asked.key_id)?.enabled = enabled;
            Ok(json!({}))
        })
    }

    pub(super) fn create_alias(&self, body: &[u8]) -> Answer {
        let asked: CreateAlias = read(body)?;
        self.ring.change(|ring: &mut Ring| {
            ring.create_alias(&asked.alias_name, &asked.target_key_id)?;
            Ok(json!({}))
        })
    }

    /// All aliases in one page: a local cloud has a handful.
    pub(super) fn list_aliases(&self, body: &[u8]) -> Answer {
        let asked: ListAliases = read(body)?;
        self.ring.look(|ring| {
            let only = match &asked.key_id {
                Some(name) => Some(ring.find(name)?.id_text()),
                None => None,
            };
            let aliases: Vec<Json> = ring
                .aliases()
                .filter(|(_, key)| only.as_ref().is_none_or(|id| key.id_text() == *id))
                .map(|(name, key)| {
                    json!({ "AliasName": name, "AliasArn": alias_arn(name), "TargetKeyId": key.id_text() })
                })
                .collect();
            Ok(json!({ "Aliases": aliases, "Truncated": false }))
        })
    }
}

fn metadata(key: &Key) -> Json {
    let (member, algorithm) = match key.spec {
        Spec::Symmetric => ("EncryptionAlgorithms", "SYMMETRIC_DEFAULT"),
        Spec::Hmac256 => ("MacAlgorithms", "HMAC_SHA_256"),
        Spec::P256 => ("SigningAlgorithms", "ECDSA_SHA_256"),
    };
    json!({
        "AWSAccountId": ACCOUNT,
        "KeyId": key.id_text(),
        "Arn": key.arn(),
        "CreationDate": key.created,
        "Enabled": key.enabled,
        "Description": key.description,
        "KeyUsage": key.spec.usage(),
        "KeyState": if key.enabled { "Enabled" } else { "Disabled" },
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": key.spec,
        "CustomerMasterKeySpec": key.spec,
        "MultiRegion": false,
        (member): [algorithm],
    })
}
