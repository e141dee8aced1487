//! `PUT /v1/calendar`: a tenant says who can do the work, and when.

pub mod handler;

pub use handler::ChangeCalendar;
