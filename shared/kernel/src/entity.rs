//! Objects that live longer than the request that makes them.

use crate::Identifier;

/// An object that is stored under its id, changes over time, and may be listed by its status.
///
/// The domain says what is an entity; the store keeps every kind in the same way.
pub trait Entity {
    /// The name of the kind, in keys.
    const KIND: &'static str;

    /// Unique among the tenant's objects of the kind. Lists are in the order of ids, the greatest first, so an id
    /// begins with a time.
    fn id(&self) -> &Identifier;

    /// What it can be listed by; `None` for kinds that are never listed.
    fn status(&self) -> Option<&'static str>;
}
