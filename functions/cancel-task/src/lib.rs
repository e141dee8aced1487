//! `POST /v1/tasks/{task_id}/cancel`: approved work is called off.

pub mod handler;

pub use handler::CancelTask;
