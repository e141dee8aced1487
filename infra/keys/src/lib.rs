//! What an operator does to API keys: mint, list, show, rotate, expire and revoke them in the keyring's secrets; and to
//! the issuers of bearer tokens: trust, list and remove them.
//!
//! - [`Keyring`]: the operations, on the keyring of one stage.
//! - [`Order`]: what a key to mint shall be.
//! - [`Issued`]: a new key, in the only place where its secret exists.
//! - [`Entry`]: what may be shown of a key that exists.
//! - [`Issuers`]: who else may say who asks, in the table of issuers.
//! - `shard_secret`: changes a shard without losing what another operator changes meanwhile.
//! - `usage_plan`: the key's usage identifier at API Gateway.
//!
//! The command `palisade-keys` wires them to a terminal; tests and scripts call them directly. Nothing that is
//! deployed depends on this crate. It never stores or logs a key, only its HMAC, and never shows an HMAC.

mod entry;
mod error;
mod issuers;
mod keyring;
mod order;
mod shard_secret;
mod usage_plan;

pub use entry::{Entry, LiveSecret, Status};
pub use error::Error;
pub use issuers::Issuers;
pub use keyring::{Issued, Keyring, SHARDS};
pub use order::{InvalidName, LONGEST_LIFE, Name, Order};
