//! `GET /v1/sensors/{sensor_id}/readings`: readings out, raw or condensed.
//!
//! [`contract`] is what clients see; [`handler`] is what happens; [`page`] gathers one page.

pub mod contract;
pub mod handler;
mod page;

pub use handler::QueryReadings;
