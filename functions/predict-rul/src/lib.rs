//! `POST /v1/rul`: how long will this engine last.
//!
//! [`contract`] is what clients see; [`handler`] is what happens; [`bundled`] is the model.

pub mod bundled;
pub mod contract;
pub mod handler;

pub use handler::PredictRul;
