//! Why an operation on the keyring failed, in words that tell an operator what to do about it.

use std::{error::Error as _, fmt, iter::successors};

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use jiff::Timestamp;
use kernel::KeyId;
use vault::MintError;

/// An operation on the keyring that failed. No variant carries a key or a hash.
#[derive(Debug)]
pub enum Error {
    /// The expiry is in the past or too far ahead.
    Expiry,
    /// No key can be made for this stage.
    Mint(MintError),
    /// No key is called so.
    UnknownKey(KeyId),
    /// The key was revoked, and that is final.
    Revoked {
        /// The key.
        kid: KeyId,
        /// Since when.
        at: Timestamp,
    },
    /// The key has expired; a new secret for it would be refused.
    Expired {
        /// The key.
        kid: KeyId,
        /// Since when.
        at: Timestamp,
    },
    /// No shard has room for another key.
    KeyringFull,
    /// The shard that must hold this key has no room for the change.
    ShardFull(String),
    /// Other operators changed the secret each time before this change could be stored.
    Contended(String),
    /// The secret is not there.
    MissingSecret(String),
    /// The secret holds something else than it should.
    MalformedSecret(String),
    /// An issuer's address is not one that may be trusted.
    IssuerAddress(String),
    /// An issuer gives no keys.
    IssuerKeys(String),
    /// No issuer with this URL is trusted.
    UnknownIssuer(String),
    /// The table of issuers cannot be read or written.
    IssuersTable(String),
    /// No usage plan has this id.
    UnknownPlan(String),
    /// A key could not be stored, and its usage identifier could not be taken back.
    LeftRegistered {
        /// The name of the API Gateway key that is left.
        name: String,
        /// Why the key could not be stored.
        cause: Box<Error>,
    },
    /// The service cannot be reached.
    Unreachable {
        /// What was being done.
        doing: String,
        /// What failed.
        cause: String,
    },
    /// The credentials do not allow it.
    Denied {
        /// What was being done.
        doing: String,
        /// What the service said.
        cause: String,
    },
    /// Secrets Manager keeps no more versions of the secret for now.
    TooManyVersions(String),
    /// The service refused for another reason.
    Refused {
        /// What was being done.
        doing: String,
        /// What the service said.
        cause: String,
    },
}

impl Error {
    /// What it means that the table of issuers does not answer.
    pub(crate) fn table(error: &store::StoreError) -> Self {
        Self::IssuersTable(error.to_string())
    }

    /// What an AWS call that failed while `doing` something means.
    pub(crate) fn of_call<E>(doing: impl Into<String>, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let doing = doing.into();
        let Some(service) = error.as_service_error() else {
            // Its outermost text only names the kind of failure.
            let causes = successors(error.source(), |&cause| cause.source()).map(ToString::to_string);
            return Self::Unreachable { doing, cause: causes.collect::<Vec<_>>().join(": ") };
        };
        let code = service.code().unwrap_or("unknown error");
        let cause = format!("{code}: {}", service.message().unwrap_or("no message"));
        match code {
            "AccessDeniedException" | "AccessDenied" => Self::Denied { doing, cause },
            _ => Self::Refused { doing, cause },
        }
    }

    /// [`Error::of_call`], for a call about the secret called `id`.
    pub(crate) fn of_secret<E>(doing: &str, id: &str, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("ResourceNotFoundException") => Self::MissingSecret(id.to_owned()),
            Some("LimitExceededException") => Self::TooManyVersions(id.to_owned()),
            _ => Self::of_call(format!("{doing} {id}"), error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expiry => {
                f.write_str("a key must expire in the future and within five years; to end a key at once, revoke it")
            }
            Self::Mint(error) => write!(f, "no key can be made: {error}"),
            Self::UnknownKey(kid) => write!(f, "there is no key {kid} in this stage; `palisade-keys list` shows all"),
            Self::Revoked { kid, at } => write!(f, "the key {kid} was revoked at {at}, which is final; mint a new one"),
            Self::Expired { kid, at } => {
                write!(f, "the key {kid} expired at {at}; give it a later end first, with `palisade-keys expire`")
            }
            Self::KeyringFull => f.write_str("every shard of the keyring is full (a secret holds 64 KiB)"),
            Self::ShardFull(id) => {
                write!(f, "{id} is full (a secret holds 64 KiB); mint a new key, which another shard can take")
            }
            Self::Contended(id) => {
                write!(f, "other operators keep changing {id}; nothing was changed here, try again")
            }
            Self::MissingSecret(id) => write!(
                f,
                "there is no secret {id}: is the stack of this stage deployed in this region, or, with \
                 AWS_ENDPOINT_URL, was the local cloud started for this stage?"
            ),
            Self::MalformedSecret(id) => {
                write!(f, "the secret {id} does not hold what it should; nothing was changed")
            }
            Self::IssuerAddress(address) => write!(f, "{address} is no https address of a host without a user name"),
            Self::IssuerKeys(why) => write!(f, "the issuer gives no keys: {why}; nothing was changed"),
            Self::UnknownIssuer(url) => {
                write!(f, "no issuer {url} is trusted in this stage; `palisade-keys issuer list` shows all")
            }
            Self::IssuersTable(why) => write!(f, "the table of issuers: {why}"),
            Self::UnknownPlan(plan) => {
                write!(f, "there is no usage plan {plan}; the stack's output UsagePlanId names the right one")
            }
            Self::LeftRegistered { name, cause } => {
                write!(f, "{cause}; moreover API Gateway still has an API key {name}, which should be deleted there")
            }
            Self::Unreachable { doing, cause } => write!(
                f,
                "{doing}: no usable answer ({cause}): is the network up, or, with AWS_ENDPOINT_URL, the local cloud?"
            ),
            Self::Denied { doing, cause } => write!(f, "{doing}: these credentials may not ({cause})"),
            Self::TooManyVersions(id) => {
                write!(f, "Secrets Manager takes no more versions of {id} for now; it forgets old ones after 24 hours")
            }
            Self::Refused { doing, cause } => write!(f, "{doing}: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<MintError> for Error {
    fn from(error: MintError) -> Self {
        Self::Mint(error)
    }
}
