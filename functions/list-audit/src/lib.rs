//! `GET /v1/audit`: who did or was refused what.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListAudit;
