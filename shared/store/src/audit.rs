//! The audit chain of this writer. [`AuditLog`](crate::AuditLog) reads what it wrote.
//!
//! | attribute | type | meaning |
//! |---|---|---|
//! | `pk` | S | `tenant#writer`; the writer is a ULID that one execution environment mints |
//! | `seq` | N | 0, 1, 2 ... without gaps |
//! | `entry` | S | the entry, JSON |
//! | `previous` | B | `mac` of the entry before; 32 zero bytes for the first |
//! | `key` | N | version of the audit key that made `mac` |
//! | `mac` | B | HMAC-SHA-256 over `palisade-audit-1`, 0, `pk`, 0, `seq` (8 bytes, big endian), `previous`, `entry` |
//! | `shard` | S | `tenant#n`: which eighth of the tenant's writers this is; with `at` it makes the index `by_time` |
//! | `at` | S | the entry's time with nine decimals, `#`, the writer, `#`, `seq` in twelve digits |
//! | `began` | S | the day, UTC; of a chain's first entry alone, so that the index `by_day` holds the chains of a day |
//!
//! The last three are copies of what the others say, for the indexes.
//!
//! An execution environment serves one request at a time, so the head of its chain is in memory
//! and writers never contend. It may only put, and only where nothing is: it cannot read its
//! entries back. So when it cannot know whether an entry was written, it begins a new chain whose
//! first entry names the old one (`follows`: the chain, `#`, how many entries it certainly has). A chain that is twelve
//! hours old is followed by a new one too, so that whoever signs the heads of chains need not look at all there ever were.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{Client, types::Put};
use jiff::{SignedDuration, Timestamp};
use kernel::{KeyId, RequestId, Scope, Tenant};
use serde::Serialize;
use tokio::sync::{Mutex, MutexGuard};
use ulid::Ulid;
use vault::{KeySet, Moment, SecretCache};

use crate::{
    StoreError,
    item::{Item, bytes, item, number, text},
};

const DOMAIN: &[u8] = b"palisade-audit-1";
/// How old a chain gets.
const LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Into how many parts the index by time is cut, each of which DynamoDB lets 1,000 writes a second into.
pub(crate) const SHARDS: u8 = 8;
/// What fingerprints are authenticated for.
const FINGERPRINT: &[u8] = b"palisade-audit-fingerprint-1";

/// What was decided about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It stored what the entry names.
    Stored,
    /// It was answered with what is stored about a person.
    Exported,
    /// The key lacks the scope.
    DeniedScope,
    /// The key has expired or was revoked.
    DeniedKey,
    /// The gateway's authorizer named another key.
    DeniedContext,
}

/// Who did or was refused what.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// When.
    pub time: Timestamp,
    /// Whose data.
    pub tenant: Tenant,
    /// With which key; nobody's when the pipeline did it.
    pub kid: Option<KeyId>,
    /// The scope the route asks for, if any.
    pub scope: Option<Scope>,
    /// The function's name for the route.
    pub route: &'static str,
    /// The outcome.
    pub decision: Decision,
    /// The objects that were written.
    pub objects: Vec<String>,
    /// What tells whether a request is the one of the entry: SHA-256 of its path, query and canonical body, in hexadecimal;
    /// as it is written, authenticated under the audit key, so that nobody without it can guess a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The request.
    pub request_id: RequestId,
}

/// Appends to this writer's chains, one for each tenant it serves.
pub struct AuditTrail {
    client: Client,
    table: String,
    keys: SecretCache<KeySet>,
    heads: Mutex<HashMap<Tenant, Head>>,
}

/// The end of a chain.
struct Head {
    began: Timestamp,
    writer: String,
    next: u64,
    mac: [u8; 32],
    /// The chain this one replaces, until its first entry has said so.
    follows: Option<String>,
}

/// An entry that is about to be written, and the lock that keeps others from the same place.
pub(crate) struct Appending<'a> {
    heads: MutexGuard<'a, HashMap<Tenant, Head>>,
    tenant: Tenant,
    item: Item,
    mac: [u8; 32],
    now: Moment,
}

/// Where an entry stands, and what the indexes say of it.
pub(crate) struct Place<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) writer: &'a str,
    pub(crate) seq: u64,
    pub(crate) time: Timestamp,
}

impl Place<'_> {
    pub(crate) fn shard(&self) -> String {
        let last = self.writer.bytes().next_back().unwrap_or_default();
        shard(self.tenant, last % SHARDS)
    }

    pub(crate) fn at(&self) -> String {
        format!("{:.9}#{}#{:012}", self.time, self.writer, self.seq)
    }

    pub(crate) fn day(&self) -> String {
        self.time.strftime("%F").to_string()
    }
}

