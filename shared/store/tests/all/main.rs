//! The tables, against a local cloud.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod audit;
mod committing;
mod entities;
mod people;
mod requests;
mod subject_keys;
mod tables;
