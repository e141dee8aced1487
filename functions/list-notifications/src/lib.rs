//! `GET /v1/notifications`: what was told, and what became of it.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListNotifications;
