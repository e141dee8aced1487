//! `GET /v1/tasks/{task_id}`: one task.

pub mod handler;

pub use handler::GetTask;
