//! `POST /v1/tasks`: an operator asks for work.

pub mod handler;

pub use handler::CreateTask;
