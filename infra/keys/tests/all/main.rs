//! The operator's command for API keys, against a local cloud made from the template: what it stores is what the
//! functions' own authenticator accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod command;
mod contention;
mod lifecycle;
mod minting;
mod room;
mod usage_plan;
mod world;
