//! Puts deferred tasks up for a decision again when their time has come, once every few minutes.

pub mod handler;

pub use handler::ResumeTasks;
