//! Readings of sensors, from a client's JSON to a client's JSON, without any I/O.
//!
//! - [`RawReading`] is what a client sent; [`RawReading::accept`] makes it a [`Reading`] or names
//!   every rule it breaks. Nothing below re-validates.
//! - [`Segment`] is how readings are stored: those of one sensor within one hour of one request,
//!   columnar and compressed, behind a header that is read without decoding.
//! - [`read`] turns a sensor's segments back into its readings: unique by timestamp, the last
//!   write wins. [`aggregate`] condenses them; [`summarize`] describes the sensor.
//! - [`anomaly`] says which readings are unusual, in a batch or as they come.
//!
//! Functions and `inference` may depend on this crate; it depends on `kernel` alone. It knows no
//! table, no HTTP and no clock: the time of day is an argument.

mod aggregate;
pub mod anomaly;
mod raw;
mod reading;
mod segment;
mod sensor;
mod series;
mod time;

pub use aggregate::{Bucket, Resolution, aggregate};
pub use raw::RawReading;
pub use reading::{Reading, SensorType};
pub use segment::{Header, MAX_READINGS, Packed, Segment, SegmentError, pack};
pub use sensor::{Sensor, summarize};
pub use series::{Sample, Written, merge, read};
pub use time::parse_timestamp;
