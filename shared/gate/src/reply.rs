//! Step 10: answers, and the headers all of them carry.

use kernel::{Fault, RequestId};
use serde::Serialize;

/// An answer before the common headers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// Headers of this answer alone, in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// What it adds to the function's metrics.
    pub counts: Vec<(&'static str, usize)>,
    /// Whether the request is to be sent again for the rest: then the answer is not kept for a replay.
    pub partial: bool,
}

/// What an endpoint may answer with.
pub trait IntoReply: Send {
    /// The answer.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is our fault.
    fn into_reply(self) -> Result<Reply, Fault>;
}

/// A JSON answer.
#[derive(Clone, Debug)]
pub struct Json<T> {
    status: u16,
    value: T,
    revision: Option<u64>,
    counts: Vec<(&'static str, usize)>,
    partial: bool,
}

impl<T> Json<T> {
    /// 200 with `value`.
    pub const fn ok(value: T) -> Self {
        Self { status: 200, value, revision: None, counts: Vec::new(), partial: false }
    }

    /// 201 with `value`, which was made by this request.
    pub fn created(value: T) -> Self {
        Self { status: 201, ..Self::ok(value) }
    }

    /// Says which revision of the object this is, in `ETag`.
    #[must_use]
    pub const fn revision(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// 202 with `value`, for what is not done yet.
    pub fn accepted(value: T) -> Self {
        Self { status: 202, ..Self::ok(value) }
    }

    /// Says that the same request is to be sent again for the rest.
    #[must_use]
    pub const fn partial(mut self) -> Self {
        self.partial = true;
        self
    }

    /// 503 with `value`, for an answer that says what is not ready.
    pub fn unavailable(value: T) -> Self {
        Self { status: 503, ..Self::ok(value) }
    }

    /// Adds `count` to the metric `name` of the function.
    #[must_use]
    pub fn counting(mut self, name: &'static str, count: usize) -> Self {
        self.counts.push((name, count));
        self
    }
}

impl<T: Serialize + Send> IntoReply for Json<T> {
    fn into_reply(self) -> Result<Reply, Fault> {
        let body = serde_json::to_string(&self.value).map_err(Fault::internal)?;
        Ok(Reply {
            headers: self.revision.map(|revision| ("etag", etag(revision))).into_iter().collect(),
            counts: self.counts,
            partial: self.partial,
            ..Reply::new(self.status, "application/json", body)
        })
    }
}

/// A revision as an entity tag.
pub(crate) fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

impl Reply {
    /// An answer with a body and no headers of its own.
    #[must_use]
    pub const fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, body, headers: Vec::new(), counts: Vec::new(), partial: false }
    }

    /// Adds `request_id` as the last member of a JSON object. Kept out of stored answers, so that a
    /// replay carries its own.
    pub(crate) fn name_request(&mut self, request_id: &RequestId) {
        if let Some(open) = self.body.strip_suffix('}') {
            let comma = if open.ends_with('{') { "" } else { "," };
            self.body = format!("{open}{comma}\"request_id\":\"{request_id}\"}}");
        }
    }
}

/// The headers of every answer, good or bad.
pub(crate) const SECURITY_HEADERS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("vary", "Origin"),
];

const ALLOWED_HEADERS: &str = "content-type,idempotency-key,if-match,traceparent,x-api-key,x-request-id";
const EXPOSED_HEADERS: &str =
    "etag,idempotency-replayed,ratelimit,ratelimit-policy,retry-after,traceparent,x-request-id";

/// The CORS headers for `origin`, which is on the allow-list. Credentials are never allowed: the
/// key travels in a header that the page itself must set.
pub(crate) fn cors_headers(origin: &str, allowed_method: Option<&str>) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-expose-headers", EXPOSED_HEADERS.to_owned()),
    ];
    if let Some(method) = allowed_method {
        headers.push(("access-control-allow-methods", method.to_owned()));
        headers.push(("access-control-allow-headers", ALLOWED_HEADERS.to_owned()));
        headers.push(("access-control-max-age", "600".to_owned()));
    }
    headers
}
