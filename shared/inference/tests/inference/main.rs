//! The models as the functions use them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod category_model;
mod failure_model;
mod foreign_models;
mod onnx;
mod release;
mod rul_foreign_models;
mod rul_model;
mod rul_release;
mod shapley_values;
