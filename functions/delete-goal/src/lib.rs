//! `DELETE /v1/goals/{goal_id}`: a goal is given up.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::DeleteGoal;
