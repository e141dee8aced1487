//! Objects that change over time, each at its own revision.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | object | `tenant#!kind` | id | `kind`, `tenant`, `revision`, `status`, `body` (JSON), `expires` |
//! | place in a list | `tenant#!kind#status` | id | `expires` |
//!
//! Every write is conditional on the revision its writer has read, so of two concurrent changes one becomes a
//! [`CommitError::Conflict`](crate::CommitError::Conflict). An object and its place in the list of its status are
//! written in one transaction.

use std::{collections::HashMap, marker::PhantomData};

use aws_sdk_dynamodb::{
    Client,
    types::{Delete, Put},
};
use jiff::Timestamp;
use kernel::{Entity, Identifier, Tenant};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    StoreError, UnitOfWork,
    item::{Item, item, number, read_number, read_text, text},
    read::get_all,
};

/// The objects of one kind, in a table.
#[derive(Debug)]
pub struct Entities<T> {
    client: Client,
    table: String,
    kind: PhantomData<fn() -> T>,
}

/// An object as it was read.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// Grows by one with every change; 1 is the first.
    pub revision: u64,
    /// The object.
    pub value: T,
    status: Option<String>,
}

/// A page of objects, the newest first.
#[derive(Debug)]
pub struct Listed<T> {
    /// The objects.
    pub objects: Vec<Stored<T>>,
    /// The id after which the list goes on.
    pub next: Option<Identifier>,
}

