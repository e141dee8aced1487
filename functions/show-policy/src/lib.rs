//! `GET /v1/policy`: what a tenant wants done about its sensors.

pub mod handler;

pub use handler::ShowPolicy;
