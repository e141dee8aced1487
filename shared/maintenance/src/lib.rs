//! Readings of sensors, from a client's JSON to a client's JSON, without any I/O.
//!
//! - [`RawReading`] is what a client sent; [`RawReading::accept`] makes it a [`Reading`] or names
//!   every rule it breaks. Nothing below re-validates.
//! - [`Segment`] is how readings are stored: those of one sensor within one hour of one request,
//!   columnar and compressed, behind a header that is read without decoding.
//! - [`read`] turns a sensor's segments back into its readings: unique by timestamp, the last
//!   write wins. [`aggregate`] condenses them; [`summarize`] describes the sensor.
//! - [`drift()`] tells whether recent values are distributed as earlier ones, which may be a stored [`Baseline`].
//! - [`anomaly`] tells which readings are unusual, of one sensor or of several together.
//! - [`forecast()`] tells what a sensor will show, how surely, and when it reaches a limit.
//! - [`work`] is what follows when readings are unusual: alerts, tasks, who does them and when.
//! - [`report`] turns what is stored into figures, tables and pages.
//!
//! Functions and `inference` may depend on this crate; it depends on `kernel` alone. It knows no
//! table, no HTTP and no clock: the time of day is an argument.

mod aggregate;
pub mod anomaly;
mod drift;
mod forecast;
mod hour;
mod raw;
mod reading;
pub mod report;
mod segment;
mod sensor;
mod series;
mod time;
pub mod work;

pub use aggregate::{Bucket, Resolution, aggregate};
pub use drift::{Baseline, BaselineError, Drift, DriftRules, drift};
pub use forecast::{
    Coverage, Crossing, Forecast, ForecastError, ForecastModel, ForecastPoint, Limits, ModelName, TimeToLimit, forecast,
};
pub use hour::HourSummary;
pub use raw::RawReading;
pub use reading::{Reading, SensorType};
pub use segment::{Header, MAX_READINGS, Packed, Segment, SegmentError, pack};
pub use sensor::{Sensor, summarize};
pub use series::{Sample, Written, merge, read};
