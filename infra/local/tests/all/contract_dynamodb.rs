//! What DynamoDB means, as far as the store relies on it.

use crate::world::{World, code, fresh, worlds};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put,
    ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TransactWriteItem, Update,
};
use std::collections::HashMap;

type Item = HashMap<String, AttributeValue>;

/// A client and a table with a text key `pk` and a number key `seq`.
pub(crate) async fn table(world: &World) -> (Client, String) {
    let client = world.dynamodb();
    let name = fresh("contract");
    create_table(&client, &name).await;
    (client, name)
}

pub(crate) async fn create_table(client: &Client, name: &str) {
    let attribute =
        |name: &str, kind| AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap();
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("seq", ScalarAttributeType::N))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("seq", KeyType::Range))
        .send()
        .await
        .unwrap();
}

pub(crate) fn item(pk: &str, seq: u32, text: &str) -> Item {
    let mut item = key(pk, seq);
    item.insert("text".into(), AttributeValue::S(text.into()));
    item
}

pub(crate) fn key(pk: &str, seq: u32) -> Item {
    HashMap::from([("pk".into(), AttributeValue::S(pk.into())), ("seq".into(), AttributeValue::N(seq.to_string()))])
}

pub(crate) async fn stored(client: &Client, table: &str, pk: &str, seq: u32) -> Option<Item> {
    let get = client.get_item().table_name(table).consistent_read(true).set_key(Some(key(pk, seq)));
    get.send().await.unwrap().item
}

pub(crate) fn put_if_new(table: &str, item: Item) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn count_up(table: &str, pk: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key(pk, 0)))
        .update_expression("ADD hits :one")
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

#[tokio::test]
async fn a_condition_that_fails_changes_nothing_and_shows_the_item_if_asked() {
    for world in worlds().await {
        let (client, table) = table(&world).await;
        let put = |text: &str| {
            client
                .put_item()
                .table_name(&table)
                .set_item(Some(item("a", 0, text)))
                .condition_expression("attribute_not_exists(pk)")
        };
        put("first").send().await.unwrap();
        let refused = put("second")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = refused.unwrap_err().into_service_error();
        let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failure) = error
        else {
            panic!("{error}");
        };
        assert_eq!(failure.item, Some(item("a", 0, "first")));
        let silent = put("third").send().await.unwrap_err().into_service_error();
        let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failure) = silent
        else {
            panic!("{silent}");
        };
        assert_eq!(failure.item, None);
        assert_eq!(stored(&client, &table, "a", 0).await, Some(item("a", 0, "first")));
    }
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_says_why_for_each_item() {
    for world in worlds().await {
        let (client, table) = table(&world).await;
        let transact =
            |items: Vec<TransactWriteItem>| client.transact_write_items().set_transact_items(Some(items)).send();
        transact(vec![put_if_new(&table, item("a", 0, "old"))]).await.unwrap();
        let refused = transact(vec![
            put_if_new(&table, item("b", 0, "new")),
            put_if_new(&table, item("a", 0, "new")),
            put_if_new(&table, item("c", 0, "new")),
        ])
        .await;
        let reasons = reasons(refused.unwrap_err());
        let codes: Vec<_> = reasons.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
        assert_eq!(reasons[1].1, Some(item("a", 0, "old")));
        assert_eq!(stored(&client, &table, "b", 0).await, None);
        assert_eq!(stored(&client, &table, "c", 0).await, None);
    }
}

fn reasons(error: SdkError<TransactWriteItemsError>) -> Vec<(String, Option<Item>)> {
    match error.into_service_error() {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled
            .cancellation_reasons
            .unwrap_or_default()
            .into_iter()
            .map(|reason| (reason.code.unwrap_or_default(), reason.item))
            .collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_client_token_applies_its_transaction_once() {
    for world in worlds().await {
        let (client, table) = table(&world).await;
        let token = fresh("t");
        let transact = |items: Vec<TransactWriteItem>| {
            client.transact_write_items().client_request_token(&token).set_transact_items(Some(items)).send()
        };
        transact(vec![count_up(&table, "a")]).await.unwrap();
        if world.is_moto {
            // moto ignores the token and applies again. AWS answers success without a second write.
            continue;
        }
        transact(vec![count_up(&table, "a")]).await.unwrap();
        let hits = stored(&client, &table, "a", 0).await.unwrap()["hits"].clone();
        assert_eq!(hits, AttributeValue::N("1".into()));
        let other = transact(vec![count_up(&table, "b")]).await;
        assert_eq!(code(other), "IdempotentParameterMismatchException");
    }
}

#[tokio::test]
async fn the_same_item_cannot_be_in_a_transaction_twice() {
    for world in worlds().await {
        let (client, table) = table(&world).await;
        let twice = client
            .transact_write_items()
            .transact_items(count_up(&table, "a"))
            .transact_items(put_if_new(&table, item("a", 0, "x")))
            .send()
            .await;
        assert_eq!(code(twice), "ValidationException");
    }
}

#[tokio::test]
async fn a_query_pages_in_the_order_of_the_sort_key() {
    for world in worlds().await {
        let (client, table) = table(&world).await;
        for seq in [10, 9, 2, 1] {
            let put = client.put_item().table_name(&table).set_item(Some(item("a", seq, "x")));
            put.send().await.unwrap();
        }
        let query = |start: Option<Item>| {
            client
                .query()
                .table_name(&table)
                .key_condition_expression("pk = :pk AND seq >= :from")
                .expression_attribute_values(":pk", AttributeValue::S("a".into()))
                .expression_attribute_values(":from", AttributeValue::N("2".into()))
                .limit(2)
                .set_exclusive_start_key(start)
                .send()
        };
        let seqs =
            |items: &[Item]| -> Vec<String> { items.iter().map(|item| item["seq"].as_n().unwrap().clone()).collect() };
        let first = query(None).await.unwrap();
        assert_eq!(seqs(first.items()), ["2", "9"]);
        let second = query(first.last_evaluated_key).await.unwrap();
        assert_eq!(seqs(second.items()), ["10"]);
        assert_eq!(second.last_evaluated_key, None);
    }
}

#[tokio::test]
async fn an_operation_of_no_table_says_so() {
    for world in worlds().await {
        let client = world.dynamodb();
        let got = client.get_item().table_name(fresh("missing")).set_key(Some(key("a", 0))).send().await;
        assert_eq!(code(got), "ResourceNotFoundException");
    }
}
