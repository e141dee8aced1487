//! The domain of the ledger: what a bank's message says, what was paid for, and what it means for a person's goals.
//!
//! - [`Message`]: an SMS or e-mail as it arrived; [`read`] makes a [`Reading`] of it.
//! - [`Category`]: what a payment was for; [`categorise`] tells it, and why.
//!
//! Pure: no network, no cloud, no clock. What is personal is in a [`Secret`](kernel::Secret), which cannot be printed
//! or serialised.

mod category;
mod erasure;
mod import;
mod mask;
mod message;
mod normal;
mod reading;
mod settings;
mod transaction;

pub use category::{Categorised, Category, Guess, Reason, categorise};
pub use erasure::{Erasure, ErasureStatus};
pub use import::{Import, ImportStatus, Rejected};
pub use mask::{masked, masked_address, name_without_numbers};
pub use message::{Channel, Message};
pub use normal::{same_account, same_merchant, same_message};
pub use reading::{Found, Instrument, Kind, Outcome, Parsed, Rail, Reading, TimeSource, read};
pub use settings::{Settings, settings_id};
pub use transaction::{ParsedAnswer, Particulars, Transaction, TransactionAnswer, TransactionFacts};
