//! `GET /health/ready`: does everything the functions need answer.
//!
//! [`contract`] is what clients see; [`handler`] asks each dependency.

pub mod contract;
pub mod handler;

pub use handler::Ready;
