//! `POST /v1/transactions/classify`: what bank messages say; nothing is stored.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ClassifyTransactions;
