//! Watches the distributions that a tenant's policy names, once an hour.
//!
//! The newest readings of each such sensor are compared with those before or with its baseline. Drift opens an alert or
//! extends the one of the same episode; alert and memory are written in one transaction, and the memory names the last
//! reading that was judged, so that a window is judged once.
//!
//! [`handler`] is what happens; [`memory`] is what is remembered of a sensor.

pub mod handler;
pub mod memory;

pub use handler::WatchDrift;
