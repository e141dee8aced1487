//! Makes tasks of alerts, schedules what is approved and says so: the second stage of the pipeline.
//!
//! It follows the objects that the first stage and operators change. An alert that the policy finds grave enough gets
//! a task; an approved task gets a technician and a time, or the reason why nobody fits. Each step reads what is
//! stored now, and writes on the condition that it is still so: shown twice, or late, a change does nothing. Nothing
//! here can schedule a task that is not approved, because only an approved one can be planned.
//!
//! [`handler`] is what happens; [`outbox`] takes what people and other systems are to be told.

pub mod handler;
pub mod outbox;

pub use handler::WorkOnStream;
