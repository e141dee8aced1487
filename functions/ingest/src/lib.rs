//! `POST /v1/ingest`: sensor readings in.
//!
//! [`contract`] is what clients see; [`handler`] is what happens; [`retention`] is for how long.

pub mod contract;
pub mod handler;
pub mod retention;

pub use handler::Ingest;
