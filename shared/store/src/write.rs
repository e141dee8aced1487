//! Writes of many items, each for itself.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    types::{DeleteRequest, PutRequest, WriteRequest},
};
use futures_util::future::try_join_all;

use crate::{StoreError, item::Item};

/// The most requests one `BatchWriteItem` takes.
const WRITE_BATCH: usize = 25;
/// How often what was left out is sent again.
const REPEATS: u32 = 5;

/// Puts `rows` into `table`.
pub(crate) async fn write_all(client: &Client, table: &str, rows: Vec<Item>) -> Result<(), StoreError> {
    let put = |row| {
        let put = PutRequest::builder().set_item(Some(row)).build()?;
        Ok(WriteRequest::builder().put_request(put).build())
    };
    send_all(client, table, rows.into_iter().map(put).collect::<Result<_, _>>().map_err(failed)?).await
}

/// Deletes the items of `table` under `keys`, whether they exist or not.
pub(crate) async fn delete_all(client: &Client, table: &str, keys: Vec<Item>) -> Result<(), StoreError> {
    let delete = |key| {
        let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
        Ok(WriteRequest::builder().delete_request(delete).build())
    };
    send_all(client, table, keys.into_iter().map(delete).collect::<Result<_, _>>().map_err(failed)?).await
}

#[allow(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::new(error)
}

async fn send_all(client: &Client, table: &str, requests: Vec<WriteRequest>) -> Result<(), StoreError> {
    try_join_all(requests.chunks(WRITE_BATCH).map(|batch| send(client, table, batch.to_vec()))).await?;
    Ok(())
}

/// Sends one batch; DynamoDB may take a part of it and hand back the rest.
async fn send(client: &Client, table: &str, mut batch: Vec<WriteRequest>) -> Result<(), StoreError> {
    for repeat in 0..REPEATS {
        if repeat > 0 {
            tokio::time::sleep(Duration::from_millis(20 << repeat)).await;
        }
        let answer = client.batch_write_item().request_items(table, batch).send().await?;
        batch = answer.unprocessed_items.and_then(|mut rest| rest.remove(table)).unwrap_or_default();
        if batch.is_empty() {
            return Ok(());
        }
    }
    Err(StoreError::new(format!("{} items of a batch stayed unprocessed", batch.len())))
}
