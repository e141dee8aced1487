//! `POST /v1/transactions/imports`: a file of bank messages is announced.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::StartImport;
