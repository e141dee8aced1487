//! What is done every quarter of an hour: signs the heads of all audit chains.
//!
//! [`Checkpoint`] is what is kept, [`CheckpointAudit`] makes the next one.

mod checkpoint;
mod handler;

pub use checkpoint::{Checkpoint, Head, Statement, key};
pub use handler::CheckpointAudit;
