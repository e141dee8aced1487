//! `GET /v1/alerts`: the alerts of a tenant.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListAlerts;
