//! Judges readings as they are stored: the first stage of the pipeline.
//!
//! For each sensor the stream's segments are judged in their order by the detector whose state is kept beside the
//! sensor's segments. What is unusual opens an alert or extends the one of the same episode; the hours that the
//! segment lies in are summarised anew. State, alerts and summaries are written in one transaction, and the state
//! names the last change that it has seen: shown twice, a change does nothing.
//!
//! Readings older than the last judged one are summarised and not judged: the detector only goes forward.
//!
//! [`handler`] is what happens; [`memory`] is what is remembered of a sensor; [`episode`] keeps its alerts.

pub mod episode;
pub mod handler;
pub mod memory;

pub use handler::DetectOnStream;
