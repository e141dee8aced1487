//! `POST /v1/drift/check`: whether a sensor measures as it did.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::CheckDrift;
