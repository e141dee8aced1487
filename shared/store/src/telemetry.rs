//! Segments of readings and the sensors that have them.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | segment | `tenant#sensor` | `R#<hour>#<write>#<part>` | `data`, `expires`; `staged` if part of a batch |
//! | sensor | `tenant#!sensors` | sensor | |
//! | batch | `tenant#!batch#<write>` | `committed` | `tenant`, `expires`; `segments`, their names |
//!
//! `<hour>` is `2006-01-02T15` in UTC, so a range of time is a range of keys; `<write>` is the
//! ULID of the write, so that concurrent writes never meet in one item and the later one is known.
//!
//! A transaction takes 100 items. A request with more segments than fit *stages* them first: they
//! carry `staged`, and readers ignore them until the batch item, which the transaction writes,
//! says that they count. The sensor items only say where to look: one is written before the first
//! segment, by itself, and a sensor without segments is no sensor.
//!
//! Segments expire, and with them what was staged and never committed.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Put},
};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{Identifier, Tenant};
use ulid::Ulid;

use crate::{
    SegmentStored, StoreError, UnitOfWork,
    item::{Item, bytes, item, number, read_bytes, read_text, text},
    read::get_all,
    write::write_all,
};

/// The size of the first page of a query; each next one is twice as large.
const FIRST_PAGE: i32 = 16;
const LARGEST_PAGE: i32 = 1_024;

/// The Telemetry table.
pub struct Telemetry {
    client: Client,
    table: String,
    /// The sensors this process knows to be listed.
    listed: Mutex<HashSet<(Tenant, Identifier)>>,
}

/// Readings of one sensor within one hour, to be stored.
#[derive(Clone, Debug)]
pub struct NewSegment {
    /// Whose readings.
    pub sensor: Identifier,
    /// A time in the hour they lie in.
    pub hour: Timestamp,
    /// The readings.
    pub data: Vec<u8>,
}

/// Readings of one sensor within one hour, as stored.
#[derive(Clone, Debug)]
pub struct StoredSegment {
    /// The hour they lie in, as the key spells it.
    pub hour: String,
    /// Larger was written later.
    pub order: u128,
    /// The readings.
    pub data: Vec<u8>,
}

/// The direction of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Oldest hour first.
    Ascending,
    /// Newest hour first.
    Descending,
}

/// The pages of a query over the segments of one sensor.
pub struct SegmentPager<'a> {
    telemetry: &'a Telemetry,
    tenant: Tenant,
    pk: String,
    range: (String, String),
    order: Order,
    size: i32,
    next: Option<Item>,
    done: bool,
    batches: HashMap<Ulid, bool>,
}