impl<T: Entity + Serialize + DeserializeOwned> Entities<T> {
    /// The objects in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), kind: PhantomData }
    }

    /// Reads an object.
    ///
    /// # Errors
    /// When the table does not answer or the item is not such an object.
    pub async fn get(&self, tenant: &Tenant, id: &Identifier) -> Result<Option<Stored<T>>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item([("pk", text(partition::<T>(tenant))), ("sk", text(&**id))])))
            .consistent_read(true)
            .send()
            .await?;
        answer.item.as_ref().map(parse).transpose()
    }

    /// Up to `limit` objects of `tenant`, those of one status or all, the newest first, after the one called `after`.
    ///
    /// # Errors
    /// When the table does not answer or an item is not such an object.
    pub async fn list(
        &self,
        tenant: &Tenant,
        status: Option<&str>,
        after: Option<&Identifier>,
        limit: u16,
    ) -> Result<Listed<T>, StoreError> {
        let main = partition::<T>(tenant);
        let pk = status.map_or_else(|| main.clone(), |status| format!("{main}#{status}"));
        let start = after.map(|id| item([("pk", text(&pk)), ("sk", text(&**id))]));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(&pk))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(i32::from(limit))
            .consistent_read(true)
            .send()
            .await?;
        let id = |row: &Item| read_text(row, "sk").and_then(|id| Identifier::parse(id).ok());
        let next = answer.last_evaluated_key.as_ref().and_then(id);
        let rows = answer.items.unwrap_or_default();
        let Some(status) = status else {
            return Ok(Listed { objects: rows.iter().map(parse).collect::<Result<_, _>>()?, next });
        };
        let keys = rows.iter().filter_map(id).map(|id| item([("pk", text(&main)), ("sk", text(&*id))])).collect();
        let mut found: HashMap<String, Stored<T>> = HashMap::new();
        for row in get_all(&self.client, &self.table, keys).await? {
            let object = parse(&row)?;
            // It may have changed since the list was read.
            if object.status.as_deref() == Some(status) {
                found.insert(read_text(&row, "sk").unwrap_or_default().to_owned(), object);
            }
        }
        let objects = rows.iter().filter_map(|row| found.remove(read_text(row, "sk")?)).collect();
        Ok(Listed { objects, next })
    }

    /// Stores a new object; a conflict when its id is taken. With `expires` DynamoDB removes it after that time.
    ///
    /// # Errors
    /// When the object cannot be written as JSON.
    pub fn create(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        value: &T,
        expires: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.write(work, tenant, value, None, expires)
    }

    /// Stores `value` in place of the object that was read; a conflict when that has changed meanwhile.
    ///
    /// # Errors
    /// When the object cannot be written as JSON.
    pub fn replace(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        read: &Stored<T>,
        value: &T,
        expires: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        if let Some(old) = &read.status
            && value.status() != Some(old)
        {
            let key = item([("pk", text(format!("{}#{old}", partition::<T>(tenant)))), ("sk", text(&**value.id()))]);
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build();
            work.delete(delete.map_err(StoreError::new)?);
        }
        self.write(work, tenant, value, Some(read), expires)
    }

    /// Removes the object that was read; a conflict when it has changed meanwhile.
    ///
    /// # Errors
    /// When the item cannot be made.
    pub fn remove(&self, work: &mut UnitOfWork, tenant: &Tenant, read: &Stored<T>) -> Result<(), StoreError> {
        let pk = partition::<T>(tenant);
        let id = read.value.id();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(item([("pk", text(&pk)), ("sk", text(&**id))])))
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", number(read.revision));
        work.delete(delete.build().map_err(StoreError::new)?);
        work.touch(format!("{}/{id}", T::KIND));
        if let Some(status) = &read.status {
            let key = item([("pk", text(format!("{pk}#{status}"))), ("sk", text(&**id))]);
            work.delete(Delete::builder().table_name(&self.table).set_key(Some(key)).build().map_err(StoreError::new)?);
        }
        Ok(())
    }

    /// Changes the object called `id` if there is one and `change` says that it did.
    ///
    /// # Errors
    /// When the table does not answer or the object cannot be written as JSON.
    pub async fn amend(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        id: &Identifier,
        change: impl FnOnce(&mut T) -> bool,
    ) -> Result<(), StoreError>
    where
        T: Clone,
    {
        let Some(read) = self.get(tenant, id).await? else { return Ok(()) };
        let mut value = read.value.clone();
        if change(&mut value) {
            self.replace(work, tenant, &read, &value, None)?;
        }
        Ok(())
    }

    fn write(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        value: &T,
        read: Option<&Stored<T>>,
        expires: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let pk = partition::<T>(tenant);
        let expiry = expires.map(|time| ("expires".to_owned(), number(time.as_second())));
        let revision = read.map_or(0, |read| read.revision);
        let mut row = item([
            ("pk", text(&pk)),
            ("sk", text(&**value.id())),
            ("kind", text(T::KIND)),
            ("tenant", text(&**tenant)),
            ("revision", number(revision + 1)),
            ("body", text(serde_json::to_string(value).map_err(StoreError::new)?)),
        ]);
        row.extend(value.status().map(|status| ("status".to_owned(), text(status))));
        row.extend(expiry.clone());
        let put = Put::builder().table_name(&self.table).set_item(Some(row));
        let put = if revision == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("revision = :read").expression_attribute_values(":read", number(revision))
        };
        work.put(put.build().map_err(StoreError::new)?);
        work.touch(format!("{}/{}", T::KIND, value.id()));
        let listed = read.and_then(|read| read.status.as_deref());
        if let Some(status) = value.status().filter(|status| listed != Some(*status) || expires.is_some()) {
            let mut row = item([("pk", text(format!("{pk}#{status}"))), ("sk", text(&**value.id()))]);
            row.extend(expiry);
            let put = Put::builder().table_name(&self.table).set_item(Some(row));
            work.put(put.build().map_err(StoreError::new)?);
        }
        Ok(())
    }
}

/// The object an item holds.
///
/// # Errors
/// When it holds another thing.
pub(crate) fn parse<T: Entity + DeserializeOwned>(row: &Item) -> Result<Stored<T>, StoreError> {
    let body = read_text(row, "body").ok_or_else(|| StoreError::new(format!("a {} has no body", T::KIND)))?;
    let revision = read_number(row, "revision").ok_or_else(|| StoreError::new("an object has no revision"))?;
    // The message of serde's error quotes what it read.
    let value = serde_json::from_str(body).map_err(|_| StoreError::new(format!("an item is not a {}", T::KIND)))?;
    Ok(Stored { revision, value, status: read_text(row, "status").map(str::to_owned) })
}

fn partition<T: Entity>(tenant: &Tenant) -> String {
    format!("{tenant}#!{}", T::KIND)
}