/// The name of a part of the index by time.
pub(crate) fn shard(tenant: &str, part: u8) -> String {
    format!("{tenant}#{part}")
}

/// What an entry's MAC is over.
pub(crate) fn signed<'a>(pk: &'a str, seq: &'a [u8; 8], previous: &'a [u8], entry: &'a str) -> [&'a [u8]; 7] {
    [DOMAIN, b"\0", pk.as_bytes(), b"\0", seq, previous, entry.as_bytes()]
}

impl AuditTrail {
    /// A trail in `table`, its entries signed with `keys`.
    pub fn new(client: Client, table: impl Into<String>, keys: SecretCache<KeySet>) -> Self {
        Self { client, table: table.into(), keys, heads: Mutex::new(HashMap::new()) }
    }

    /// Writes an entry by itself, for a request that stores nothing.
    ///
    /// # Errors
    /// When the entry may not have been written.
    pub async fn record(&self, entry: &AuditEntry, now: Moment) -> Result<(), StoreError> {
        let appending = self.append(entry, now).await?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(appending.item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Ok(_) => {
                appending.written();
                Ok(())
            }
            Err(error) => {
                appending.unknown();
                Err(error.into())
            }
        }
    }

    /// The next entry of the tenant's chain, not yet written. The caller says what became of it.
    pub(crate) async fn append(&self, entry: &AuditEntry, now: Moment) -> Result<Appending<'_>, StoreError> {
        let keys: Arc<KeySet> = self.keys.get(now.monotonic).await.map_err(StoreError::new)?;
        let mut heads = self.heads.lock().await;
        let head = heads.entry(entry.tenant.clone()).or_insert_with(|| Head::new(now, None));
        if now.wall.duration_since(head.began) >= LIFE {
            *head = head.successor(now);
        }
        let pk = format!("{}#{}", entry.tenant, head.writer);
        let place = Place { tenant: &entry.tenant, writer: &head.writer, seq: head.next, time: entry.time };
        let mut indexed = vec![("shard", text(place.shard())), ("at", text(place.at()))];
        if head.next == 0 {
            indexed.push(("began", text(place.day())));
        }
        let mut entry = entry.clone();
        entry.fingerprint = entry.fingerprint.map(|plain| {
            let tag = keys.sign(&[FINGERPRINT, b"\0", plain.as_bytes()]);
            tag.bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        let linked = Linked { entry: &entry, follows: head.follows.as_deref() };
        let json = serde_json::to_string(&linked).map_err(StoreError::new)?;
        let seq = head.next.to_be_bytes();
        let tag = keys.sign(&signed(&pk, &seq, &head.mac, &json));
        let mut item = item([
            ("pk", text(pk)),
            ("seq", number(head.next)),
            ("entry", text(json)),
            ("previous", bytes(head.mac.as_slice())),
            ("key", number(tag.version)),
            ("mac", bytes(tag.bytes.as_slice())),
        ]);
        item.extend(indexed.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(Appending { heads, tenant: entry.tenant.clone(), item, mac: tag.bytes, now })
    }

    /// The part of a transaction that writes the entry.
    pub(crate) fn put(&self, appending: &Appending<'_>) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(appending.item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(StoreError::new)
    }
}

impl Head {
    fn new(now: Moment, follows: Option<String>) -> Self {
        Self { began: now.wall, writer: Ulid::generate().to_string(), next: 0, mac: [0; 32], follows }
    }

    /// A new chain that says of this one how many entries it certainly has. One without any is not worth naming, but what
    /// it was to follow is.
    fn successor(&mut self, now: Moment) -> Self {
        let follows = if self.next == 0 { self.follows.take() } else { Some(format!("{}#{}", self.writer, self.next)) };
        Self::new(now, follows)
    }
}

impl Appending<'_> {
    /// The entry is there: the chain goes on after it.
    pub(crate) fn written(mut self) {
        if let Some(head) = self.heads.get_mut(&self.tenant) {
            head.next += 1;
            head.mac = self.mac;
            head.follows = None;
        }
    }

    /// Nobody can tell whether the entry is there: a new chain takes over.
    pub(crate) fn unknown(mut self) {
        if let Some(head) = self.heads.get_mut(&self.tenant) {
            *head = head.successor(self.now);
        }
    }
}

#[derive(Serialize)]
struct Linked<'a> {
    #[serde(flatten)]
    entry: &'a AuditEntry,
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<&'a str>,
}
