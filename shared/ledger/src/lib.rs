//! The domain of the ledger: what a bank's message says, what was paid for, and what it means for a person's goals.
//!
//! - [`Message`]: an SMS or e-mail as it arrived; [`read`] makes a [`Reading`] of it.
//! - [`Category`]: what a payment was for; [`categorise`] tells it, and why.
//!
//! Pure: no network, no cloud, no clock. What is personal is in a [`Secret`](kernel::Secret), which cannot be printed
//! or serialised.

mod category;
mod message;
mod parse;
mod reading;

pub use category::{Categorised, Category, Guess, Reason, categorise};
pub use message::{Channel, Message};
pub use reading::{Found, Instrument, Kind, Outcome, Parsed, Rail, Reading, TimeSource, read};
