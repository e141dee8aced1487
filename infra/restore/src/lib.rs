//! Brings tables back as they were at a moment, beside the ones that are in use.
//!
//! - [`Restorer`]: restores all tables to one moment under new names, gives them the settings that DynamoDB does not
//!   restore, and carries over what was erased since.
//! - [`Report`]: what was done; each [`Finding`] is a reason not to use the tables.
//!
//! Nothing in use is changed, and everything may be done again. The wrapped keys of people are never restored: a key that
//! was destroyed must not come back. So what was sealed for a person who was erased since cannot be read; the receipt of
//! the erasure, carried over as not finished, has the clock remove the rest.
//!
//! The command `palisade-restore` wires it to a terminal. Whether a restored audit trail is whole tells `palisade-audit`.
//! Nothing that is deployed depends on this crate.

mod erasures;
mod report;
mod restorer;
mod settings;

pub use report::{Finding, Report};
pub use restorer::{Label, Restorer, TABLES};
pub use settings::Setting;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
