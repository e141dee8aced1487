//! `GET /v1/settings`: what a tenant says about its ledger.

pub mod handler;

pub use handler::ShowSettings;
