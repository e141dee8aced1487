//! `GET /v1/reports/{report_id}`: a report as it was generated.

pub mod handler;

pub use handler::GetReport;
