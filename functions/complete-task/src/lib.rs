//! `POST /v1/tasks/{task_id}/complete`: the work is done.

pub mod handler;

pub use handler::CompleteTask;