impl Telemetry {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), listed: Mutex::default() }
    }

    /// Adds `segments`, which DynamoDB removes after `expires`, to the unit of work of the write called `write`, staging
    /// them if they are too many for one transaction.
    ///
    /// # Errors
    /// When the table does not answer. Nothing can be read of what was written.
    pub async fn store(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        write: Ulid,
        segments: Vec<NewSegment>,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sensors: Vec<Identifier> = segments.iter().map(|segment| segment.sensor.clone()).collect();
        sensors.sort_unstable();
        sensors.dedup();
        self.list(tenant, &sensors).await?;
        for sensor in &sensors {
            work.touch(format!("sensor/{sensor}"));
        }
        let expires = number(expires.as_second());
        let rows = segments.into_iter().enumerate();
        let rows = rows.map(|(part, segment)| segment_item(tenant, write, part, segment, expires.clone()));
        let mut rows: Vec<Item> = rows.collect();
        if rows.len() > UnitOfWork::MOST_ITEMS {
            for row in &mut rows {
                row.insert("staged".to_owned(), AttributeValue::Bool(true));
            }
            let names = AttributeValue::Ss(rows.iter().filter_map(segment_name).collect());
            write_all(&self.client, &self.table, rows).await?;
            rows = vec![item([
                ("pk", text(batch_key(tenant, write))),
                ("sk", text("committed")),
                ("tenant", text(&**tenant)),
                ("segments", names),
                ("expires", expires),
            ])];
        }
        for row in rows {
            work.put(Put::builder().table_name(&self.table).set_item(Some(row)).build().map_err(StoreError::new)?);
        }
        Ok(())
    }

    /// The segments of `sensor` whose hours overlap `from` to `to`, both included.
    #[must_use]
    pub fn segments(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        from: Timestamp,
        to: Timestamp,
        order: Order,
    ) -> SegmentPager<'_> {
        SegmentPager {
            telemetry: self,
            tenant: tenant.clone(),
            pk: format!("{tenant}#{sensor}"),
            // `~` sorts after every character that follows the hour.
            range: (format!("R#{}", hour_key(from)), format!("R#{}~", hour_key(to))),
            order,
            size: FIRST_PAGE,
            next: None,
            // DynamoDB refuses a range whose ends are not in order.
            done: to < from,
            batches: HashMap::new(),
        }
    }

    /// The segments of a batch that was committed, by their names in its item, in the order of writing.
    ///
    /// # Errors
    /// When the table does not answer, or a segment is missing.
    pub async fn batch(&self, tenant: &Tenant, names: &[String]) -> Result<Vec<SegmentStored>, StoreError> {
        let keys: Option<Vec<Item>> = names.iter().map(|name| segment_key(tenant, name)).collect();
        let keys = keys.ok_or_else(|| StoreError::new("a batch names what is no segment"))?;
        let rows = get_all(&self.client, &self.table, keys).await?;
        if rows.len() != names.len() {
            return Err(StoreError::new("a committed segment is missing"));
        }
        let mut found: Vec<(u128, SegmentStored)> = rows.iter().map(SegmentStored::parse).collect::<Result<_, _>>()?;
        found.sort_by_key(|(order, _)| *order);
        Ok(found.into_iter().map(|(_, segment)| segment).collect())
    }

    /// Up to `limit` sensors of `tenant` in order of name, after the one called `after`.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn sensors(
        &self,
        tenant: &Tenant,
        after: Option<&Identifier>,
        limit: u16,
    ) -> Result<Vec<Identifier>, StoreError> {
        let pk = format!("{tenant}#!sensors");
        let start = after.map(|sensor| item([("pk", text(&pk)), ("sk", text(&**sensor))]));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(&pk))
            .set_exclusive_start_key(start)
            .limit(i32::from(limit))
            .consistent_read(true)
            .send()
            .await?;
        let sensor = |row: &Item| read_text(row, "sk").and_then(|name| Identifier::parse(name).ok());
        answer
            .items()
            .iter()
            .map(|row| sensor(row).ok_or_else(|| StoreError::new("a sensor item has no name")))
            .collect()
    }

    /// Lists the sensors. Rewriting the same item is harmless, so this needs no condition.
    async fn list(&self, tenant: &Tenant, sensors: &[Identifier]) -> Result<(), StoreError> {
        let known = |sensor: &Identifier| self.listed().contains(&(tenant.clone(), sensor.clone()));
        let new: Vec<Identifier> = sensors.iter().filter(|sensor| !known(sensor)).cloned().collect();
        let row = |sensor: &Identifier| item([("pk", text(format!("{tenant}#!sensors"))), ("sk", text(&**sensor))]);
        write_all(&self.client, &self.table, new.iter().map(row).collect()).await?;
        self.listed().extend(new.into_iter().map(|sensor| (tenant.clone(), sensor)));
        Ok(())
    }

    fn listed(&self) -> std::sync::MutexGuard<'_, HashSet<(Tenant, Identifier)>> {
        self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Which of the batches of `tenant` were committed.
    async fn committed(&self, tenant: &Tenant, batches: &[Ulid]) -> Result<HashSet<String>, StoreError> {
        let key = |batch: &Ulid| item([("pk", text(batch_key(tenant, *batch))), ("sk", text("committed"))]);
        let rows = get_all(&self.client, &self.table, batches.iter().map(key).collect()).await?;
        let found = rows.iter().filter_map(|row| read_text(row, "pk")).map(str::to_owned).collect();
        Ok(found)
    }
}

