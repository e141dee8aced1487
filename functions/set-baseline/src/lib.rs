//! `PUT /v1/sensors/{sensor_id}/baseline`: what readings are compared with.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::SetBaseline;
