//! Tells people and other systems what happened, one notification at a time from the queue.
//!
//! What is told and what became of it is one object. Every channel that is still pending is tried; a delivery that is not
//! taken is tried again when the message comes back, five times in all. A notification whose message comes twice is sent
//! once; only when what became of it could not be stored it is sent again, under the same id.
//!
//! [`handler`] is what happens; [`topic`] and [`webhook`] are the channels.

pub mod handler;
pub mod topic;
pub mod webhook;

pub use handler::Notify;
