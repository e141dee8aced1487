//! `POST /v1/ingest`: sensor readings in.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::Ingest;
