//! Reads of many keys.

use std::time::Duration;

use aws_sdk_dynamodb::{Client, types::KeysAndAttributes};

use crate::{StoreError, item::Item};

/// The most keys one `BatchGetItem` takes.
const READ_BATCH: usize = 100;
/// How often keys that were left out are asked for again.
const REPEATS: u32 = 5;

/// The items of `table` that exist under `keys`, which are all different, in any order.
pub(crate) async fn get_all(client: &Client, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for batch in keys.chunks(READ_BATCH) {
        found.append(&mut get(client, table, batch.to_vec()).await?);
    }
    Ok(found)
}

/// Reads one batch; DynamoDB may read a part of it and hand back the keys of the rest.
async fn get(client: &Client, table: &str, mut keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for repeat in 0..REPEATS {
        if repeat > 0 {
            tokio::time::sleep(Duration::from_millis(20 << repeat)).await;
        }
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let answer = client.batch_get_item().request_items(table, wanted.map_err(StoreError::new)?).send().await?;
        found.extend(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
        keys =
            answer.unprocessed_keys.and_then(|mut rest| rest.remove(table)).map(|rest| rest.keys).unwrap_or_default();
        if keys.is_empty() {
            return Ok(found);
        }
    }
    Err(StoreError::new(format!("{} keys of a batch stayed unprocessed", keys.len())))
}
