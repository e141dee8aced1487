//! `GET /v1/transactions/imports/{import_id}`: how far an import is.

pub mod handler;

pub use handler::GetImport;
