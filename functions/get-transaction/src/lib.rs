//! `GET /v1/transactions/{transaction_id}`: one transaction of a person.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::GetTransaction;
