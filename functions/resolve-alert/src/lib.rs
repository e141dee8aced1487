//! `POST /v1/alerts/{alert_id}/resolve`: an alert is over.

pub mod handler;

pub use handler::ResolveAlert;
