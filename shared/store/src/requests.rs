//! Idempotency records and the windows of the exact rate limit.
//!
//! | item | pk | attributes |
//! |---|---|---|
//! | claim | `tenant#route#sha256(key)` | `fence`, `fingerprint`, `lease`, `expires` |
//! | answer | the same | `fence`, `fingerprint`, `status`, `etag`, `body`, `expires` |
//! | window | `tenant#!limit#who#what#start` | `hits`, `expires` |
//!
//! A claim becomes an answer in the transaction that stores what the request stores. `fence` is
//! new for every attempt: an attempt that lost its lease finds another fence and commits nothing.

use aws_lc_rs::digest;
use aws_sdk_dynamodb::{
    Client,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure, Update},
};
use jiff::Timestamp;
use kernel::{KeyId, Tenant};

use crate::{
    StoreError,
    item::{Item, bytes, item, number, read_bytes, read_number, read_text, text},
};

/// How long an answer is replayed, in seconds.
const KEPT: i64 = 24 * 60 * 60;
/// How long an attempt may take before another may take over, in seconds: longer than any
/// function may run.
const LEASE: i64 = 30;

/// The Requests table.
#[derive(Clone)]
pub struct Requests {
    client: Client,
    table: String,
}

/// The right of one attempt to answer for an idempotency key.
#[derive(Clone, Debug)]
pub struct Claim {
    key: String,
    fence: String,
}

/// An answer as it was first given, without its request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The revision of the object it describes, as the header spells it.
    pub etag: Option<String>,
    /// JSON body.
    pub body: String,
}

/// What the idempotency key says of a request.
#[derive(Debug)]
pub enum Begun {
    /// Nobody has answered for the key: go on, and commit under the claim.
    Claimed(Claim),
    /// It was answered: here is the answer.
    Answered(StoredAnswer),
    /// The key belongs to a request with another body.
    Reused,
    /// Another attempt runs; it may be taken over after so many seconds.
    InFlight(u32),
}

/// One window of the exact rate limit, after this request was counted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many more requests the window admits; `None` when this one was refused.
    pub remaining: Option<u32>,
    /// Seconds until the next window.
    pub resets_in: u32,
}

impl Requests {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Claims the idempotency key `key` of `tenant` on `route` for the attempt called `fence`.
    ///
    /// # Errors
    /// When the table does not answer. The claim may or may not stand, and lapses by itself.
    pub async fn begin(
        &self,
        tenant: &Tenant,
        route: &str,
        key: &str,
        fingerprint: &[u8; 32],
        fence: &str,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let claim = Claim { key: record_key(tenant, route, key), fence: fence.to_owned() };
        let now = now.as_second();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item([
                ("pk", text(&claim.key)),
                ("fence", text(fence)),
                ("fingerprint", bytes(fingerprint.as_slice())),
                ("lease", number(now + LEASE)),
                ("expires", number(now + KEPT)),
            ])))
            .condition_expression("attribute_not_exists(pk) OR expires <= :now OR lease <= :now")
            .expression_attribute_values(":now", number(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(Begun::Claimed(claim)),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    judge(failed.item().ok_or_else(|| StoreError::new("no old item"))?, claim, fingerprint, now)
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Gives the claim up, so that a retry need not wait for the lease. Tells whether the answer
    /// had been committed after all: the read that settles an ambiguous commit. After `false` it
    /// cannot be committed any more, because its fence is gone.
    ///
    /// # Errors
    /// When the table does not answer; then the claim lapses by itself.
    pub async fn release(&self, claim: &Claim) -> Result<bool, StoreError> {
        let Claim { key, fence } = claim;
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(key))
            .condition_expression("fence = :fence AND attribute_exists(lease)")
            .expression_attribute_values(":fence", text(fence))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match delete {
            Ok(_) => Ok(false),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(failed.item().is_some_and(|old| read_text(old, "fence") == Some(fence)))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Counts one request of `kid` on `route` against `limit` a minute.
    ///
    /// # Errors
    /// When the table does not answer. A request that cannot be counted is not admitted.
    pub async fn count(
        &self,
        tenant: &Tenant,
        kid: &KeyId,
        route: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<Window, StoreError> {
        self.admit(tenant, (kid, route), limit, 60, now).await
    }

    /// Counts one of what `(who, what)` names against `limit` in a window of so many seconds.
    ///
    /// # Errors
    /// When the table does not answer. What cannot be counted is not admitted.
    pub async fn admit(
        &self,
        tenant: &Tenant,
        (who, what): (&str, &str),
        limit: u32,
        seconds: u32,
        now: Timestamp,
    ) -> Result<Window, StoreError> {
        let length = i64::from(seconds);
        let second = now.as_second();
        let start = second - second.rem_euclid(length);
        let resets_in = u32::try_from(start + length - second).unwrap_or(seconds);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(format!("{tenant}#!limit#{who}#{what}#{start}")))
            .update_expression("ADD hits :one SET expires = :expires")
            .condition_expression("attribute_not_exists(hits) OR hits < :limit")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":limit", number(limit))
            .expression_attribute_values(":expires", number(start + 2 * length))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        match update {
            Ok(updated) => {
                let hits: u32 = updated.attributes().and_then(|new| read_number(new, "hits")).unwrap_or(limit);
                Ok(Window { remaining: Some(limit.saturating_sub(hits)), resets_in })
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Window { remaining: None, resets_in }),
                _ => Err(error.into()),
            },
        }
    }

    /// The part of a transaction that turns the claim into the answer, and fails when the claim was lost.
    pub(crate) fn answer(&self, claim: &Claim, answer: &StoredAnswer) -> Result<Update, StoreError> {
        let etag = answer.etag.as_ref();
        let tagged = if etag.is_some() { ", etag = :etag" } else { "" };
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", text(&claim.key))
            .update_expression(format!("SET #status = :status, body = :body{tagged} REMOVE lease"))
            .condition_expression("fence = :fence AND attribute_exists(lease)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":fence", text(&claim.fence))
            .expression_attribute_values(":status", number(answer.status))
            .expression_attribute_values(":body", text(&answer.body));
        let update = match etag {
            Some(etag) => update.expression_attribute_values(":etag", text(etag)),
            None => update,
        };
        update.build().map_err(StoreError::new)
    }
}

/// What the record that stood in the way means for this attempt.
fn judge(old: &Item, claim: Claim, fingerprint: &[u8; 32], now: i64) -> Result<Begun, StoreError> {
    if read_text(old, "fence") == Some(&claim.fence) {
        // Our own put, whose answer was lost and which the SDK sent again.
        return Ok(Begun::Claimed(claim));
    }
    if read_bytes(old, "fingerprint") != Some(fingerprint.as_slice()) {
        return Ok(Begun::Reused);
    }
    if let Some(lease) = read_number::<i64>(old, "lease") {
        return Ok(Begun::InFlight(u32::try_from(lease - now).unwrap_or(1).max(1)));
    }
    match (read_number(old, "status"), read_text(old, "body")) {
        (Some(status), Some(body)) => {
            let etag = read_text(old, "etag").map(str::to_owned);
            Ok(Begun::Answered(StoredAnswer { status, etag, body: body.to_owned() }))
        }
        _ => Err(StoreError::new("an idempotency record is neither a claim nor an answer")),
    }
}

/// Keys are hashed so that whatever a client puts there is not stored in clear.
fn record_key(tenant: &Tenant, route: &str, key: &str) -> String {
    use std::fmt::Write as _;

    let digest = digest::digest(&digest::SHA256, key.as_bytes());
    digest.as_ref().iter().fold(format!("{tenant}#{route}#"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
