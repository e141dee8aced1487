//! The HTTP contract as the code has it: the OpenAPI document, and a page of it for people.
//!
//! | room | what is there |
//! |---|---|
//! | `operations` | every route: what its endpoint declares, and what must be said in words, with examples |
//! | `schemas` | the handlers' types as JSON Schema |
//! | `faults` | what each problem code means and what to do about it |
//! | `guide` | what holds for every route |
//! | `document` | the OpenAPI 3.1 document, put together from these |
//! | `page` | the document as one HTML page without scripts |
//! | `json` | the document as text, in an order people can read and review |
//!
//! `cargo run -p palisade-contract` writes both into `functions/describe-api`, which serves them as
//! they are. Nothing may depend on this crate. It never describes by hand what a type or a
//! [`gate::Route`] already says.

mod document;
mod faults;
mod guide;
mod json;
mod operations;
mod page;
mod schemas;

pub use document::document;
pub use faults::{Advice, advice};
pub use json::pretty;
pub use page::page;
pub use schemas::Conflict;

/// Where the two files are, from the root of the workspace.
pub const FOLDER: &str = "functions/describe-api";
/// What rewrites them.
pub const COMMAND: &str = "cargo run -p palisade-contract";
