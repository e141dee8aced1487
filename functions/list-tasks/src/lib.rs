//! `GET /v1/tasks`: the tasks of a tenant.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListTasks;
