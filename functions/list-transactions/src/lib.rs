//! `GET /v1/transactions`: the transactions of a person, the newest first.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListTransactions;
