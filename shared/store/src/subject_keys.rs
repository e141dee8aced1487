//! The wrapped keys of data subjects: one row each, which makes everything sealed for the subject readable or not.
//!
//! | item | pk | attributes |
//! |---|---|---|
//! | key | `tenant#user` | `id`, `blob`, `created` |
//!
//! The row is read before every request and never cached. A key is put at most once, so what was destroyed stays
//! destroyed: the put is not sent again when its fate is unknown, because between the two somebody may have destroyed
//! what the first one put.

use aws_sdk_dynamodb::{
    Client,
    config::{Config, retry::RetryConfig},
    operation::{delete_item::DeleteItemError, put_item::PutItemError},
    types::ReturnValuesOnConditionCheckFailure,
};
use jiff::Timestamp;
use kernel::{Identifier, Tenant};
use vault::WrappedKey;

use crate::{
    StoreError,
    item::{Item, bytes, item, read_bytes, read_text, text},
};

/// The SubjectKeys table.
#[derive(Clone)]
pub struct SubjectKeys {
    client: Client,
    table: String,
}

/// Which key stands after [`SubjectKeys::keep`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The one that was given.
    Ours,
    /// This one, which somebody else kept before.
    Theirs(WrappedKey),
}

impl SubjectKeys {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The key of a data subject, as it stands now.
    ///
    /// # Errors
    /// When the table does not answer, or the row is no key.
    pub async fn find(&self, tenant: &Tenant, user: &Identifier) -> Result<Option<WrappedKey>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).key("pk", text(row_key(tenant, user)));
        let answer = get.consistent_read(true).send().await?;
        answer.item().map(wrapped).transpose()
    }

    /// Keeps the key of a data subject unless it has one.
    ///
    /// # Errors
    /// When the table does not answer. The key may or may not stand: nothing must be stored under it until
    /// [`SubjectKeys::find`] gave it.
    pub async fn keep(
        &self,
        tenant: &Tenant,
        user: &Identifier,
        key: &WrappedKey,
        now: Timestamp,
    ) -> Result<Kept, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item([
                ("pk", text(row_key(tenant, user))),
                ("id", text(&*key.id)),
                ("blob", bytes(key.blob.as_slice())),
                ("created", text(now.to_string())),
            ])))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .customize()
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        let standing = match put {
            Ok(_) => return Ok(Kept::Ours),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    wrapped(failed.item().ok_or_else(|| StoreError::new("no old item"))?)?
                }
                _ => self.find(tenant, user).await?.ok_or(error)?,
            },
        };
        Ok(if standing.id == key.id { Kept::Ours } else { Kept::Theirs(standing) })
    }

    /// Destroys the key called `id`, and with it everything sealed under it. Tells whether it stood until now: `false`
    /// also when this was asked for before, or the subject has another key.
    ///
    /// # Errors
    /// When the table does not answer. The key may or may not stand; asking again is safe.
    pub async fn destroy(&self, tenant: &Tenant, user: &Identifier, id: &Identifier) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(row_key(tenant, user)))
            .condition_expression("id = :id")
            .expression_attribute_values(":id", text(&**id))
            .send()
            .await;
        match delete {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }
}

fn wrapped(row: &Item) -> Result<WrappedKey, StoreError> {
    let id = read_text(row, "id").and_then(|id| Identifier::parse(id).ok());
    match (id, read_bytes(row, "blob")) {
        (Some(id), Some(blob)) => Ok(WrappedKey { id, blob: blob.to_vec() }),
        _ => Err(StoreError::new("a row of SubjectKeys is no key")),
    }
}

/// Neither part can hold a `#`.
fn row_key(tenant: &Tenant, user: &Identifier) -> String {
    format!("{tenant}#{user}")
}
