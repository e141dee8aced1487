//! The threat model as records, and the gate that holds them against what the repository does.
//!
//! | room | what is there |
//! |---|---|
//! | `model` | statements, elements and records as they are written, read into types |
//! | `record` | one record, and the rules of its fields |
//! | `names` | how a record names a test, an assertion and a piece of code |
//! | `repository` | functions, resources and routes, as the repository has them |
//! | `source` | which tests and items the source files define |
//! | `gate` | what must hold between the model and the repository |
//! | `junit` | results of test runs, and what must hold between them and the model |
//! | `violation` | everything the gate can say |
//! | `page` | `THREAT_MODEL.md` |
//! | `diagram` | the data flow on that page |
//! | `table` | records and results for a terminal |
//!
//! Files, all beside this crate: `sources.toml` (what the first threat models state), `elements.toml` (the data-flow
//! diagram) and one file of `records/` for each [`Book`]. An element may have a `zone`: elements of one zone are
//! within one trust boundary.
//!
//! Every violation is collected, so that one run says everything that is wrong. The gate reads source text and
//! results; it runs no test and judges no sentence: whether a test proves what its record says is for a reader.

mod diagram;
mod gate;
mod junit;
mod model;
mod names;
mod page;
mod record;
mod repository;
mod source;
mod table;
mod violation;

pub use gate::{Findings, examine};
pub use junit::{Outcome, Results};
pub use model::{Element, Kind, Model, Statement, StatementKind};
pub use names::{Assertion, CodeItem, OtherShape, TestName};
pub use page::page;
pub use record::{Book, Record, State, Stride};
pub use table::table;
pub use violation::{Fault, Subject, Violation};

/// The page that is written, from the root of the repository.
pub const PAGE: &str = "THREAT_MODEL.md";
/// Where the files of the model are, from the root of the repository.
pub const FOLDER: &str = "infra/threats";
/// What rewrites the page.
pub const WRITE: &str = "cargo run -p palisade-threats -- write";
/// What holds the records against the results of test runs; the files' paths follow.
pub const CHECK: &str = "cargo run -p palisade-threats -- check --junit";
