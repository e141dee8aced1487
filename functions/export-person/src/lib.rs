//! `GET /v1/users/{user_id}/export`: everything that is stored about a person.
//!
//! [`contract`] is what clients see; [`handler`] is what happens.

pub mod contract;
pub mod handler;

pub use handler::ExportPerson;
