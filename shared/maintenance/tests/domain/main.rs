//! The domain of readings through its public interface.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod accepting;
mod aggregating;
mod anomalies;
mod drifting;
mod forecasting;
mod reading_back;
mod report;
mod report_forms;
mod report_some;
mod report_work;
mod segments;
mod some;
mod work_alerts;
mod work_planning;
mod work_policy;
mod work_requests;
mod work_some;
mod work_tasks;
mod work_webhook;
