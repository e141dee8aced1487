//! Signatures of webhooks as <https://www.standardwebhooks.com> describes them.

use std::fmt;

use aws_lc_rs::hmac;
use aws_sdk_kms::{Client, primitives::Blob, types::MacAlgorithmSpec};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use kernel::{Secret, Tenant};

use crate::aws::reason;

/// Makes the signing secret of each tenant out of its name, with a key that never leaves KMS. So no secret is stored,
/// and whoever may use the key can tell a tenant's secret again.
pub struct SigningSecrets {
    client: Client,
    key: String,
}

/// The secret cannot be had. `Display` is for the log.
#[derive(Clone, Debug)]
pub struct NoSigningSecret(String);

impl fmt::Display for NoSigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signing secret: {}", self.0)
    }
}

impl std::error::Error for NoSigningSecret {}

impl SigningSecrets {
    /// Made with the key of this id, ARN or alias, an HMAC key of 256 bits.
    #[must_use]
    pub const fn new(client: Client, key: String) -> Self {
        Self { client, key }
    }

    /// The secret of a tenant.
    ///
    /// # Errors
    /// When KMS does not answer.
    pub async fn of(&self, tenant: &Tenant) -> Result<SigningSecret, NoSigningSecret> {
        let answer = self
            .client
            .generate_mac()
            .key_id(&self.key)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(format!("palisade webhook v1 {tenant}")))
            .send()
            .await
            .map_err(|error| NoSigningSecret(reason(&error)))?;
        let mac = answer.mac().map(|mac| <[u8; 32]>::try_from(mac.as_ref()));
        match mac {
            Some(Ok(bytes)) => Ok(SigningSecret::new(bytes)),
            _ => Err(NoSigningSecret("KMS made no MAC of 32 bytes".to_owned())),
        }
    }
}

/// What a tenant's receiver knows a webhook by: a key of HMAC-SHA-256.
#[derive(Clone, Debug)]
pub struct SigningSecret(Secret<[u8; 32]>);

impl SigningSecret {
    /// These bytes, which must be random or derived from what is.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The text that receivers are configured with: `whsec_` and the bytes in Base64.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(format!("whsec_{}", BASE64.encode(self.0.reveal())))
    }

    /// The value of the header `webhook-signature`: of the message's id, the time of the attempt in seconds since 1970,
    /// and the body. The id must not be the tenant's choice, because a full stop in it would move the parts.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: &str, body: &str) -> String {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.0.reveal()));
        for part in [id, ".", timestamp, ".", body] {
            context.update(part.as_bytes());
        }
        format!("v1,{}", BASE64.encode(context.sign()))
    }
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::*;

    fn counting() -> SigningSecret {
        SigningSecret::new(array::from_fn(|index| u8::try_from(index).unwrap_or_default()))
    }

    #[test]
    fn a_signature_is_the_one_that_another_implementation_makes() {
        // python3 -c 'import hmac, base64; print(base64.b64encode(hmac.digest(bytes(range(32)),
        //     b"note-0123.1700000000.{\"text\":\"Severity 7: spike\"}", "sha256")).decode())'
        assert_eq!(
            counting().sign("note-0123", "1700000000", r#"{"text":"Severity 7: spike"}"#),
            "v1,yAmxoGLkwVmAmHjb046ZAKiP0T1Cxdm7pn1PxZWes0Q="
        );
    }

    #[test]
    fn a_secret_is_shown_as_receivers_expect_it_and_only_when_asked_for() {
        assert_eq!(counting().text().reveal(), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        assert_eq!(format!("{:?} {:?}", counting(), counting().text()), "SigningSecret(***) ***");
    }
}
