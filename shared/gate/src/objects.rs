//! What routes on stored objects have in common: one object at its revision, and pages of objects.

use kernel::{Entity, Fault, Identifier, Violation};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use store::{Entities, Listed, Stored, UnitOfWork};

use crate::{Call, Cursors, Incoming, Json, Precondition};

/// The most objects on a page.
pub const LARGEST_PAGE: u16 = 100;

/// An object as it is answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stored{T}")]
pub struct Revised<T> {
    /// The object.
    #[serde(flatten)]
    pub value: T,
    /// Grows by one with every change. `If-Match` takes it in quotation marks.
    pub revision: u64,
}

impl<T> Revised<T> {
    /// The object as it was just made.
    pub const fn first(value: T) -> Self {
        Self { value, revision: 1 }
    }

    /// What applies while nothing is stored; its revision is 0.
    #[must_use]
    pub fn absent() -> Self
    where
        T: Default,
    {
        Self { value: T::default(), revision: 0 }
    }

    /// The object as it is after a change to what was read.
    pub fn after(read: &Stored<T>, value: T) -> Self {
        Self { value, revision: read.revision + 1 }
    }
}

impl<T> From<Stored<T>> for Revised<T> {
    fn from(stored: Stored<T>) -> Self {
        Self { revision: stored.revision, value: stored.value }
    }
}

impl<T> From<Revised<T>> for Json<Revised<T>> {
    fn from(object: Revised<T>) -> Self {
        let revision = object.revision;
        Self::ok(object).revision(revision)
    }
}

/// A change of one object, as a client asks for it.
pub struct Change<C> {
    id: Identifier,
    seen: Precondition,
    change: C,
}

impl<C> Change<C> {
    /// The `change` of the object called `id`, which the request may bind to the revision it has seen.
    ///
    /// # Errors
    /// 400 when `If-Match` cannot be read.
    pub fn new(incoming: &Incoming, id: Identifier, change: C) -> Result<Self, Fault> {
        Ok(Self { id, seen: incoming.precondition()?, change })
    }

    /// Makes it. Gives the object as it was and as it is then.
    ///
    /// # Errors
    /// 404 when there is no such object, 412 when it has another revision, and whatever forbids the change.
    pub async fn make<T: Entity + Serialize + DeserializeOwned + Clone, E>(
        self,
        entities: &Entities<T>,
        call: &Call,
        work: &mut UnitOfWork,
        how: impl FnOnce(&mut T, C) -> Result<(), E>,
    ) -> Result<(T, Revised<T>), Fault>
    where
        Fault: From<E>,
    {
        let tenant = &call.principal.tenant;
        let read = entities.get(tenant, &self.id).await?.ok_or_else(Fault::not_found)?;
        self.seen.check(read.revision)?;
        let mut value = read.value.clone();
        how(&mut value, self.change)?;
        entities.replace(work, tenant, &read, &value, None)?;
        let after = Revised::after(&read, value);
        Ok((read.value, after))
    }
}

/// Which page of which objects.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Only objects of this status.
    pub status: Option<&'static str>,
    /// At most so many.
    pub limit: u16,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// Which page a query asks for.
    ///
    /// # Errors
    /// 422 when it asks for too many objects or for none.
    pub fn new(status: Option<&'static str>, limit: Option<u16>, cursor: Option<String>) -> Result<Self, Fault> {
        let limit = limit.unwrap_or(50);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            return Err(Fault::validation(vec![Violation::new("/limit", "out_of_range", "must be from 1 to 100")]));
        }
        Ok(Self { status, limit, cursor })
    }

    /// The objects of the page, and where the list goes on.
    ///
    /// # Errors
    /// 400 for a cursor of another query, 503 when the table does not answer.
    pub async fn read<T: Entity + Serialize + DeserializeOwned>(
        &self,
        entities: &Entities<T>,
        cursors: &Cursors,
        call: &Call,
    ) -> Result<(Vec<Revised<T>>, Option<String>), Fault> {
        let tenant = &call.principal.tenant;
        let query = format!("{}/{}", T::KIND, self.status.unwrap_or_default());
        let after = match &self.cursor {
            None => None,
            Some(cursor) => {
                let position = cursors.open(tenant, &query, cursor, call.now).await?;
                Some(Identifier::parse(&position).map_err(Fault::internal)?)
            }
        };
        let Listed { objects, next } = entities.list(tenant, self.status, after.as_ref(), self.limit).await?;
        let next_cursor = match next {
            None => None,
            Some(next) => Some(cursors.seal(tenant, &query, &next, call.now).await?),
        };
        Ok((objects.into_iter().map(Revised::from).collect(), next_cursor))
    }
}
