//! `POST /v1/transactions/bulk`: many bank messages become stored transactions, each once.
//!
//! [`contract`] is what clients see; [`handler`] is what happens; [`rows`] files what was sent.

pub mod contract;
pub mod handler;
pub mod rows;

pub use handler::RecordInBulk;
