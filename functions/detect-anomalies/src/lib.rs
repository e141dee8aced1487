//! `POST /v1/anomalies/detect`: which readings are unusual, and why.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::DetectAnomalies;
