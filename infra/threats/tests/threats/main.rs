//! The gate on the real files, and each of its rules on a small repository that breaks it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fields;
mod pages;
mod real;
mod repository;
mod results;
mod small;
