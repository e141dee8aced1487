//! What functions that nobody calls have in common: how much time is left, one log line, and the audit of what they
//! change. What they do was admitted when its cause was.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use kernel::{Fault, RequestId, Tenant};
use serde_json::{Value, json};
use store::{AuditEntry, AuditTrail, CommitError, Decision, UnitOfWork};
use ulid::Ulid;
use vault::Moment;

use crate::{Call, Route, door::entry, log};

/// How much time must be left to begin with something.
const MARGIN: Duration = Duration::from_secs(2);

/// When the invocation ends; by default never.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<SystemTime>);

impl Deadline {
    /// At this time. `cargo lambda watch` says that time was up in 1970, which is taken for no deadline.
    #[must_use]
    pub fn new(deadline: SystemTime) -> Self {
        Self(Some(deadline).filter(|deadline| *deadline > SystemTime::now()))
    }

    /// Does it with all its calls to AWS in time.
    pub async fn keep<F: Future>(self, act: F) -> F::Output {
        vault::until(self.0, act).await
    }

    /// Whether there is too little time to begin with anything more.
    #[must_use]
    pub fn is_near(self) -> bool {
        let left = self.0.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
        left.is_some_and(|left| left < MARGIN)
    }
}

/// What an invocation has done so far.
#[derive(Default)]
pub(crate) struct Tally {
    /// Records, messages or tenants that are done.
    pub(crate) done: usize,
    /// The last failure.
    pub(crate) failed: Option<Fault>,
    pub(crate) short_of_time: bool,
    counts: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Something more is done, and adds these to the metrics.
    pub(crate) fn done(&mut self, names: &[&'static str]) {
        self.done += 1;
        for name in names {
            *self.counts.entry(*name).or_insert(0) += 1;
        }
    }

    /// The one log line of the invocation, which carries its metrics.
    pub(crate) fn log(&self, function: &str, began: Moment) {
        let failed = self.failed.as_ref();
        let common = [("records", "Count"), ("latency", "Milliseconds"), ("faults", "Count")];
        let own = self.counts.keys().map(|name| (*name, "Count"));
        let metrics: Vec<Value> =
            common.into_iter().chain(own).map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": Timestamp::now().as_millisecond(),
                "CloudWatchMetrics": [{"Namespace": log::namespace(), "Dimensions": [["function"]], "Metrics": metrics}],
            },
            "time": began.wall,
            "function": function,
            "records": self.done,
            "latency": began.monotonic.elapsed().as_secs_f64() * 1_000.0,
            "faults": u8::from(failed.is_some()),
            "short_of_time": self.short_of_time,
            "code": failed.map(|fault| fault.code.as_str()),
            "cause": failed.map(|fault| fault.cause().unwrap_or(&fault.detail)),
        });
        if let Some(line) = line.as_object_mut() {
            line.extend(self.counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
        }
        log::emit(&line);
    }
}

/// Commits what a function changed of a tenant's objects by itself, with its entry in the audit trail.
///
/// # Errors
/// When nothing was stored, or nobody can tell; it must be tried again.
pub async fn commit_unattended(
    function: &'static str,
    tenant: &Tenant,
    work: UnitOfWork,
    to: (&aws_sdk_dynamodb::Client, &AuditTrail),
    now: Moment,
) -> Result<(), Fault> {
    commit_by_itself(function, tenant, work, to, now).await.map_err(again)
}

/// As [`commit_unattended`], for whoever knows what to do when an object was changed meanwhile.
///
/// # Errors
/// [`CommitError`]; nothing was stored, or nobody can tell.
pub async fn commit_by_itself(
    function: &'static str,
    tenant: &Tenant,
    work: UnitOfWork,
    (client, audit): (&aws_sdk_dynamodb::Client, &AuditTrail),
    now: Moment,
) -> Result<(), CommitError> {
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
    work.commit(client, audit, entry, None, &write, now).await
}

/// Commits a part of what a call stores, with an entry of its own in the audit trail. The rest may still fail.
///
/// # Errors
/// [`CommitError`]; this part was not stored, or nobody can tell.
pub async fn commit_part(
    route: &Route,
    call: &Call,
    work: UnitOfWork,
    (client, audit): (&aws_sdk_dynamodb::Client, &AuditTrail),
) -> Result<(), CommitError> {
    let entry = entry(route, &call.principal, Decision::Stored, call.request_id.clone(), call.now);
    work.commit(client, audit, entry, None, &Ulid::generate().to_string(), call.now).await
}

/// A change that did not come about: it is tried again and finds what is there then.
#[must_use]
pub fn again(error: CommitError) -> Fault {
    Fault::unavailable(error)
}
