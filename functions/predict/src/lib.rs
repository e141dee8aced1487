//! `POST /v1/predict`: will this machine fail, how, and why.
//!
//! [`contract`] is what clients see; [`handler`] is what happens; [`bundled`] is the model.

pub mod bundled;
pub mod contract;
pub mod handler;

pub use handler::Predict;
