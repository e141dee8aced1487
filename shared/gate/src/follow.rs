//! Functions that follow the Telemetry table's stream. Nobody calls them: what they do was admitted when its cause was.
//!
//! A batch is followed record by record, in order. The first record that fails ends it: Lambda is told to begin again
//! there, so a follower must be able to see a record twice. When that is the first of several the whole invocation
//! fails, which makes Lambda halve the batch: in the end a record that can never be followed is alone, and is alone
//! given up. A panic is a failure like any other. Before each record
//! the time that is left is checked, so that a long batch goes on in the next invocation instead of being cut off.
//! One log line for each invocation carries its metrics.

use std::{
    io::Write as _,
    panic::AssertUnwindSafe,
    time::{Duration, SystemTime},
};

use futures_util::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use kernel::{Fault, RequestId, Tenant};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AuditEntry, AuditTrail, CommitError, Decision, StreamRecord, UnitOfWork};
use ulid::Ulid;
use vault::Moment;

use crate::runtime::quiet_panics;

/// How much time must be left to begin with a record.
const MARGIN: Duration = Duration::from_secs(2);

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

/// Which records Lambda must show again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// Follows until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn follow<F: Follower>(follower: F) -> Result<(), lambda_runtime::Error> {
    quiet_panics();
    let follower = &follower;
    let service = service_fn(move |event: LambdaEvent<Batch>| async move {
        let deadline = event.context.deadline();
        batch(follower, &event.payload.records, deadline).await
    });
    lambda_runtime::run(service).await
}

async fn batch<F: Follower>(
    follower: &F,
    records: &[StreamRecord],
    deadline: SystemTime,
) -> Result<Answer, Diagnostic> {
    let began = Moment::now();
    // `cargo lambda watch` says that time was up in 1970.
    let deadline = Some(deadline).filter(|deadline| *deadline > SystemTime::now());
    let mut counts = std::collections::BTreeMap::new();
    let mut done = 0;
    let mut failed = None;
    let mut short_of_time = false;
    for record in records {
        let left = deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
        // At least one record is tried, or nothing would ever be done.
        short_of_time = done > 0 && left.is_some_and(|left| left < MARGIN);
        if short_of_time {
            break;
        }
        let step: BoxFuture<'_, _> = Box::pin(follower.follow(record, Moment::now()));
        match AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|_| Err(Fault::internal("panic"))) {
            Ok(names) => {
                for name in names {
                    *counts.entry(*name).or_insert(0_u64) += 1;
                }
                done += 1;
            }
            Err(fault) => {
                failed = Some(fault);
                break;
            }
        }
    }
    let again = records.get(done).map(|record| record.sequence_number().to_owned());
    log(F::NAME, done, failed.as_ref(), short_of_time, &counts, began);
    if failed.is_some() && done == 0 && records.len() > 1 {
        // Why is in the log.
        let error_message = "the first record of the batch failed".to_owned();
        return Err(Diagnostic { error_type: "FirstRecordFailed".to_owned(), error_message });
    }
    Ok(Answer { batch_item_failures: again.map(|item_identifier| Failure { item_identifier }).into_iter().collect() })
}

fn log(
    function: &str,
    done: usize,
    failed: Option<&Fault>,
    short_of_time: bool,
    counts: &std::collections::BTreeMap<&'static str, u64>,
    began: Moment,
) {
    let common = [("records", "Count"), ("latency", "Milliseconds"), ("faults", "Count")];
    let own = counts.keys().map(|name| (*name, "Count"));
    let metrics: Vec<Value> =
        common.into_iter().chain(own).map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": Timestamp::now().as_millisecond(),
            "CloudWatchMetrics": [{"Namespace": "Palisade", "Dimensions": [["function"]], "Metrics": metrics}],
        },
        "time": began.wall,
        "function": function,
        "records": done,
        "latency": began.monotonic.elapsed().as_secs_f64() * 1_000.0,
        "faults": u8::from(failed.is_some()),
        "short_of_time": short_of_time,
        "code": failed.map(|fault| fault.code.as_str()),
        "cause": failed.map(|fault| fault.cause().unwrap_or(&fault.detail)),
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
    }
    if let Ok(mut text) = serde_json::to_vec(&line) {
        text.push(b'\n');
        let _ = std::io::stdout().lock().write_all(&text);
    }
}

/// Commits what a follower changed of a tenant's objects, with its entry in the audit trail.
///
/// # Errors
/// When nothing was stored, or nobody can tell; the record must be shown again.
pub async fn commit_followed(
    function: &'static str,
    tenant: &Tenant,
    work: UnitOfWork,
    (client, audit): (&aws_sdk_dynamodb::Client, &AuditTrail),
    now: Moment,
) -> Result<(), Fault> {
    let write = Ulid::generate().to_string();
    let entry = AuditEntry {
        time: now.wall,
        tenant: tenant.clone(),
        kid: None,
        scope: None,
        route: function,
        decision: Decision::Stored,
        objects: Vec::new(),
        fingerprint: None,
        request_id: RequestId::mint(),
    };
    work.commit(client, audit, entry, None, &write, now).await.map_err(again)
}

/// A change that did not come about: the record is shown again and finds what is there then.
#[must_use]
pub fn again(error: CommitError) -> Fault {
    Fault::unavailable(error)
}
