//! Sealing, from outside: first by itself, then with keys from a local cloud's KMS. And who presents a key, with a keyring
//! from its Secrets Manager.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod authenticating;
mod data_keys;
mod sealing;
mod secret_cache;
mod signing_secret;
mod tokens;
