//! `PUT /v1/goals/{goal_id}`: what a person wants to do with their money.

pub mod handler;

pub use handler::ChangeGoal;
