//! Black-box tests: what clients see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

mod alarms;
mod audit;
mod audit_log;
mod bulk;
mod canary;
mod classify;
mod clock;
mod elevation;
mod endurance;
mod erasure;
mod evidence;
mod export;
mod fault_matrix;
mod faults;
mod front_door;
mod goals;
mod harness;
mod house;
mod idempotency;
mod import_faults;
mod imports;
mod ingest;
mod judging;
mod keys;
mod ledger_canary;
mod ledger_faults;
mod matrix;
mod minimisation;
mod notifications;
mod panic;
mod people;
mod pipeline;
mod predict;
mod privacy;
mod ranges;
mod readings;
mod reports;
mod resolutions;
mod retention;
mod rotation;
mod rul;
mod sealing;
mod sensors;
mod slow_bodies;
mod tokens;
mod transaction_lists;
mod transactions;
mod work;
mod world;
