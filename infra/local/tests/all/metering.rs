//! Calls and capacity units, against AWS's published rules: a write unit is one KiB begun, twice in a
//! transaction; a read unit is 4 KiB begun, half if eventually consistent, twice in a transaction.

use crate::contract_dynamodb::{create_table, item, key};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, PutRequest, ReturnConsumedCapacity, TransactWriteItem, WriteRequest,
};
use palisade_local::{Cloud, CloudOptions, Service, Units};

const TABLE: &str = "metering";

async fn cloud() -> (Cloud, Client) {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let client = Client::new(&cloud.sdk_config());
    create_table(&client, TABLE).await;
    cloud.reset_counts();
    (cloud, client)
}

/// An item of exactly this size by DynamoDB's rule: the UTF-8 lengths of names and texts, and for a number of
/// one digit 2 bytes.
fn sized(seq: u32, bytes: usize) -> std::collections::HashMap<String, AttributeValue> {
    let names = "pk".len() + "seq".len() + "text".len();
    let others = "a".len() + 2;
    item("a", seq, &"x".repeat(bytes - names - others))
}

async fn spent<T>(cloud: &Cloud, call: impl Future<Output = T>) -> (T, Units) {
    let before = cloud.units();
    let answer = call.await;
    let after = cloud.units();
    let units = Units { write: after.write - before.write, read: after.read - before.read };
    (answer, units)
}

fn writes(write: f64) -> Units {
    Units { write, read: 0.0 }
}

fn reads(read: f64) -> Units {
    Units { write: 0.0, read }
}

#[tokio::test]
async fn a_write_costs_a_unit_for_each_kib_begun() {
    let (cloud, client) = cloud().await;
    let put = |bytes| client.put_item().table_name(TABLE).set_item(Some(sized(1, bytes))).send();
    for (bytes, units) in [(20, 1.0), (1024, 1.0), (1025, 2.0), (10 * 1024, 10.0)] {
        let (answer, spent) = spent(&cloud, put(bytes)).await;
        answer.unwrap();
        assert_eq!(spent, writes(units), "{bytes} bytes");
    }
    // What was there counts too: the larger of the two images is charged.
    let (answer, spent) = spent(&cloud, put(20)).await;
    answer.unwrap();
    assert_eq!(spent, writes(10.0));
}

#[tokio::test]
async fn a_transaction_costs_twice_and_its_repetition_only_reads() {
    let (cloud, client) = cloud().await;
    let put = |seq, bytes| {
        let put = Put::builder().table_name(TABLE).set_item(Some(sized(seq, bytes)));
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let transact = || {
        client
            .transact_write_items()
            .client_request_token("the same one")
            .transact_items(put(1, 1024))
            .transact_items(put(2, 1025))
            .send()
    };
    let (answer, first) = spent(&cloud, transact()).await;
    answer.unwrap();
    assert_eq!(first, writes(6.0));
    let (answer, second) = spent(&cloud, transact()).await;
    answer.unwrap();
    assert_eq!(second, reads(4.0));
}

#[tokio::test]
async fn a_batch_costs_what_its_writes_cost() {
    let (cloud, client) = cloud().await;
    let write = |seq, bytes| {
        let put = PutRequest::builder().set_item(Some(sized(seq, bytes))).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let batch = client.batch_write_item().request_items(TABLE, vec![write(1, 100), write(2, 2000)]).send();
    let (answer, spent) = spent(&cloud, batch).await;
    answer.unwrap();
    assert_eq!(spent, writes(3.0));
}

#[tokio::test]
async fn a_read_costs_by_4_kib_and_by_its_consistency() {
    let (cloud, client) = cloud().await;
    for seq in [1, 2] {
        let put = client.put_item().table_name(TABLE).set_item(Some(sized(seq, 5000)));
        put.send().await.unwrap();
    }
    let get =
        |consistent| client.get_item().table_name(TABLE).consistent_read(consistent).set_key(Some(key("a", 1))).send();
    assert_eq!(spent(&cloud, get(true)).await.1, reads(2.0));
    assert_eq!(spent(&cloud, get(false)).await.1, reads(1.0));
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S("a".into()))
        .consistent_read(true)
        .send();
    // A query is charged for the sum of its items: 10,000 bytes begin three times 4 KiB.
    assert_eq!(spent(&cloud, query).await.1, reads(3.0));
}

#[tokio::test]
async fn only_a_caller_that_asks_is_told_the_capacity() {
    let (cloud, client) = cloud().await;
    let put = || client.put_item().table_name(TABLE).set_item(Some(sized(1, 100)));
    let silent = put().send().await.unwrap();
    assert_eq!(silent.consumed_capacity, None);
    let told = put().return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    assert_eq!(told.consumed_capacity.unwrap().capacity_units, Some(1.0));
    assert_eq!(cloud.units(), writes(2.0));
    let none = put().return_consumed_capacity(ReturnConsumedCapacity::None).send().await.unwrap();
    assert_eq!(none.consumed_capacity, None);
    assert_eq!(cloud.units(), writes(3.0));
}

#[tokio::test]
async fn every_call_is_counted_by_service_and_operation() {
    let (cloud, client) = cloud().await;
    client.list_tables().send().await.unwrap();
    client.list_tables().send().await.unwrap();
    let kms = aws_sdk_kms::Client::new(&cloud.sdk_config());
    kms.list_aliases().send().await.unwrap();
    let counted: Vec<_> =
        cloud.calls().into_iter().map(|((service, operation), count)| (service, operation, count)).collect();
    assert_eq!(
        counted,
        [(Service::DynamoDb, "ListTables".to_owned(), 2), (Service::Kms, "ListAliases".to_owned(), 1),]
    );
    cloud.reset_counts();
    assert!(cloud.calls().is_empty());
}
