//! The domain of readings through its public interface.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod accepting;
mod aggregating;
mod reading_back;
mod report;
mod report_forms;
mod report_some;
mod report_work;
mod segments;
mod some;
