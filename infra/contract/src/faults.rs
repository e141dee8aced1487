//! What each problem code means and what to do about it.

use kernel::Code;

/// What a client can know and do.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// When it is answered.
    pub meaning: &'static str,
    /// What to do then.
    pub remedy: &'static str,
}

/// The advice for `code`. A code without advice does not build.
#[must_use]
pub const fn advice(code: Code) -> Advice {
    let (meaning, remedy) = match code {
        Code::InvalidRequest => (
            "The request cannot be read: it is not strict JSON, has a field or parameter that is not known, a cursor of another query, or a malformed `Idempotency-Key`.",
            "Correct the request. The same request fails again.",
        ),
        Code::Unauthorized => (
            "There is no valid key in `X-API-Key`, or there is a key in the query, a cookie or the body. Every such answer is the same.",
            "Send one valid key, in the header only. If a key stood elsewhere, have it revoked.",
        ),
        Code::Forbidden => {
            ("The key is valid and lacks the scope of the route.", "Ask the operator for a key with the scope.")
        }
        Code::NotFound => (
            "There is no such route, or no such object for this tenant. Another tenant's object is answered like one that does not exist.",
            "Check the path and the name.",
        ),
        Code::Unrecognised => (
            "The message was read and tells of no payment: it is a reminder, a one-time password, an offer, a declined payment, a request, a balance, or nothing that is known. `detail` says which.",
            "Do not send it again. If it does tell of a payment, report its wording.",
        ),
        Code::MethodNotAllowed => ("The route exists with another method.", "Use the method that `Allow` names."),
        Code::RequestInFlight => (
            "A request with the same `Idempotency-Key` is still running.",
            "Send the same request again after `Retry-After` seconds.",
        ),
        Code::Conflict => (
            "Another request changed the object between reading and writing it.",
            "Read the object again and decide anew.",
        ),
        Code::IllegalTransition => (
            "The object's state does not allow what was asked; `detail` names both.",
            "Read the object. The same request fails again while its state is the same.",
        ),
        Code::PreconditionFailed => (
            "`If-Match` names another revision of the object than the current one.",
            "Read the object again, and send its `ETag` if you still want the change.",
        ),
        Code::InsufficientData => (
            "What is stored is too little to answer from; `detail` says how much is needed.",
            "Send more readings, or ask for a longer range.",
        ),
        Code::PayloadTooLarge => ("The body is larger than the route takes.", "Send less in one request."),
        Code::UnsupportedMediaType => (
            "The body is not declared as `application/json`, or has a content encoding.",
            "Send `Content-Type: application/json` and no `Content-Encoding`.",
        ),
        Code::ValidationFailed => (
            "The request was read and breaks a rule. `errors` names each place; it never repeats a value.",
            "Correct the places named. The same request fails again.",
        ),
        Code::IdempotencyKeyReused => (
            "The `Idempotency-Key` was used in the last 24 hours with another body.",
            "Use a new key for a new request.",
        ),
        Code::RateLimited => {
            ("The key makes more requests than it may.", "Send the same request again after `Retry-After` seconds.")
        }
        Code::Internal => {
            ("Something failed on our side. Nothing was stored.", "Try again once; report `instance` if it stays so.")
        }
        Code::Unavailable => (
            "A dependency does not answer.",
            "Send the same request again after `Retry-After` seconds. With an `Idempotency-Key` it is stored once, however often it is sent.",
        ),
    };
    Advice { meaning, remedy }
}
