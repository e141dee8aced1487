//! What is stored about people: one partition for each, in the Ledger table.
//!
//! | attribute | type | meaning |
//! |---|---|---|
//! | `pk` | S | `tenant#user` |
//! | `sk` | S | kind and name of the row |
//! | `key` | S | the id of the data key that `sealed` is under |
//! | `revision` | N | grows by one with every change; 1 is the first |
//! | `facts` | S | JSON: what must be read without the key |
//! | `sealed` | M | attribute -> B: what must not |
//! | `by_account`, `by_merchant` | S | `tenant#user#token`: where the row is found by a sealed value; absent if it has none |
//!
//! This module knows no kinds of rows and opens nothing: `books` does.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Delete, Put},
};
use kernel::{Identifier, Tenant};

use crate::{
    Order, StoreError, UnitOfWork,
    item::{Item, bytes, item, number, read_number, read_text, text},
    read::get_all,
    write::delete_all,
};

/// The rows about people, in the Ledger table.
pub struct People {
    client: Client,
    table: String,
}

/// Whose rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Whose customer.
    pub tenant: Tenant,
    /// The tenant's name for the person.
    pub user: Identifier,
}

/// A row about a person.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Kind and name.
    pub sort: String,
    /// The data key that `sealed` is under.
    pub key: Identifier,
    /// JSON that is not sealed.
    pub facts: String,
    /// What is sealed, by attribute.
    pub sealed: BTreeMap<String, Vec<u8>>,
    /// The tokens under which the row is found.
    pub found_by: Vec<(Lookup, String)>,
    /// Zero before it is stored.
    pub revision: u64,
}

/// A sealed value by which rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The person's own account or card.
    Account,
    /// The other side.
    Merchant,
}

impl Lookup {
    const ALL: [Self; 2] = [Self::Account, Self::Merchant];

    const fn attribute(self) -> &'static str {
        match self {
            Self::Account => "by_account",
            Self::Merchant => "by_merchant",
        }
    }
}

/// Which rows of a person, in which order.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// The first sort key.
    pub from: &'a str,
    /// The last sort key.
    pub to: &'a str,
    /// Only rows that are found by this token.
    pub found_by: Option<(Lookup, &'a str)>,
    /// Ascending or descending sort keys.
    pub order: Order,
    /// Only what comes after this sort key, in the order.
    pub after: Option<&'a str>,
    /// At most so many rows.
    pub limit: u16,
}

/// Some rows, and whether there may be more.
#[derive(Debug)]
pub struct PersonRows {
    /// The rows, in order.
    pub rows: Vec<PersonRow>,
    /// The sort key after which the list goes on.
    pub next: Option<String>,
}

impl Subject {
    /// The partition of the person's rows.
    #[must_use]
    pub fn partition(&self) -> String {
        format!("{}#{}", self.tenant, self.user)
    }
}

