//! `POST /v1/decisions`: an operator decides about a task.

pub mod handler;

pub use handler::Decide;
