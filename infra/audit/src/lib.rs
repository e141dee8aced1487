//! Whether the audit trail is what was written: every chain against the audit key, and its end against what checkpoints
//! signed.
//!
//! - [`Evidence`]: all that is looked at, read from AWS once.
//! - [`Report`]: what was found; each [`Finding`] names the first entry of a chain that is not as it was written.
//!
//! What no checkpoint has seen yet can be cut off unseen, unless a later chain names it: at most what was written in the
//! quarter of an hour before. Whoever has the audit key can write entries, but cannot change what a checkpoint has seen.
//!
//! The command `palisade-audit` wires them to a terminal. Nothing that is deployed depends on this crate.

mod evidence;
mod report;
mod verify;

pub use evidence::{Evidence, Sources};
pub use report::{Finding, Report};
