//! `GET /v1/users/{user_id}/recurring`: what a person pays or gets again and again.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListRecurring;
