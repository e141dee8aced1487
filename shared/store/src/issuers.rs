//! The issuers of bearer tokens, each with the keys it was last seen to have.
//!
//! | item | pk | sk | what |
//! |---|---|---|---|
//! | issuer | `!issuers` | its URL | `issuer`: what an operator said, as JSON; `keys`: its key set; `fetched`: when |
//!
//! An operator writes an item, the function that follows the issuers renews its keys, and whoever admits requests reads
//! them all. There are as many as there are tenants with people of their own, so one query gives them.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use vault::{Cached, Issuer, Moment, TrustedIssuer, Unavailable, VerifyingKeys};

use crate::{
    StoreError,
    item::{Item, item, read_text, text},
};

const PARTITION: &str = "!issuers";

/// The table of issuers.
pub struct Issuers {
    client: Client,
    table: String,
    known: Cached<Vec<TrustedIssuer>>,
}

impl Issuers {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), known: Cached::default() }
    }

    /// All issuers, as they were at most 30 s ago unless the table does not answer.
    ///
    /// # Errors
    /// [`Unavailable`] when they cannot be read and were not read for 15 min.
    pub async fn known(&self, now: Moment) -> Result<Arc<Vec<TrustedIssuer>>, Unavailable> {
        let read = async { self.all().await.map_err(|error| Unavailable::new(format_args!("issuers: {error}"))) };
        self.known.get(now.monotonic, read).await
    }

    /// All issuers.
    ///
    /// # Errors
    /// When the table does not answer, or answers nonsense.
    pub async fn all(&self) -> Result<Vec<TrustedIssuer>, StoreError> {
        let (mut issuers, mut start) = (Vec::new(), None);
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
                issuers.push(read(row).ok_or_else(|| StoreError::new("a row of the issuers is malformed"))?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(issuers);
            }
        }
    }

    /// Trusts an issuer, or what it is now instead of what it was.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put(&self, trusted: &TrustedIssuer) -> Result<(), StoreError> {
        let row = item([
            ("pk", text(PARTITION)),
            ("sk", text(&trusted.issuer.url)),
            ("issuer", text(serde_json::to_string(&trusted.issuer).map_err(StoreError::new)?)),
            ("keys", text(written(&trusted.keys)?)),
            ("fetched", text(trusted.fetched.to_string())),
        ]);
        self.client.put_item().table_name(&self.table).set_item(Some(row)).send().await?;
        Ok(())
    }

    /// Ends all tokens of an issuer. Whether there was one with this URL.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn remove(&self, url: &str) -> Result<bool, StoreError> {
        let delete = self.client.delete_item().table_name(&self.table).key("pk", text(PARTITION)).key("sk", text(url));
        let answer = delete.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld).send().await?;
        Ok(answer.attributes.is_some())
    }

    /// Notes the keys that `issuer` has now. One that was removed or changed meanwhile stays as it is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn renew(&self, issuer: &Issuer, keys: &VerifyingKeys, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(PARTITION))
            .key("sk", text(&issuer.url))
            .update_expression("SET #keys = :keys, fetched = :fetched")
            .condition_expression("issuer = :issuer")
            .expression_attribute_names("#keys", "keys")
            .expression_attribute_values(":keys", text(written(keys)?))
            .expression_attribute_values(":fetched", text(now.to_string()))
            .expression_attribute_values(":issuer", text(serde_json::to_string(issuer).map_err(StoreError::new)?));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn written(keys: &VerifyingKeys) -> Result<String, StoreError> {
    serde_json::to_string(keys).map_err(StoreError::new)
}

fn read(row: &Item) -> Option<TrustedIssuer> {
    Some(TrustedIssuer {
        issuer: serde_json::from_str(read_text(row, "issuer")?).ok()?,
        keys: VerifyingKeys::parse(read_text(row, "keys")?).ok()?,
        fetched: read_text(row, "fetched")?.parse().ok()?,
    })
}
