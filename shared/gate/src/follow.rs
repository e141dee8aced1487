//! Functions that follow the Telemetry table's stream.
//!
//! A batch is followed record by record, in order. The first record that fails ends it: Lambda is told to begin again
//! there, so a follower must be able to see a record twice. When that is the first of several the whole invocation
//! fails, which makes Lambda halve the batch: in the end a record that can never be followed is alone, and is alone
//! given up. A panic is a failure like any other. Before each record the time that is left is checked, so that a long
//! batch goes on in the next invocation instead of being cut off.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use kernel::Fault;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use store::StreamRecord;
use vault::Moment;

use crate::{
    runtime::quiet_panics,
    unattended::{Deadline, Tally},
};

/// A function that follows the stream.
pub trait Follower: Send + Sync + 'static {
    /// The function's name.
    const NAME: &'static str;

    /// Does what the record asks for, once, however often it is shown. Gives what it adds to the function's metrics.
    fn follow(
        &self,
        record: &StreamRecord,
        now: Moment,
    ) -> impl Future<Output = Result<&'static [&'static str], Fault>> + Send;
}

/// A batch of the stream.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<StreamRecord>,
}

/// What Lambda must show again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    pub(crate) batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    pub(crate) item_identifier: String,
}

/// Follows until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn follow<F: Follower>(follower: F) -> Result<(), lambda_runtime::Error> {
    quiet_panics();
    let follower = &follower;
    let service = service_fn(move |event: LambdaEvent<Batch>| async move {
        let deadline = Deadline::new(event.context.deadline());
        deadline.keep(batch(follower, &event.payload.records, deadline)).await
    });
    lambda_runtime::run(service).await
}

async fn batch<F: Follower>(follower: &F, records: &[StreamRecord], deadline: Deadline) -> Result<Answer, Diagnostic> {
    let began = Moment::now();
    let mut tally = Tally::default();
    for record in records {
        // At least one record is tried, or nothing would ever be done.
        tally.short_of_time = tally.done > 0 && deadline.is_near();
        if tally.short_of_time {
            break;
        }
        let step: BoxFuture<'_, _> = Box::pin(follower.follow(record, Moment::now()));
        match AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|_| Err(Fault::internal("panic"))) {
            Ok(names) => tally.done(names),
            Err(fault) => {
                tally.failed = Some(fault);
                break;
            }
        }
    }
    tally.log(F::NAME, began);
    if tally.failed.is_some() && tally.done == 0 && records.len() > 1 {
        // Why is in the log.
        let error_message = "the first record of the batch failed".to_owned();
        return Err(Diagnostic { error_type: "FirstRecordFailed".to_owned(), error_message });
    }
    let again = records.get(tally.done).map(|record| record.sequence_number().to_owned());
    Ok(Answer { batch_item_failures: again.map(|item_identifier| Failure { item_identifier }).into_iter().collect() })
}
