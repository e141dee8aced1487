//! Rows about people.

use std::collections::BTreeMap;

use store::{CommitError, Lookup, Order, People, PersonRow, Span, Subject, UnitOfWork};

use crate::tables::{Tables, id, tenant};

fn people(tables: &Tables) -> People {
    People::new(tables.dynamo.clone(), "palisade-dev-ledger")
}

fn subject(owner: &str, user: &str) -> Subject {
    Subject { tenant: tenant(owner), user: id(user) }
}

fn row(sort: &str) -> PersonRow {
    PersonRow {
        sort: sort.to_owned(),
        key: id("key"),
        facts: "{}".to_owned(),
        sealed: BTreeMap::from([("message".to_owned(), vec![1, 2])]),
        found_by: vec![(Lookup::Account, "token".to_owned())],
        revision: 0,
    }
}

async fn write(tables: &Tables, subject: &Subject, row: PersonRow) -> Result<(), CommitError> {
    let mut work = UnitOfWork::default();
    people(tables).write(&mut work, subject, row).unwrap();
    tables.commit(work).await
}

async fn sorts(tables: &Tables, subject: &Subject, order: Order, found_by: Option<(Lookup, &str)>) -> Vec<String> {
    let span = Span { from: "txn#", to: "txn#~", found_by, order, after: None, limit: 10 };
    let listed = people(tables).list(subject, &span).await.unwrap();
    listed.rows.into_iter().map(|row| row.sort).collect()
}

#[tokio::test]
async fn a_row_is_listed_for_its_person_in_the_order_asked_for_and_for_nobody_else() {
    let tables = Tables::new().await;
    let mine = subject("acme", "u-1");
    for sort in ["txn#1", "txn#2", "goal#1"] {
        write(&tables, &mine, row(sort)).await.unwrap();
    }
    assert_eq!(sorts(&tables, &mine, Order::Ascending, None).await, ["txn#1", "txn#2"]);
    assert_eq!(sorts(&tables, &mine, Order::Descending, None).await, ["txn#2", "txn#1"]);
    assert_eq!(sorts(&tables, &mine, Order::Ascending, Some((Lookup::Account, "token"))).await, ["txn#1", "txn#2"]);
    assert_eq!(sorts(&tables, &mine, Order::Ascending, Some((Lookup::Account, "other"))).await, [""; 0]);
    assert_eq!(sorts(&tables, &mine, Order::Ascending, Some((Lookup::Merchant, "token"))).await, [""; 0]);
    for other in [subject("other", "u-1"), subject("acme", "u-2"), subject("acme", "u")] {
        assert_eq!(sorts(&tables, &other, Order::Ascending, None).await, [""; 0]);
        assert_eq!(sorts(&tables, &other, Order::Ascending, Some((Lookup::Account, "token"))).await, [""; 0]);
        assert!(people(&tables).get(&other, "txn#1").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn of_two_writes_of_one_row_the_second_is_a_conflict() {
    let tables = Tables::new().await;
    let mine = subject("acme", "u-1");
    write(&tables, &mine, row("txn#1")).await.unwrap();
    assert!(matches!(write(&tables, &mine, row("txn#1")).await, Err(CommitError::Conflict)));
    let read = people(&tables).get(&mine, "txn#1").await.unwrap().unwrap();
    assert_eq!((read.revision, &read.sealed["message"]), (1, &vec![1, 2]));
    write(&tables, &mine, read.clone()).await.unwrap();
    assert!(matches!(write(&tables, &mine, read).await, Err(CommitError::Conflict)));
}
