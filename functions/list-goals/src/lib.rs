//! `GET /v1/goals`: the goals of a person, and how each is going.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListGoals;
