//! What a request wants stored: whole, once, or not at all.

use std::fmt;

use aws_sdk_dynamodb::{
    Client,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, Delete, Put, TransactWriteItem, Update},
};
use vault::Moment;

use crate::{
    AuditEntry, AuditTrail, StoreError,
    requests::{Claim, Requests, StoredAnswer},
};

/// The items a request stores, and what they are called in its audit entry.
#[derive(Debug, Default)]
pub struct UnitOfWork {
    writes: Vec<TransactWriteItem>,
    objects: Vec<String>,
}

/// The claim a request commits under, and the answer to keep for it.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The table of claims.
    pub requests: &'a Requests,
    /// This attempt's claim.
    pub claim: &'a Claim,
    /// What later requests with the same key are answered.
    pub answer: &'a StoredAnswer,
}

/// Why nothing was stored.
#[derive(Debug)]
pub enum CommitError {
    /// The attempt took too long and another took over.
    Superseded,
    /// An object is no longer what the request saw: another request changed it meanwhile.
    Conflict,
    /// Another request is writing one of the items at this moment, or too many are written beside them.
    Contended,
    /// The tables do not answer. If there was a claim, it is given up and a retry will succeed or
    /// find the answer.
    Unavailable(StoreError),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded => f.write_str("another attempt took over"),
            Self::Conflict => f.write_str("an object was changed meanwhile"),
            Self::Contended => f.write_str("another request is writing an item"),
            Self::Unavailable(error) => error.fmt(f),
        }
    }
}

impl UnitOfWork {
    /// The most items a unit holds: a transaction takes 100, two of them for the idempotency
    /// record and the audit entry.
    pub const MOST_ITEMS: usize = 98;

    /// Stores an item. A condition that fails makes the commit a [`CommitError::Conflict`].
    pub fn put(&mut self, put: Put) {
        self.writes.push(TransactWriteItem::builder().put(put).build());
    }

    /// Removes an item.
    pub fn delete(&mut self, delete: Delete) {
        self.writes.push(TransactWriteItem::builder().delete(delete).build());
    }

    /// Names an object in the audit entry.
    pub fn touch(&mut self, object: impl Into<String>) {
        self.objects.push(object.into());
    }

    /// Commits the items alone, in one transaction, for what is no change of anybody's objects.
    ///
    /// # Errors
    /// [`CommitError`]; nothing was stored, or nobody can tell.
    pub async fn commit_unaudited(self, client: &Client, token: &str) -> Result<(), CommitError> {
        let transaction = client.transact_write_items().client_request_token(token);
        match transaction.set_transact_items(Some(self.writes)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancellation(cancelled.cancellation_reasons(), 0, false)
                }
                _ => CommitError::Unavailable(error.into()),
            }),
        }
    }

    /// Commits the items, the answer and the audit entry in one transaction.
    ///
    /// `token` names the attempt: the SDK's own retries carry it, so that DynamoDB applies the
    /// transaction once however often it is sent. When even that leaves the outcome unknown,
    /// giving up the claim settles it.
    ///
    /// # Errors
    /// [`CommitError`]; nothing was stored, or nobody can tell and no claim was made.
    pub async fn commit(
        self,
        client: &Client,
        audit: &AuditTrail,
        mut entry: AuditEntry,
        attempt: Option<Attempt<'_>>,
        token: &str,
        now: Moment,
    ) -> Result<(), CommitError> {
        entry.objects = self.objects;
        let appending = audit.append(&entry, now).await.map_err(CommitError::Unavailable)?;
        let mut transaction = client.transact_write_items().client_request_token(token);
        if let Some(Attempt { requests, claim, answer }) = attempt {
            transaction = transaction.transact_items(update(requests.answer(claim, answer)?));
        }
        transaction = transaction.transact_items(put(audit.put(&appending)?));
        for write in self.writes {
            transaction = transaction.transact_items(write);
        }
        match transaction.send().await {
            Ok(_) => {
                appending.written();
                Ok(())
            }
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    // Nothing was written, so the chain still ends where it did.
                    drop(appending);
                    Err(cancellation(cancelled.cancellation_reasons(), 1, attempt.is_some()))
                }
                _ => {
                    appending.unknown();
                    settle(attempt, error.into()).await
                }
            },
        }
    }
}

/// Whether a transaction whose answer was lost went through.
async fn settle(attempt: Option<Attempt<'_>>, error: StoreError) -> Result<(), CommitError> {
    let Some(Attempt { requests, claim, .. }) = attempt else {
        return Err(CommitError::Unavailable(error));
    };
    match requests.release(claim).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CommitError::Unavailable(error)),
    }
}

/// The reasons are in the order of the transaction: the claim if there is one, `audited` entries, the rest.
fn cancellation(reasons: &[CancellationReason], audited: usize, claimed: bool) -> CommitError {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    let failed = |code: &&str| *code == "ConditionalCheckFailed";
    let contended =
        |code: &&str| matches!(*code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded");
    let (claim, rest) = codes.split_at(usize::from(claimed).min(codes.len()));
    if claim.iter().any(failed) {
        return CommitError::Superseded;
    }
    if rest.iter().skip(audited).any(failed) {
        return CommitError::Conflict;
    }
    if rest.iter().skip(audited).any(contended) {
        return CommitError::Contended;
    }
    CommitError::Unavailable(StoreError::new(format!("transaction cancelled: {}", codes.join(","))))
}

fn put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

fn update(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}
