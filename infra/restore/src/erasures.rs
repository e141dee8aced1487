//! What was erased since the moment that a ledger is of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use kernel::{Entity, Identifier};
use ledger::{Erasure, ErasureStatus};
use store::{Entities, Tenants, UnitOfWork};
use ulid::Ulid;

use crate::{Failure, Finding};

/// How many receipts are read at once.
const PAGE: u16 = 100;

/// Carries the receipts that the restored ledger lacks, each as not yet verified: so the clock destroys and removes once more
/// what came back. Tells how many.
///
/// # Errors
/// When a table does not answer.
pub(crate) async fn carry(dynamo: &Client, in_use: &str, beside: &str) -> Result<u64, Failure> {
    let (from, to) =
        (Entities::<Erasure>::new(dynamo.clone(), in_use), Entities::<Erasure>::new(dynamo.clone(), beside));
    let enrolled = Tenants::new(dynamo.clone(), beside);
    let mut carried = 0;
    for tenant in Tenants::new(dynamo.clone(), in_use).all().await? {
        let mut after: Option<Identifier> = None;
        loop {
            let page = from.list(&tenant, None, after.as_ref(), PAGE).await?;
            for receipt in page.objects {
                if to.get(&tenant, receipt.value.id()).await?.is_some() {
                    continue;
                }
                enrolled.enrol(&tenant).await?;
                let mut work = UnitOfWork::default();
                to.create(&mut work, &tenant, &unfinished(receipt.value), None)?;
                let written = work.commit_unaudited(dynamo, &Ulid::generate().to_string()).await;
                written.map_err(|error| error.to_string())?;
                carried += 1;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(carried)
}

fn unfinished(erasure: Erasure) -> Erasure {
    let status = match erasure.status {
        ErasureStatus::Verified => ErasureStatus::Erased,
        status => status,
    };
    Erasure { status, ..erasure }
}

/// How many rows are under keys that no longer stand, and which of these keys no receipt accounts for.
///
/// # Errors
/// When a table does not answer.
pub(crate) async fn check(dynamo: &Client, keys: &str, ledger: &str) -> Result<(u64, Vec<Finding>), Failure> {
    let mut standing: HashMap<String, String> = HashMap::new();
    let mut items = dynamo.scan().table_name(keys).consistent_read(true).into_paginator().items().send();
    while let Some(item) = items.next().await {
        let mut item = item?;
        if let (Some(owner), Some(id)) = (take(&mut item, "pk"), take(&mut item, "id")) {
            standing.insert(owner, id);
        }
    }
    let mut receipts: BTreeSet<String> = BTreeSet::new();
    let mut lost: BTreeMap<String, u64> = BTreeMap::new();
    let scan = dynamo.scan().table_name(ledger).consistent_read(true);
    let scan = scan.projection_expression("pk, sk, #key, kind").expression_attribute_names("#key", "key");
    let mut items = scan.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let mut item = item?;
        match (take(&mut item, "pk"), take(&mut item, "key"), take(&mut item, "kind")) {
            (Some(owner), Some(key), _) if standing.get(&owner) != Some(&key) => {
                *lost.entry(key).or_default() += 1;
            }
            (_, _, Some(kind)) if kind == Erasure::KIND => receipts.extend(take(&mut item, "sk")),
            _ => {}
        }
    }
    let unreadable = lost.values().sum();
    let unexplained = lost.into_iter().filter(|(key, _)| !receipts.contains(key));
    let finding = |(key, rows)| Finding::NoReceipt { table: ledger.to_owned(), key, rows };
    Ok((unreadable, unexplained.map(finding).collect()))
}

fn take(item: &mut HashMap<String, AttributeValue>, name: &str) -> Option<String> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}
