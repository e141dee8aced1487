//! What is done every minute: asks the issuers of bearer tokens which keys they have.
//!
//! Only this function reaches out to them, so that no request waits for a stranger, none of them is asked more than
//! once a minute, and no token makes anybody ask. Keys that could not be had again for 15 minutes verify nothing.

mod handler;
mod key_set;

pub use handler::RefreshIssuers;
pub use key_set::{client, fetch};
