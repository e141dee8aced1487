//! `GET /v1/calendar`: who can do the work, and when.

pub mod handler;

pub use handler::ShowCalendar;
