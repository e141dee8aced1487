//! Black-box tests: what clients see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

mod audit;
mod canary;
mod clock;
mod elevation;
mod endurance;
mod evidence;
mod faults;
mod front_door;
mod harness;
mod house;
mod idempotency;
mod ingest;
mod judging;
mod keys;
mod notifications;
mod panic;
mod pipeline;
mod predict;
mod readings;
mod reports;
mod resolutions;
mod retention;
mod rul;
mod sensors;
mod transactions;
mod work;
mod world;
