//! RFC 9457 problems: the public half of a fault.

use kernel::{Code, Fault, RequestId, Violation};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Reply;

/// What every failed request is answered with, as `application/problem+json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem<'a> {
    /// A URN that names the kind of problem.
    pub r#type: String,
    /// A short summary of the kind.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What can be said of this occurrence.
    pub detail: &'a str,
    /// The request id.
    pub instance: &'a str,
    /// The kind, for machines. Stable.
    pub code: &'a str,
    /// The places that break a rule.
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    pub errors: &'a [Violation],
}

/// The one answer to every request without a valid key or token.
pub(crate) fn unauthorized() -> Fault {
    Fault::new(Code::Unauthorized, "Send a valid key in the X-API-Key header, or a bearer token.")
}

pub(crate) fn reply(fault: &Fault, request_id: &RequestId) -> Reply {
    let code = fault.code;
    let problem = Problem {
        r#type: format!("urn:palisade:problem:{}", code.as_str()),
        title: code.title(),
        status: code.status(),
        detail: &fault.detail,
        instance: request_id,
        code: code.as_str(),
        errors: &fault.errors,
    };
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let mut reply = Reply::new(code.status(), "application/problem+json", body);
    reply.headers.clone_from(&fault.headers);
    if let Some(seconds) = fault.retry_after {
        reply.headers.push(("retry-after", seconds.to_string()));
    }
    if code == Code::Unauthorized {
        reply.headers.push(("www-authenticate", "ApiKey header=\"X-API-Key\", Bearer".to_owned()));
    }
    reply
}
