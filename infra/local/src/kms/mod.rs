//! KMS: the keys, and how a call reaches its operation.
//!
//! [`keys`] holds key material, states and aliases; [`blob`] is the ciphertext layout, byte by byte;
//! [`crypto_calls`] and [`key_calls`] are the operations. Deliberately absent: grants, key policies, rotation,
//! scheduled deletion, imported material, RSA.

mod blob;
mod crypto_calls;
mod key_calls;
pub(crate) mod keys;

use crate::error::CloudError;
use crate::saved::Saved;
use crate::wire::{Refusal, Service, answer};
use axum::response::Response;
use http::StatusCode;
pub(crate) use key_calls::spec;
use keys::Ring;
use std::path::Path;

/// The service.
pub(crate) struct Kms {
    pub(crate) ring: Saved<Ring>,
}

impl Kms {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, CloudError> {
        Ok(Self { ring: Saved::open(folder, "kms.json")? })
    }

    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Response {
        let result = match operation {
            "CreateKey" => self.create_key(body),
            "DescribeKey" => self.describe_key(body),
            "EnableKey" => self.set_enabled(body, true),
            "DisableKey" => self.set_enabled(body, false),
            "CreateAlias" => self.create_alias(body),
            "ListAliases" => self.list_aliases(body),
            "Encrypt" => self.encrypt(body),
            "Decrypt" => self.decrypt(body),
            "ReEncrypt" => self.re_encrypt(body),
            "GenerateDataKey" => self.generate_data_key(body, true),
            "GenerateDataKeyWithoutPlaintext" => self.generate_data_key(body, false),
            "GenerateMac" => self.generate_mac(body),
            "VerifyMac" => self.verify_mac(body),
            "Sign" => self.sign(body),
            "Verify" => self.verify(body),
            "GetPublicKey" => self.get_public_key(body),
            _ => Err(Refusal::new("UnknownOperationException", format!("{operation} is not part of the local KMS"))),
        };
        match result {
            Ok(json) => answer(Service::Kms, StatusCode::OK, json.to_string()),
            Err(refusal) => refusal.into_response(Service::Kms),
        }
    }
}
