//! Secrets and what they protect.
//!
//! - [`aws`]: how every function reaches AWS: one HTTP client, credentials from the environment.
//! - [`until`]: keeps all calls to AWS within the time of an invocation.
//! - [`ApiKey`]: the format of an API key, and how to mint one.
//! - [`KeySet`]: versioned HMAC keys, as secrets hold them.
//! - [`keyring`]: the shards of hashed API keys, as secrets hold them.
//! - [`Cached`]: one value, fetched when needed and kept for a bounded time; [`SecretCache`]: one secret.
//! - [`SigningSecrets`]: what a tenant's receiver knows our webhooks by.
//! - [`DataKey`]: seals what is personal for one place in a table, and opens it there.
//! - [`DataKeys`]: the keys of data subjects, which only KMS can unwrap.
//! - [`Authenticator`]: who presents a key, if anyone. [`verify`]: who presents a token of a tenant's issuer.
//!
//! `store` and `gate` depend on this crate; it knows neither HTTP requests nor tables. No secret
//! leaves it in a type that can be printed.

mod api_key;
mod authenticator;
pub mod aws;
mod cached;
mod data_keys;
mod deadline;
mod key_set;
pub mod keyring;
mod moment;
mod sealing;
mod secret_cache;
mod signing_secret;
mod token;

pub use api_key::{ApiKey, MintError, looks_like_a_key, shard_of, usage_identifier};
pub use authenticator::{Authenticator, Principal, Refusal};
pub use cached::{Cached, STALE, Unavailable};
pub use data_keys::{DataKeys, KeyUnavailable, WrappedKey};
pub use deadline::until;
pub use key_set::{KeySet, MalformedKeySet, Tag};
pub use moment::Moment;
pub use sealing::{DataKey, Place, SealError};
pub use secret_cache::SecretCache;
pub use signing_secret::{NoSigningSecret, SigningSecret, SigningSecrets};
pub use token::{Issuer, TrustedIssuer, VerifyingKeys, verify};
