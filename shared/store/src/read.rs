//! Reads of many keys.

use aws_sdk_dynamodb::{Client, types::KeysAndAttributes};

use crate::{StoreError, item::Item};

/// The most keys one `BatchGetItem` takes.
const READ_BATCH: usize = 100;
/// How often keys that were left out are asked for again.
const REPEATS: u32 = 5;

/// The items of `table` that exist under `keys`, which are all different, in any order.
pub(crate) async fn get_all(client: &Client, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(READ_BATCH) {
        let mut keys = chunk.to_vec();
        for repeat in 0..=REPEATS {
            if keys.is_empty() {
                break;
            }
            if repeat == REPEATS {
                return Err(StoreError::new("keys of a batch stayed unprocessed"));
            }
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let wanted = wanted.map_err(StoreError::new)?;
            let answer = client.batch_get_item().request_items(table, wanted).send().await?;
            found.extend(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            let rest = answer.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            keys = rest.map(|rest| rest.keys).unwrap_or_default();
        }
    }
    Ok(found)
}
