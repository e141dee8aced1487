//! `POST /v1/transactions`: a bank message becomes a stored transaction, once.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::RecordTransaction;