impl People {
    /// The table called `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// When the table does not answer or the item is no such row.
    pub async fn get(&self, subject: &Subject, sort: &str) -> Result<Option<PersonRow>, StoreError> {
        let key = key(subject, sort);
        let answer =
            self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true).send().await?;
        answer.item.as_ref().map(parse).transpose()
    }

    /// Reads those rows that exist, in any order. The keys are all different.
    ///
    /// # Errors
    /// When the table does not answer or an item is no such row.
    pub async fn get_all(&self, subject: &Subject, sorts: &[String]) -> Result<Vec<PersonRow>, StoreError> {
        let keys = sorts.iter().map(|sort| key(subject, sort)).collect();
        get_all(&self.client, &self.table, keys).await?.iter().map(parse).collect()
    }

    /// Reads rows in order. By a token the newest may be missing for a moment, because an index follows its table.
    ///
    /// # Errors
    /// When the table does not answer or an item is no such row.
    pub async fn list(&self, subject: &Subject, span: &Span<'_>) -> Result<PersonRows, StoreError> {
        let (index, name, value) = match span.found_by {
            None => (None, "pk", subject.partition()),
            Some((lookup, token)) => {
                let attribute = lookup.attribute();
                (Some(attribute), attribute, format!("{}#{token}", subject.partition()))
            }
        };
        let start = span.after.map(|sort| {
            let mut start = key(subject, sort);
            start.extend(index.map(|attribute| (attribute.to_owned(), text(&value))));
            start
        });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression("#partition = :partition AND sk BETWEEN :from AND :to")
            .expression_attribute_names("#partition", name)
            .expression_attribute_values(":partition", text(&value))
            .expression_attribute_values(":from", text(span.from))
            .expression_attribute_values(":to", text(span.to))
            .scan_index_forward(span.order == Order::Ascending)
            .set_exclusive_start_key(start)
            .limit(i32::from(span.limit))
            .consistent_read(index.is_none())
            .send()
            .await?;
        let next = answer.last_evaluated_key.as_ref().and_then(|last| read_text(last, "sk")).map(str::to_owned);
        let rows = answer.items().iter().map(parse).collect::<Result<_, _>>()?;
        Ok(PersonRows { rows, next })
    }

    /// Stores a row: a new one if its revision is 0, else in place of the one that was read at that revision; a
    /// conflict when another request got there first.
    ///
    /// # Errors
    /// When the item cannot be made.
    pub fn write(&self, work: &mut UnitOfWork, subject: &Subject, row: PersonRow) -> Result<(), StoreError> {
        let read = row.revision;
        let mut stored = key(subject, &row.sort);
        stored.extend(item([
            ("key", text(&*row.key)),
            ("revision", number(read + 1)),
            ("facts", text(row.facts)),
            ("sealed", AttributeValue::M(row.sealed.into_iter().map(|(name, value)| (name, bytes(value))).collect())),
        ]));
        for (lookup, token) in row.found_by {
            stored.insert(lookup.attribute().to_owned(), text(format!("{}#{token}", subject.partition())));
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(stored));
        let put = if read == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("revision = :read").expression_attribute_values(":read", number(read))
        };
        work.put(put.build().map_err(StoreError::new)?);
        Ok(())
    }

    /// Removes a row that was read; a conflict when it has changed meanwhile.
    ///
    /// # Errors
    /// When the item cannot be made.
    pub fn remove(&self, work: &mut UnitOfWork, subject: &Subject, row: &PersonRow) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(subject, &row.sort)))
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", number(row.revision));
        work.delete(delete.build().map_err(StoreError::new)?);
        Ok(())
    }

    /// The sort keys of up to 1000 rows that are sealed under `key`, and whether there may be more after them.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn sealed_under(
        &self,
        subject: &Subject,
        key: &Identifier,
        after: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .filter_expression("#key = :key")
            .projection_expression("sk")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":pk", text(subject.partition()))
            .expression_attribute_values(":key", text(&**key))
            .set_exclusive_start_key(after.map(|sort| self::key(subject, sort)))
            .limit(1_000)
            .consistent_read(true)
            .send()
            .await?;
        let sort = |row: &Item| read_text(row, "sk").map(str::to_owned);
        let next = answer.last_evaluated_key.as_ref().and_then(sort);
        Ok((answer.items().iter().filter_map(sort).collect(), next))
    }

    /// Removes rows, whether they are there or not, whatever they hold.
    ///
    /// # Errors
    /// When the table does not answer; some may have been removed.
    pub async fn erase(&self, subject: &Subject, sorts: &[String]) -> Result<(), StoreError> {
        delete_all(&self.client, &self.table, sorts.iter().map(|sort| key(subject, sort)).collect()).await
    }
}

fn key(subject: &Subject, sort: &str) -> Item {
    item([("pk", text(subject.partition())), ("sk", text(sort))])
}

fn parse(row: &Item) -> Result<PersonRow, StoreError> {
    let nonsense = || StoreError::new("an item is no row about a person");
    let partition = read_text(row, "pk").ok_or_else(nonsense)?;
    let token = |lookup: Lookup| {
        let stored = read_text(row, lookup.attribute())?;
        Some((lookup, stored.strip_prefix(partition)?.strip_prefix('#')?.to_owned()))
    };
    let found_by = Lookup::ALL.into_iter().filter_map(token).collect();
    let sealed: Option<&HashMap<String, AttributeValue>> = row.get("sealed").and_then(|map| map.as_m().ok());
    let open = |(name, value): (&String, &AttributeValue)| {
        value.as_b().map(|bytes| (name.clone(), bytes.as_ref().to_vec())).map_err(|_| nonsense())
    };
    Ok(PersonRow {
        sort: read_text(row, "sk").ok_or_else(nonsense)?.to_owned(),
        key: Identifier::parse(read_text(row, "key").ok_or_else(nonsense)?).map_err(|_| nonsense())?,
        facts: read_text(row, "facts").ok_or_else(nonsense)?.to_owned(),
        sealed: sealed.ok_or_else(nonsense)?.iter().map(open).collect::<Result<_, _>>()?,
        found_by,
        revision: read_number(row, "revision").ok_or_else(nonsense)?,
    })
}