impl SegmentPager<'_> {
    /// The next page, in the order of hours; `None` after the last. An hour may go on in the next page.
    ///
    /// # Errors
    /// When the table does not answer or an item is not a segment.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredSegment>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let answer = self
            .telemetry
            .client
            .query()
            .table_name(&self.telemetry.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(&self.pk))
            .expression_attribute_values(":from", text(&self.range.0))
            .expression_attribute_values(":to", text(&self.range.1))
            .scan_index_forward(self.order == Order::Ascending)
            .set_exclusive_start_key(self.next.take())
            .limit(self.size)
            .consistent_read(true)
            .send()
            .await?;
        self.size = (self.size * 2).min(LARGEST_PAGE);
        self.next = answer.last_evaluated_key;
        self.done = self.next.is_none();
        self.read(&answer.items.unwrap_or_default()).await.map(Some)
    }

    async fn read(&mut self, rows: &[Item]) -> Result<Vec<StoredSegment>, StoreError> {
        let rows: Option<Vec<Row>> = rows.iter().map(Row::parse).collect();
        let rows = rows.ok_or_else(|| StoreError::new("an item is not a segment"))?;
        let mut unknown: Vec<Ulid> = rows.iter().filter(|row| row.staged).map(|row| row.write).collect();
        unknown.dedup();
        unknown.retain(|batch| !self.batches.contains_key(batch));
        if !unknown.is_empty() {
            let committed = self.telemetry.committed(&self.tenant, &unknown).await?;
            let known = unknown.into_iter().map(|batch| (batch, committed.contains(&batch_key(&self.tenant, batch))));
            self.batches.extend(known);
        }
        let counts = |row: &Row| !row.staged || self.batches.get(&row.write).copied().unwrap_or(false);
        Ok(rows.into_iter().filter(counts).map(|row| row.segment).collect())
    }
}

pub(crate) struct Row {
    pub(crate) write: Ulid,
    pub(crate) staged: bool,
    pub(crate) segment: StoredSegment,
}

impl Row {
    pub(crate) fn parse(row: &Item) -> Option<Self> {
        let mut parts = read_text(row, "sk")?.strip_prefix("R#")?.split('#');
        let hour = parts.next()?.to_owned();
        let write: Ulid = parts.next()?.parse().ok()?;
        let part: u16 = parts.next()?.parse().ok()?;
        // The parts of a write are in the order of writing: the last bits, which are random, give way to them.
        let order = (u128::from(write) & !u128::from(u16::MAX)) | u128::from(part);
        let staged = row.contains_key("staged");
        let data = read_bytes(row, "data")?.to_vec();
        Some(Self { write, staged, segment: StoredSegment { hour, order, data } })
    }
}

fn segment_item(tenant: &Tenant, write: Ulid, part: usize, segment: NewSegment, expires: AttributeValue) -> Item {
    let NewSegment { sensor, hour, data } = segment;
    item([
        ("pk", text(format!("{tenant}#{sensor}"))),
        ("sk", text(format!("R#{}#{write}#{part}", hour_key(hour)))),
        ("data", bytes(data)),
        ("expires", expires),
    ])
}

/// `sensor#hour#write#part`: the name of a segment within its tenant.
fn segment_name(row: &Item) -> Option<String> {
    let (_, sensor) = read_text(row, "pk")?.split_once('#')?;
    Some(format!("{sensor}#{}", read_text(row, "sk")?.strip_prefix("R#")?))
}

fn segment_key(tenant: &Tenant, name: &str) -> Option<Item> {
    let (sensor, rest) = name.split_once('#')?;
    Some(item([("pk", text(format!("{tenant}#{sensor}"))), ("sk", text(format!("R#{rest}")))]))
}

fn batch_key(tenant: &Tenant, write: Ulid) -> String {
    format!("{tenant}#!batch#{write}")
}

pub(crate) fn hour_key(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H").to_string()
}
