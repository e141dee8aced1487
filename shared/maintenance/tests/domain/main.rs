//! The domain of readings through its public interface.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod accepting;
mod aggregating;
mod drifting;
mod forecasting;
mod reading_back;
mod segments;
mod some;
