//! The unit of work: whole, once, or not at all, and never without its audit entry.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use palisade_local::{Fault, Service, When};
use store::{CommitError, UnitOfWork};

use crate::tables::Tables;

const TABLE: &str = "palisade-dev-telemetry";

fn put(name: &str) -> Put {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = Put::builder().table_name(TABLE).item("pk", text("p")).item("sk", text(name));
    put.condition_expression("attribute_not_exists(pk)").build().unwrap()
}

fn work(names: &[&str]) -> UnitOfWork {
    let mut work = UnitOfWork::default();
    for name in names {
        work.put(put(name));
        work.touch(format!("thing/{name}"));
    }
    work
}

async fn stored(tables: &Tables) -> usize {
    tables.dynamo.scan().table_name(TABLE).send().await.unwrap().items().len()
}

#[tokio::test]
async fn what_is_committed_is_stored_and_written_down() {
    let tables = Tables::new().await;
    tables.commit(work(&["a", "b"])).await.unwrap();
    assert_eq!(stored(&tables).await, 2);
    let [entry] = tables.audited().await.try_into().unwrap();
    assert!(entry.contains(r#""objects":["thing/a","thing/b"]"#), "{entry}");
}

#[tokio::test]
async fn what_conflicts_is_neither_stored_nor_written_down_and_the_chain_goes_on() {
    let tables = Tables::new().await;
    tables.commit(work(&["a"])).await.unwrap();
    assert!(matches!(tables.commit(work(&["b", "a"])).await, Err(CommitError::Conflict)));
    assert_eq!((stored(&tables).await, tables.audited().await.len()), (1, 1));
    tables.commit(work(&["c"])).await.unwrap();
    let entries = tables.audited().await;
    assert!(entries.iter().all(|entry| !entry.contains("follows")), "{entries:?}");
}

#[tokio::test]
async fn what_loses_against_another_transaction_is_contended() {
    let tables = Tables::new().await;
    let fault = tables.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::Conflict);
    assert!(matches!(tables.commit(work(&["a"])).await, Err(CommitError::Contended)));
    fault.stop();
    assert_eq!((stored(&tables).await, tables.audited().await.len()), (0, 0));
}

#[tokio::test]
async fn after_a_commit_whose_outcome_nobody_knows_a_new_chain_names_the_old_one() {
    for (fault, entries) in [(Fault::Reset, 2), (Fault::ResetAfter, 3)] {
        let tables = Tables::new().await;
        tables.commit(work(&["a"])).await.unwrap();
        let broken = tables.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems").times(1), fault);
        assert!(matches!(tables.commit(work(&["b"])).await, Err(CommitError::Unavailable(_))));
        assert_eq!(broken.fired(), 1);
        tables.commit(work(&["c"])).await.unwrap();
        let written = tables.audited().await;
        assert_eq!(written.len(), entries, "{written:?}");
        let follows: Vec<&String> = written.iter().filter(|entry| entry.contains("follows")).collect();
        assert!(matches!(follows.as_slice(), [one] if one.contains("#1\"") && one.contains("thing/c")), "{written:?}");
    }
}

#[tokio::test]
async fn a_chain_without_entries_is_not_named_by_the_one_after_it() {
    let tables = Tables::new().await;
    let broken = tables.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::Reset);
    assert!(matches!(tables.commit(work(&["a"])).await, Err(CommitError::Unavailable(_))));
    broken.stop();
    tables.commit(work(&["b"])).await.unwrap();
    let [entry] = tables.audited().await.try_into().unwrap();
    assert!(!entry.contains("follows"), "{entry}");
}
