//! `PUT /v1/policy`: a tenant says what it wants done about its sensors.

pub mod handler;

pub use handler::ChangePolicy;
