//! Keeps people's transactions and goals, sealed.
//!
//! | row | sort key | facts | sealed |
//! |---|---|---|---|
//! | message | `M#<token of the message>` | [`MessageFacts`](rows::MessageFacts) | `message` |
//! | transaction | `T#<its id>` | [`ledger::TransactionFacts`] | `account`, `merchant`, `counterparty`, `reference`, `balance` |
//! | correction | `C#<token of the merchant>` | [`CorrectionFacts`](rows::CorrectionFacts) | `merchant` |
//! | goal | `G#<token of its id>` | [`ledger::Goal`] | `name` |
//!
//! Every row belongs to one person and is sealed under the person's data key. Tokens are made with that key too, so
//! that after its destruction nothing can be recognised either. A row under another key than the person's present one
//! is what an erasure has not removed yet: it is passed over.
//!
//! This is the one place that knows store, vault and domain; functions of the ledger depend on it. It commits nothing.

mod answer;
mod book;
mod export;
mod filing;
mod goals;
mod rows;
mod zones;

pub use answer::SealedAnswer;
pub use book::{Book, Books, Listed, Wanted};
pub use filing::{Candidate, Filed, Origin};
pub use goals::{GoalAnswer, GoalRow};
pub use rows::{CorrectionFacts, MessageFacts, SEALED};
pub use zones::Zones;
