//! The tenants that have anything stored, for what is done for each of them by the clock.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | tenant | `!tenants` | tenant |

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::Client;
use kernel::Tenant;

use crate::{
    StoreError,
    item::{item, read_text, text},
};

/// No tenant's name begins so.
const PARTITION: &str = "!tenants";

/// The list of tenants, in the table that it is about.
pub struct Tenants {
    client: Client,
    table: String,
    /// Those this process knows to be listed.
    listed: Mutex<HashSet<Tenant>>,
}

impl Tenants {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), listed: Mutex::default() }
    }

    /// Lists the tenant. Rewriting the same item is harmless, so this needs no condition.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn enrol(&self, tenant: &Tenant) -> Result<(), StoreError> {
        if self.listed().contains(tenant) {
            return Ok(());
        }
        let row = item([("pk", text(PARTITION)), ("sk", text(&**tenant))]);
        self.client.put_item().table_name(&self.table).set_item(Some(row)).send().await?;
        self.listed().insert(tenant.clone());
        Ok(())
    }

    /// Every tenant, by name.
    ///
    /// # Errors
    /// When the table does not answer, or an item names no tenant.
    pub async fn all(&self) -> Result<Vec<Tenant>, StoreError> {
        let mut tenants = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(PARTITION))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .send()
                .await?;
            for row in answer.items() {
                let name = read_text(row, "sk").unwrap_or_default();
                tenants.push(Tenant::parse(name).map_err(StoreError::new)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(tenants);
            }
        }
    }

    fn listed(&self) -> MutexGuard<'_, HashSet<Tenant>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
