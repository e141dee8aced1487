//! Objects that change over time.

use kernel::{Entity, Identifier};
use serde::{Deserialize, Serialize};
use store::{CommitError, Entities, Stored, UnitOfWork};

use crate::tables::{Tables, id, tenant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    id: Identifier,
    open: bool,
    size: u32,
}

impl Entity for Thing {
    const KIND: &'static str = "thing";

    fn id(&self) -> &Identifier {
        &self.id
    }

    fn status(&self) -> Option<&'static str> {
        Some(if self.open { "open" } else { "closed" })
    }
}

fn thing(name: &str) -> Thing {
    Thing { id: id(name), open: true, size: 1 }
}

fn things(tables: &Tables) -> Entities<Thing> {
    Entities::new(tables.dynamo.clone(), "palisade-dev-telemetry")
}

async fn create(tables: &Tables, owner: &str, thing: &Thing) -> Result<(), CommitError> {
    let mut work = UnitOfWork::default();
    things(tables).create(&mut work, &tenant(owner), thing, None).unwrap();
    tables.commit(work).await
}

async fn replace(tables: &Tables, read: &Stored<Thing>, thing: &Thing) -> Result<(), CommitError> {
    let mut work = UnitOfWork::default();
    things(tables).replace(&mut work, &tenant("acme"), read, thing, None).unwrap();
    tables.commit(work).await
}

async fn listed(tables: &Tables, owner: &str, status: Option<&str>) -> Vec<String> {
    let page = things(tables).list(&tenant(owner), status, None, 10).await.unwrap();
    page.objects.iter().map(|stored| stored.value.id.to_string()).collect()
}

#[tokio::test]
async fn an_object_is_its_tenants_alone() {
    let tables = Tables::new().await;
    create(&tables, "acme", &thing("a")).await.unwrap();
    let things = things(&tables);
    let stored = things.get(&tenant("acme"), &id("a")).await.unwrap().unwrap();
    assert_eq!((stored.revision, &stored.value), (1, &thing("a")));
    for (owner, name) in [("other", "a"), ("acm", "a"), ("acme", "b")] {
        assert!(things.get(&tenant(owner), &id(name)).await.unwrap().is_none(), "{owner} {name}");
    }
    assert_eq!(listed(&tables, "other", None).await, [""; 0]);
    // The same name is free for another tenant.
    create(&tables, "other", &thing("a")).await.unwrap();
    assert!(matches!(create(&tables, "acme", &thing("a")).await, Err(CommitError::Conflict)));
}

#[tokio::test]
async fn of_two_changes_of_one_revision_the_second_is_a_conflict() {
    let tables = Tables::new().await;
    create(&tables, "acme", &thing("a")).await.unwrap();
    let read = things(&tables).get(&tenant("acme"), &id("a")).await.unwrap().unwrap();
    replace(&tables, &read, &Thing { size: 2, ..thing("a") }).await.unwrap();
    assert!(matches!(replace(&tables, &read, &Thing { size: 3, ..thing("a") }).await, Err(CommitError::Conflict)));
    let stored = things(&tables).get(&tenant("acme"), &id("a")).await.unwrap().unwrap();
    assert_eq!((stored.revision, stored.value.size), (2, 2));
}

#[tokio::test]
async fn an_object_is_in_the_list_of_its_status_and_in_no_other() {
    let tables = Tables::new().await;
    for name in ["a", "b", "c"] {
        create(&tables, "acme", &thing(name)).await.unwrap();
    }
    assert_eq!(listed(&tables, "acme", None).await, ["c", "b", "a"]);
    assert_eq!(listed(&tables, "acme", Some("open")).await, ["c", "b", "a"]);
    let read = things(&tables).get(&tenant("acme"), &id("b")).await.unwrap().unwrap();
    replace(&tables, &read, &Thing { open: false, ..thing("b") }).await.unwrap();
    assert_eq!(listed(&tables, "acme", Some("open")).await, ["c", "a"]);
    assert_eq!(listed(&tables, "acme", Some("closed")).await, ["b"]);
    // The row of the list goes with its object and stays with it.
    assert_eq!(places(&tables, "open").await, ["a", "c"]);
    let read = things(&tables).get(&tenant("acme"), &id("c")).await.unwrap().unwrap();
    replace(&tables, &read, &Thing { size: 2, ..thing("c") }).await.unwrap();
    assert_eq!(places(&tables, "open").await, ["a", "c"]);
}

async fn places(tables: &Tables, status: &str) -> Vec<String> {
    let pk = aws_sdk_dynamodb::types::AttributeValue::S(format!("acme#!thing#{status}"));
    let query = tables.dynamo.query().table_name("palisade-dev-telemetry").key_condition_expression("pk = :pk");
    let found = query.expression_attribute_values(":pk", pk).send().await.unwrap();
    found.items().iter().map(|row| row["sk"].as_s().unwrap().clone()).collect()
}
