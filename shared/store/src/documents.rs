//! Texts that are too large for one item, compressed, in parts.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | part | `tenant#!document#<id>` | its number, from `00` | `data`, `expires` |
//!
//! All parts are written in the transaction of the object that the text belongs to, and never changed.

use aws_sdk_dynamodb::{Client, types::Put};
use jiff::Timestamp;
use kernel::{Identifier, Tenant};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use crate::{
    StoreError, UnitOfWork,
    item::{bytes, item, number, read_bytes, text},
};

/// The size of a part: with its key and the rest of the item below the 400 KB that an item may have.
const PART: usize = 380 * 1024;
/// More do not fit into the 4 MB that a transaction may have, beside the other items.
const MOST_PARTS: usize = 9;
/// The level at which telemetry hardly shrinks further.
const LEVEL: u8 = 6;

/// The texts in the Telemetry table.
pub struct Documents {
    client: Client,
    table: String,
}

impl Documents {
    /// The longest text, in bytes.
    pub const LONGEST: usize = 6 * 1024 * 1024;

    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Stores the text of the object called `id`, until `expires`.
    ///
    /// # Errors
    /// When the text is longer than [`Self::LONGEST`], or hardly shrinks.
    pub fn write(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        id: &Identifier,
        document: &str,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let data = compress_to_vec(document.as_bytes(), LEVEL);
        if document.len() > Self::LONGEST || data.len() > MOST_PARTS * PART {
            return Err(StoreError::new(format!("a document of {} bytes is too large", document.len())));
        }
        for (part, data) in data.chunks(PART).enumerate() {
            let row = item([
                ("pk", text(partition(tenant, id))),
                ("sk", text(format!("{part:02}"))),
                ("data", bytes(data)),
                ("expires", number(expires.as_second())),
            ]);
            work.put(Put::builder().table_name(&self.table).set_item(Some(row)).build().map_err(StoreError::new)?);
        }
        Ok(())
    }

    /// Reads the text of the object called `id`; `None` when it has none, or has none any more.
    ///
    /// # Errors
    /// When the table does not answer, or the parts are not those of a text.
    pub async fn read(&self, tenant: &Tenant, id: &Identifier) -> Result<Option<String>, StoreError> {
        let mut data = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(partition(tenant, id)))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .send()
                .await?;
            for row in answer.items() {
                data.extend_from_slice(read_bytes(row, "data").unwrap_or_default());
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        if data.is_empty() {
            return Ok(None);
        }
        let document = decompress_to_vec_with_limit(&data, Self::LONGEST);
        let document = document.map_err(|_| StoreError::new("a document is broken"))?;
        String::from_utf8(document).map(Some).map_err(|_| StoreError::new("a document is no text"))
    }
}

fn partition(tenant: &Tenant, id: &Identifier) -> String {
    format!("{tenant}#!document#{id}")
}
