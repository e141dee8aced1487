//! Goals and recurrence through their public interface.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod accepting;
mod counting;
mod recurring;
mod some;
mod standing;
