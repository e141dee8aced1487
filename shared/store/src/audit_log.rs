//! What the audit trails of all writers have written, for whoever may read it.

use aws_sdk_dynamodb::Client;
use futures_util::future::try_join_all;
use jiff::{Timestamp, civil::Date};
use kernel::Tenant;
use serde::Deserialize;
use vault::{KeySet, Tag};

use crate::{
    StoreError,
    audit::{Place, SHARDS, shard, signed},
    item::{Item, read_bytes, read_number, read_text, text},
};

/// The audit table.
#[derive(Clone, Debug)]
pub struct AuditLog {
    client: Client,
    table: String,
}

/// An entry as it is stored, which need not be as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The chain: `tenant#writer`.
    pub chain: String,
    /// Its place in the chain, from 0.
    pub seq: u64,
    /// What it says, JSON.
    pub entry: String,
    /// The authentication code of the entry before.
    pub previous: Vec<u8>,
    /// Which version of the audit key made `mac`.
    pub key: u32,
    /// Its authentication code.
    pub mac: Vec<u8>,
    /// `shard`, `at` and `began`, as the indexes have them.
    indexed: [Option<String>; 3],
}

/// The entries of a tenant in a span of time, the newest first.
#[derive(Debug)]
pub struct AuditPage {
    /// The entries.
    pub rows: Vec<AuditRow>,
    /// After what the list goes on.
    pub next: Option<String>,
}

impl AuditLog {
    /// What is in `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Up to `limit` entries of `tenant` from `from` to `to`, both included, after the place called `after`. What was
    /// written a moment ago may be missing, because an index is read.
    ///
    /// # Errors
    /// When the table does not answer or holds what is no entry.
    pub async fn page(
        &self,
        tenant: &Tenant,
        (from, to): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: u16,
    ) -> Result<AuditPage, StoreError> {
        // Writers are letters and digits, which sort before `~`.
        let (first, last) = (format!("{from:.9}#"), format!("{to:.9}#~"));
        let last = after.filter(|after| **after < *last).unwrap_or(&last);
        // The place called `after` is found again, and one more tells whether the list goes on.
        let enough = usize::from(limit) + 2;
        let part = async |part| {
            let query = self.client.query().table_name(&self.table).index_name("by_time");
            let mut pages = query
                .key_condition_expression("#shard = :shard AND #at BETWEEN :first AND :last")
                .expression_attribute_names("#shard", "shard")
                .expression_attribute_names("#at", "at")
                .expression_attribute_values(":shard", text(shard(tenant, part)))
                .expression_attribute_values(":first", text(&first))
                .expression_attribute_values(":last", text(last))
                .scan_index_forward(false)
                .limit(i32::from(limit) + 2)
                .into_paginator()
                .items()
                .send();
            // DynamoDB ends a page after 1 MB, however few entries that are.
            let mut found: Vec<Item> = Vec::new();
            while found.len() < enough
                && let Some(item) = pages.next().await
            {
                found.push(item?);
            }
            Ok::<_, StoreError>(found)
        };
        let mut items = try_join_all((0..SHARDS).map(part)).await?.concat();
        items.retain(|item| read_text(item, "at") != after);
        items.sort_by(|one, other| read_text(other, "at").cmp(&read_text(one, "at")));
        let goes_on = items.len() > usize::from(limit);
        items.truncate(usize::from(limit));
        let next = items.last().filter(|_| goes_on).and_then(|item| read_text(item, "at")).map(str::to_owned);
        Ok(AuditPage { rows: items.iter().map(AuditRow::read).collect::<Result<_, _>>()?, next })
    }

    /// The chains that began on a day, UTC. One that began a moment ago may be missing.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn chains(&self, day: Date) -> Result<Vec<String>, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name("by_day");
        let pages = query
            .key_condition_expression("began = :day")
            .expression_attribute_values(":day", text(day.to_string()))
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages.collect::<Result<_, _>>().await?;
        Ok(items.iter().filter_map(|item| read_text(item, "pk")).map(str::to_owned).collect())
    }

    /// The last entry of a chain.
    ///
    /// # Errors
    /// When the table does not answer or the entry is none.
    pub async fn head(&self, chain: &str) -> Result<Option<AuditRow>, StoreError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :chain");
        let query = query.expression_attribute_values(":chain", text(chain)).scan_index_forward(false).limit(1);
        let answer = query.consistent_read(true).send().await?;
        answer.items.unwrap_or_default().first().map(AuditRow::read).transpose()
    }
}

/// What an entry says of itself, as far as its place goes.
#[derive(Deserialize)]
struct Said {
    time: Timestamp,
    #[serde(default)]
    follows: Option<String>,
}

impl AuditRow {
    /// Reads an item of the audit table. What is missing of it, or of another type, is empty, and so it is not authentic.
    ///
    /// # Errors
    /// When it has no key of the table.
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let row = || {
            Some(Self {
                chain: read_text(item, "pk")?.to_owned(),
                seq: read_number(item, "seq")?,
                entry: read_text(item, "entry").unwrap_or_default().to_owned(),
                previous: read_bytes(item, "previous").unwrap_or_default().to_vec(),
                key: read_number(item, "key").unwrap_or_default(),
                mac: read_bytes(item, "mac").unwrap_or_default().to_vec(),
                indexed: ["shard", "at", "began"].map(|name| read_text(item, name).map(str::to_owned)),
            })
        };
        row().ok_or_else(|| StoreError::new("an item of the audit table is no entry"))
    }

    /// Whether this is the entry that was written here: whoever changes or moves it, or its place in an index, would need
    /// the audit key. Whether the chain is whole is another question.
    #[must_use]
    pub fn is_authentic(&self, keys: &KeySet) -> bool {
        let Ok(mac) = self.mac.as_slice().try_into() else { return false };
        let tag = Tag { version: self.key, bytes: mac };
        let seq = self.seq.to_be_bytes();
        keys.verify(&signed(&self.chain, &seq, &self.previous, &self.entry), &tag) && self.is_in_its_place()
    }

    /// The chain that this entry says it follows, and how many entries that certainly has.
    #[must_use]
    pub fn follows(&self) -> Option<(String, u64)> {
        let (tenant, _) = self.chain.split_once('#')?;
        let follows = self.said()?.follows?;
        let (writer, entries) = follows.split_once('#')?;
        Some((format!("{tenant}#{writer}"), entries.parse().ok()?))
    }

    /// When it was written, if it says so.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        Some(self.said()?.time)
    }

    fn said(&self) -> Option<Said> {
        serde_json::from_str(&self.entry).ok()
    }

    fn is_in_its_place(&self) -> bool {
        let expected = || {
            let (tenant, writer) = self.chain.split_once('#')?;
            let place = Place { tenant, writer, seq: self.seq, time: self.said()?.time };
            Some([Some(place.shard()), Some(place.at()), (self.seq == 0).then(|| place.day())])
        };
        expected().is_some_and(|expected| expected == self.indexed)
    }
}
