//! `PUT /v1/transactions/{transaction_id}/category`: what a payment was for, as the person says.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::CategoriseTransaction;
