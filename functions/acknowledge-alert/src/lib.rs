//! `POST /v1/alerts/{alert_id}/acknowledge`: an operator has seen an alert.

pub mod handler;

pub use handler::AcknowledgeAlert;
