//! The domain of the ledger: what a bank's message says, what was paid for, and what it means for a person's goals.
//!
//! - [`Message`]: an SMS or e-mail as it arrived; [`read`] makes a [`Reading`] of it.
//! - [`Category`]: what a payment was for; [`categorise`] tells it, and why.
//! - [`Fact`]: what is known of a stored transaction without anything personal; [`Goal::standing`] and [`impacts`] tell
//!   what facts mean for a person's goals.
//! - [`Transaction`]: what is stored of it, part in clear and part to be sealed, and what clients see of it.
//! - [`recurring`]: subscriptions, salaries, bills.
//! - [`Import`], [`Erasure`]: what is worked on over several calls.
//!
//! Pure: no network, no cloud, no clock. What is personal is in a [`Secret`](kernel::Secret), which cannot be printed
//! or serialised.

mod category;
mod erasure;
mod fact;
mod goal;
mod import;
mod mask;
mod message;
mod normal;
mod parse;
mod raw;
mod reading;
mod recurring;
mod settings;
mod transaction;

pub use category::{Categorised, Category, Guess, Reason, SURE_ENOUGH, categorise, words};
pub use erasure::{Erasure, ErasureStatus};
pub use fact::Fact;
pub use goal::{Goal, GoalImpact, GoalType, NewGoal, Period, RawGoal, Standing, impacts};
pub use import::{Import, ImportStatus, Rejected};
pub use mask::{masked, masked_address, name_without_numbers};
pub use message::{Channel, Message};
pub use normal::{same_account, same_merchant, same_message};
pub use raw::{LONGEST_MESSAGE, LONGEST_SENDER, RawMessage};
pub use reading::{Found, Instrument, Kind, Outcome, Parsed, Rail, Reading, TimeSource, read};
pub use recurring::{Interval, Payment, Recurring, RecurringKind, recurring};
pub use settings::{Settings, settings_id};
pub use transaction::{Evidence, ParsedAnswer, Particulars, Transaction, TransactionAnswer, TransactionFacts};
