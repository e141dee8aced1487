//! The front door in this process, against a local cloud: what each step lets through and what it refuses.
//!
//! What clients see of the whole product is tested in `tests/tests/all`. These tests link no function, so that a change
//! of the door is judged in seconds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod admitting;
mod answering;
mod cursors;
mod reading;
mod storing;
mod world;
