//! What a key to mint shall be.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use kernel::{Scope, Tenant};

/// How far ahead a key may expire: five years, leap days included.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(5 * 366 * 24);

const LONGEST_NAME: usize = 64;

/// A key to mint.
#[derive(Clone, Debug)]
pub struct Order {
    /// Whose data it may touch.
    pub tenant: Tenant,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// What its operator calls it.
    pub name: Name,
    /// When it stops being accepted: in the future, at most [`LONGEST_LIFE`] ahead.
    pub expires: Timestamp,
    /// The id of the API Gateway usage plan it joins, if any.
    pub usage_plan: Option<String>,
}

/// What an operator calls a key: 1 to 64 characters, none of them a control character, so that no name can forge a
/// line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Box<str>);

/// The text is no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidName;

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 1 to 64 characters without control characters")
    }
}

impl std::error::Error for InvalidName {}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fits = (1..=LONGEST_NAME).contains(&text.chars().count());
        if !fits || text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(InvalidName);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
