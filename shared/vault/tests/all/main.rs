//! Sealing, from outside: first by itself, then with keys from a local cloud's KMS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod data_keys;
mod sealing;
