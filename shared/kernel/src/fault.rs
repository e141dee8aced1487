//! What can go wrong, in two separate texts: one for the client, one for the operator.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $text:literal $title:literal,)+) => {
        /// The stable, machine-readable kind of a fault. A code exists only where a client would
        /// act differently on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as clients see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The HTTP status it answers with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// A short summary that never varies.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

codes! {
    /// The request cannot be read: malformed JSON, an unknown field or parameter. Fix it; do not retry.
    InvalidRequest = 400 "invalid_request" "The request cannot be read",
    /// No valid API key. Every such answer is the same.
    Unauthorized = 401 "unauthorized" "A valid API key is required",
    /// The key is valid and lacks the scope.
    Forbidden = 403 "forbidden" "The API key may not do this",
    /// No such route, or no such object for this tenant.
    NotFound = 404 "not_found" "There is no such thing here",
    /// The route exists with another method.
    MethodNotAllowed = 405 "method_not_allowed" "The method is not allowed here",
    /// A request with the same idempotency key is still running. Retry later.
    RequestInFlight = 409 "request_in_flight" "The same request is still being processed",
    /// Another request changed the object meanwhile. Read it again and decide anew.
    Conflict = 409 "conflict" "The object was changed meanwhile",
    /// The object's state does not allow this. Retrying does not help.
    IllegalTransition = 409 "illegal_transition" "The object's state does not allow this",
    /// `If-Match` names another revision of the object than the current one.
    PreconditionFailed = 412 "precondition_failed" "The object has another revision",
    /// The body is larger than the route takes.
    PayloadTooLarge = 413 "payload_too_large" "The request body is too large",
    /// The body is not in a format the route takes.
    UnsupportedMediaType = 415 "unsupported_media_type" "The content type or encoding is not supported",
    /// The request was read and breaks a rule. `errors` names each place.
    ValidationFailed = 422 "validation_failed" "The request breaks a rule",
    /// What is stored is too little to answer from. `detail` says how much is needed.
    InsufficientData = 422 "insufficient_data" "There is too little data to answer",
    /// The message tells of no payment that could be stored. `detail` says what it is taken for.
    Unrecognised = 422 "unrecognised" "The message is no transaction",
    /// The idempotency key was used before with another body.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "The idempotency key belongs to another request",
    /// Too many requests with this key. Retry after the time said.
    RateLimited = 429 "rate_limited" "Too many requests",
    /// A fault of ours. Nothing was stored.
    Internal = 500 "internal_error" "Something failed on our side",
    /// A dependency does not answer. Nothing was stored, or the retry finds it stored once.
    Unavailable = 503 "unavailable" "The service cannot answer right now",
}

/// One place of a request that breaks a rule. Never carries the offending value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the body, or `/` and the parameter's name.
    pub pointer: String,
    /// The rule, for machines.
    pub code: Cow<'static, str>,
    /// The rule, for people.
    pub message: Cow<'static, str>,
}

impl Violation {
    /// A broken rule at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { pointer: pointer.into(), code: Cow::Borrowed(code), message: message.into() }
    }

    /// The same violation seen from `prefix`, the pointer of the value that contains it.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

/// A request that fails. `detail` and `errors` reach the client; `cause` reaches the log and
/// nothing else.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind.
    pub code: Code,
    /// What this client can know and do about it.
    pub detail: Cow<'static, str>,
    /// The places that break a rule; empty for other kinds.
    pub errors: Vec<Violation>,
    /// After how many seconds a retry makes sense.
    pub retry_after: Option<u32>,
    /// Further headers of the answer, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    cause: Option<String>,
}

impl Fault {
    /// A fault with a text for the client.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, headers: Vec::new(), cause: None }
    }

    /// The request breaks the rules named in `errors`.
    #[must_use]
    pub fn validation(errors: Vec<Violation>) -> Self {
        Self { errors, ..Self::new(Code::ValidationFailed, "The places that break a rule are listed in errors.") }
    }

    /// There is no such route, or the tenant has no such object: the same answer for both, and for another tenant's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such route or object.")
    }

    /// A dependency failed; `cause` is for the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::new(Code::Unavailable, "A dependency does not answer. Try again shortly.").retry_after(1).caused_by(cause)
    }

    /// We failed; `cause` is for the log.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::Internal, "The request failed on our side and was logged.").caused_by(cause)
    }

    /// Tells the client when to retry.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Tells the operator why.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Why, for the log only.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}
