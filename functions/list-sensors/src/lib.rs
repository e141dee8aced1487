//! `GET /v1/sensors`: which sensors a tenant has, and the extent of their readings.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ListSensors;
