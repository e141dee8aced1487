//! What is kept beside a sensor's segments.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | note | `tenant#sensor` | `S#<name>` | `revision`, `data`, `expires` |
//! | hour | `tenant#sensor` | `A#<hour>` | `data`, `expires` |
//!
//! A note has one writer at a time, which its revision proves. An hour's summary is computed from the hour's segments
//! anew whenever one is added, so that writing it twice is harmless.

use aws_sdk_dynamodb::{Client, operation::query::builders::QueryFluentBuilder, types::Put};
use jiff::Timestamp;
use kernel::{Identifier, Tenant};

use crate::{
    Order, StoreError, UnitOfWork,
    item::{Item, bytes, item, number, read_bytes, read_number, text},
    telemetry::hour_key,
};

/// What is kept beside segments, in the Telemetry table.
pub struct Beside {
    client: Client,
    table: String,
}

/// A note as it was read.
#[derive(Clone, Debug)]
pub struct Note {
    revision: u64,
    /// What it says.
    pub data: Vec<u8>,
}

impl Beside {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Reads the note called `name`.
    ///
    /// # Errors
    /// When the table does not answer or the item is not a note.
    pub async fn note(&self, tenant: &Tenant, sensor: &Identifier, name: &str) -> Result<Option<Note>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item([("pk", text(format!("{tenant}#{sensor}"))), ("sk", text(format!("S#{name}")))])))
            .consistent_read(true)
            .send()
            .await?;
        let parse = |row: Item| {
            let (revision, data) = (read_number(&row, "revision"), read_bytes(&row, "data"));
            let note = revision.zip(data).map(|(revision, data)| Note { revision, data: data.to_vec() });
            note.ok_or_else(|| StoreError::new("an item is not a note"))
        };
        answer.item.map(parse).transpose()
    }

    /// Writes the note in place of the one that was read; a conflict when that has changed meanwhile.
    ///
    /// # Errors
    /// When the item cannot be made.
    pub fn write_note(
        &self,
        work: &mut UnitOfWork,
        (tenant, sensor): (&Tenant, &Identifier),
        name: &str,
        read: Option<&Note>,
        data: Vec<u8>,
    ) -> Result<(), StoreError> {
        let revision = read.map_or(0, |read| read.revision);
        let row = item([
            ("pk", text(format!("{tenant}#{sensor}"))),
            ("sk", text(format!("S#{name}"))),
            ("revision", number(revision + 1)),
            ("data", bytes(data)),
        ]);
        let put = Put::builder().table_name(&self.table).set_item(Some(row));
        let put = if revision == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("revision = :read").expression_attribute_values(":read", number(revision))
        };
        work.put(put.build().map_err(StoreError::new)?);
        Ok(())
    }

    /// Writes the summary of the hour that `hour` lies in.
    ///
    /// # Errors
    /// When the item cannot be made.
    pub fn write_hour(
        &self,
        work: &mut UnitOfWork,
        (tenant, sensor): (&Tenant, &Identifier),
        hour: Timestamp,
        data: Vec<u8>,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let row = item([
            ("pk", text(format!("{tenant}#{sensor}"))),
            ("sk", text(format!("A#{}", hour_key(hour)))),
            ("data", bytes(data)),
            ("expires", number(expires.as_second())),
        ]);
        work.put(Put::builder().table_name(&self.table).set_item(Some(row)).build().map_err(StoreError::new)?);
        Ok(())
    }

    /// The summaries of the hours that overlap `from` to `to`, both included, the oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item has no data.
    pub async fn hours(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let answer = self.hours_between(tenant, sensor, from, to).set_exclusive_start_key(start).send().await?;
            for row in answer.items() {
                found.push(hour_data(row)?);
            }
            match answer.last_evaluated_key {
                Some(last) => start = Some(last),
                None => return Ok(found),
            }
        }
    }

    /// The summary of the oldest hour that overlaps `from` to `to`, both included, or of the newest one.
    ///
    /// # Errors
    /// When the table does not answer or the item has no data.
    pub async fn first_hour(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        (from, to): (Timestamp, Timestamp),
        order: Order,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let answer = self
            .hours_between(tenant, sensor, from, to)
            .scan_index_forward(order == Order::Ascending)
            .limit(1)
            .send()
            .await?;
        answer.items().first().map(hour_data).transpose()
    }

    fn hours_between(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        to: Timestamp,
    ) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(format!("{tenant}#{sensor}")))
            .expression_attribute_values(":from", text(format!("A#{}", hour_key(from))))
            .expression_attribute_values(":to", text(format!("A#{}", hour_key(to))))
    }
}

fn hour_data(row: &Item) -> Result<Vec<u8>, StoreError> {
    read_bytes(row, "data").map(<[u8]>::to_vec).ok_or_else(|| StoreError::new("an hour has no data"))
}
