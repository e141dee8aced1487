//! The tables, against a local cloud.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod audit;
mod subject_keys;
