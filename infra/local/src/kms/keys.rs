//! Keys, their states, and the aliases that name them.

use super::blob::internal;
use crate::random;
use crate::wire::{ACCOUNT, Blob, REGION, Refusal, now};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a key is for. The serialised names are those of `KeySpec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Spec {
    /// AES-256-GCM: `ENCRYPT_DECRYPT`.
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    /// HMAC-SHA-256: `GENERATE_VERIFY_MAC`.
    #[serde(rename = "HMAC_256")]
    Hmac256,
    /// ECDSA on P-256 with SHA-256: `SIGN_VERIFY`.
    #[serde(rename = "ECC_NIST_P256")]
    P256,
}

impl Spec {
    /// The only `KeyUsage` the spec allows.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Symmetric => "ENCRYPT_DECRYPT",
            Self::Hmac256 => "GENERATE_VERIFY_MAC",
            Self::P256 => "SIGN_VERIFY",
        }
    }

    fn generate(self) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Symmetric | Self::Hmac256 => Ok(random::bytes(32)?),
            Self::P256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
                .and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec()))
                .map_err(|_| internal()),
        }
    }
}

/// One key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(super) id: [u8; 16],
    pub(super) spec: Spec,
    pub(super) enabled: bool,
    pub(super) description: String,
    pub(super) created: f64,
    /// 32 bytes, or PKCS#8 for a key pair.
    pub(super) material: Blob,
}

impl Key {
    pub(crate) fn id_text(&self) -> String {
        random::uuid_text(&self.id)
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{}", self.id_text())
    }

    /// The key may be used for this now.
    pub(super) fn check(&self, spec: Spec) -> Result<(), Refusal> {
        if !self.enabled {
            return Err(Refusal::new("DisabledException", format!("{} is disabled.", self.arn())));
        }
        if self.spec != spec {
            return Err(Refusal::new(
                "InvalidKeyUsageException",
                format!("{} key usage is {} which is not valid for this operation.", self.arn(), self.spec.usage()),
            ));
        }
        Ok(())
    }
}

/// Every key and alias.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Ring {
    /// By the id's text.
    keys: BTreeMap<String, Key>,
    /// `alias/name` to the id's text.
    aliases: BTreeMap<String, String>,
}

impl Ring {
    pub(crate) fn create(&mut self, spec: Spec, description: String, enabled: bool) -> Result<&Key, Refusal> {
        let key =
            Key { id: random::uuid()?, spec, enabled, description, created: now(), material: Blob(spec.generate()?) };
        Ok(self.keys.entry(key.id_text()).or_insert(key))
    }

    /// Finds by id, key ARN, `alias/name` or alias ARN.
    pub(crate) fn find(&self, name: &str) -> Result<&Key, Refusal> {
        let id = self.resolve(name)?;
        self.keys.get(id).ok_or_else(|| missing_key(name))
    }

    pub(super) fn find_mut(&mut self, name: &str) -> Result<&mut Key, Refusal> {
        let id = self.resolve(name)?.to_owned();
        self.keys.get_mut(&id).ok_or_else(|| missing_key(name))
    }

    /// The key a blob names.
    pub(super) fn by_id(&self, id: &[u8; 16]) -> Option<&Key> {
        self.keys.get(&random::uuid_text(id))
    }

    pub(crate) fn aliases(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.aliases.iter().filter_map(|(name, id)| Some((name.as_str(), self.keys.get(id)?)))
    }

    pub(crate) fn create_alias(&mut self, name: &str, key: &str) -> Result<(), Refusal> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
        let is_legal = name.strip_prefix("alias/").is_some_and(|rest| !rest.is_empty() && rest.chars().all(legal));
        if !is_legal || name.starts_with("alias/aws/") {
            return Err(Refusal::new("InvalidAliasNameException", "Invalid alias name"));
        }
        if self.aliases.contains_key(name) {
            return Err(Refusal::new(
                "AlreadyExistsException",
                format!("An alias with the name {} already exists", alias_arn(name)),
            ));
        }
        let id = self.find(key)?.id_text();
        self.aliases.insert(name.to_owned(), id);
        Ok(())
    }

    fn resolve<'a>(&'a self, name: &'a str) -> Result<&'a str, Refusal> {
        let prefix = format!("arn:aws:kms:{REGION}:{ACCOUNT}:");
        let local = name.strip_prefix(prefix.as_str()).unwrap_or(name);
        if local.starts_with("alias/") {
            return self
                .aliases
                .get(local)
                .map(String::as_str)
                .ok_or_else(|| Refusal::new("NotFoundException", format!("Alias {} is not found.", alias_arn(local))));
        }
        Ok(local.strip_prefix("key/").unwrap_or(local))
    }
}

pub(super) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}")
}

fn missing_key(name: &str) -> Refusal {
    let arn =
        if name.starts_with("arn:") { name.to_owned() } else { format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}") };
    Refusal::new("NotFoundException", format!("Key '{arn}' does not exist"))
}
