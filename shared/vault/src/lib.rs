//! Secrets and what they protect.
//!
//! - [`aws`]: how every function reaches AWS: one HTTP client, credentials from the environment.
//! - [`ApiKey`]: the format of an API key, and how to mint one.
//! - [`KeySet`]: versioned HMAC keys, as secrets hold them.
//! - [`keyring`]: the shards of hashed API keys, as secrets hold them.
//! - [`SecretCache`]: one secret, fetched when needed and kept for a bounded time.
//! - [`SigningSecrets`]: what a tenant's receiver knows our webhooks by.
//! - [`DataKey`]: seals what is personal for one place in a table, and opens it there.
//! - [`DataKeys`]: the keys of data subjects, which only KMS can unwrap.
//! - [`Authenticator`]: who presents a key, if anyone.
//!
//! `store` and `gate` depend on this crate; it knows neither HTTP requests nor tables. No secret
//! leaves it in a type that can be printed.

mod api_key;
mod authenticator;
pub mod aws;
mod data_keys;
mod key_set;
pub mod keyring;
mod moment;
mod sealing;
mod secret_cache;
mod signing_secret;

pub use api_key::{ApiKey, MintError, looks_like_a_key, shard_of, usage_identifier};
pub use authenticator::{Authenticator, Principal, Refusal};
pub use data_keys::{DataKeys, KeyUnavailable, WrappedKey};
pub use key_set::{KeySet, MalformedKeySet, Tag};
pub use moment::Moment;
pub use sealing::{DataKey, Place, SealError};
pub use secret_cache::{SecretCache, SecretUnavailable};
pub use signing_secret::{NoSigningSecret, SigningSecret, SigningSecrets};
