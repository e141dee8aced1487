//! The words every part of Palisade uses: who is asking ([`Tenant`], [`KeyId`]), what they may do
//! ([`Scope`]), which request it was ([`RequestId`]), what things are called ([`Identifier`]), what
//! must not be seen ([`Secret`]), what is paid ([`Money`]), when it was ([`parse_timestamp`]), where a clock is
//! ([`Zone`]), what lives on ([`Entity`]) and what went wrong ([`Fault`]).
//!
//! Everything may depend on this crate; it depends on nothing of ours and does no I/O.

mod entity;
mod fault;
mod identifier;
mod money;
mod request_id;
mod scope;
mod secret;
mod time;
mod zone;

pub use entity::Entity;
pub use fault::{Code, Fault, Violation};
pub use identifier::{Identifier, InvalidIdentifier, KeyId, Tenant};
pub use money::{Currency, InvalidMoney, Money};
pub use request_id::RequestId;
pub use scope::{Scope, UnknownScope};
pub use secret::Secret;
pub use time::{BEGINNING, parse_timestamp};
pub use zone::Zone;
