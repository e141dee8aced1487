//! what is done every few minutes: finishes erasures that stopped halfway, and verifies the others.

pub mod handler;

pub use handler::FinishErasures;
