//! The restore, practised: a system on a moto server, its tables restored by the operator's commands, and what they hold.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod drill;
mod system;
mod template;
