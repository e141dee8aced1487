//! Works off files of bank messages, piece by piece.
//!
//! [`message`] says which file, [`file`] reads it, [`handler`] stores what it says.

pub mod file;
pub mod handler;
pub mod message;

pub use handler::ProcessImport;
