//! What goals and recurrence know of a stored transaction.

use jiff::Timestamp;
use kernel::{Identifier, Money};

use crate::{Category, Kind};

/// A stored transaction without anything personal: not whom it is with, not with what it was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Which one.
    pub id: Identifier,
    /// When it happened.
    pub time: Timestamp,
    /// How much; positive.
    pub amount: Money,
    /// What kind of movement.
    pub kind: Kind,
    /// What it was for, as last corrected.
    pub category: Category,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// To the person.
    In,
    /// From the person.
    Out,
}

impl Fact {
    /// Which way the money went, if that is known. Nothing counts whose way is not.
    pub(crate) const fn flow(&self) -> Option<Flow> {
        match self.kind {
            Kind::Credit => Some(Flow::In),
            Kind::Debit | Kind::Bill | Kind::Fee => Some(Flow::Out),
            Kind::Other => None,
        }
    }
}
