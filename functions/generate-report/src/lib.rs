//! `POST /v1/reports`: figures from what is stored.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::GenerateReport;
