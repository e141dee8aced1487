//! `POST /v1/forecast`: what a sensor will show, and when it reaches a limit.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::Forecast;
