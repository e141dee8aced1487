//! One line a request, at its end: what happened, and the metrics of it.
//!
//! The line is CloudWatch embedded metric format, so the log is also the source of the metrics and
//! nothing is called for them. The only dimension is the function: a tenant would multiply the
//! metrics, and names customers. No body, key, header or parameter is ever part of the line.

use std::io::Write as _;

use jiff::Timestamp;
use kernel::{Code, Fault, RequestId, Scope};
use serde::Serialize;
use serde_json::{Map, Value, json};
use vault::Principal;

use crate::scrub;

/// What becomes known of a request on its way.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) principal: Option<Principal>,
    pub(crate) scope: Option<Scope>,
    pub(crate) replayed: bool,
    /// Trouble that did not change the answer.
    pub(crate) aside: Option<String>,
    /// Whether it is somebody else who does not answer: nobody is to be woken, and no release taken back, for that.
    pub(crate) is_fault_of_others: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    metrics: Value,
    time: Timestamp,
    function: &'a str,
    requests: u8,
    latency: f64,
    faults: u8,
    cold_starts: u8,
    request_id: &'a RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_request_id: Option<&'a RequestId>,
    method: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    replayed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aside: Option<&'a str>,
    #[serde(flatten)]
    counts: Map<String, Value>,
}

/// The end of a request.
pub(crate) struct Ended<'a> {
    pub(crate) function: &'a str,
    pub(crate) request_id: &'a RequestId,
    pub(crate) traceparent: Option<&'a str>,
    pub(crate) gateway_request_id: Option<&'a RequestId>,
    pub(crate) method: &'static str,
    pub(crate) status: u16,
    pub(crate) fault: Option<&'a Fault>,
    /// Metrics of the endpoint's own.
    pub(crate) counts: &'a [(&'static str, usize)],
    pub(crate) milliseconds: f64,
    pub(crate) cold: bool,
}

pub(crate) fn write(record: &Record, ended: &Ended<'_>) {
    let now = Timestamp::now();
    let metric = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
    let common = [("requests", "Count"), ("latency", "Milliseconds"), ("faults", "Count"), ("cold_starts", "Count")];
    // Refusals are counted where there are any: each name is a metric that is paid for.
    let refusal = match ended.status {
        401 => Some(("unauthorized", 1)),
        403 => Some(("forbidden", 1)),
        429 => Some(("rate_limited", 1)),
        _ => None,
    };
    let counts = || ended.counts.iter().copied().chain(refusal);
    let own = counts().map(|(name, _)| (name, "Count"));
    let metrics: Vec<Value> = common.into_iter().chain(own).map(|(name, unit)| metric(name, unit)).collect();
    let line = Line {
        metrics: json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace(),
                "Dimensions": [["function"]],
                "Metrics": metrics,
            }],
        }),
        time: now,
        function: ended.function,
        requests: 1,
        latency: ended.milliseconds,
        faults: u8::from(ended.status >= Code::Internal.status() && !record.is_fault_of_others),
        cold_starts: u8::from(ended.cold),
        request_id: ended.request_id,
        traceparent: ended.traceparent,
        gateway_request_id: ended.gateway_request_id,
        method: ended.method,
        status: ended.status,
        code: ended.fault.map(|fault| fault.code.as_str()),
        kid: record.principal.as_ref().map(|principal| &*principal.kid),
        tenant: record.principal.as_ref().map(|principal| &*principal.tenant),
        scope: record.scope,
        replayed: record.replayed,
        cause: ended.fault.and_then(Fault::cause),
        aside: record.aside.as_deref(),
        counts: counts().map(|(name, count)| (name.to_owned(), json!(count))).collect(),
    };
    emit(&line);
}

/// Whose metrics they are: several stages may share an account.
pub(crate) fn namespace() -> String {
    format!("Palisade/{}", std::env::var("PALISADE_STAGE").unwrap_or_default())
}

/// Writes a log line. There is no other way to the log, and none around the [scrubbing](scrub).
pub(crate) fn emit(line: &impl Serialize) {
    if let Ok(text) = scrub::line(line) {
        // A log that cannot be written is no reason to fail the request.
        let _ = std::io::stdout().lock().write_all(&text);
    }
}

/// The method as logs spell it: one of those that exist, so that no client text reaches the line.
pub(crate) fn method(sent: &str) -> &'static str {
    ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]
        .into_iter()
        .find(|known| *known == sent)
        .unwrap_or("other")
}
