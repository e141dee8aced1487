//! The invocation record that Lambda sends to a queue about records it gave up.

use super::work::Work;
use crate::host::Failure;
use crate::provision::StreamMapping;
use crate::random;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// Why records are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    RetryAttemptsExhausted,
    RecordAgeExceeded,
}

/// Describes what is given up; the records themselves stay in the stream.
pub(super) fn write(
    mapping: &StreamMapping,
    shard: &str,
    work: &Work,
    reason: Reason,
    failure: Option<&Failure>,
) -> String {
    let (first, last) = (work.records.first(), work.records.last());
    let created = |record: Option<&super::stream::Record>| {
        record.and_then(|record| Timestamp::from_second(record.created).ok()).map(|time| time.to_string())
    };
    // Without randomness the id is all zeros, which is still an id.
    let id = random::uuid_text(&random::uuid().unwrap_or_default());
    let response = match work.attempts {
        0 => Json::Null,
        _ => json!({
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": failure.map(|_| "Unhandled"),
        }),
    };
    json!({
        "requestContext": {
            "requestId": id,
            "functionArn": mapping.target.arn,
            "condition": format!("{reason:?}"),
            "approximateInvokeCount": work.attempts,
        },
        "responseContext": response,
        "version": "1.0",
        "timestamp": Timestamp::now().to_string(),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first.map(|record| &record.number),
            "endSequenceNumber": last.map(|record| &record.number),
            "approximateArrivalOfFirstRecord": created(first),
            "approximateArrivalOfLastRecord": created(last),
            "batchSize": work.records.len(),
            "streamArn": mapping.stream,
        },
    })
    .to_string()
}
