//! What holds for every route, in words. Backquotes mark code.

/// One subject.
pub(crate) struct Section {
    /// The anchor on the page.
    pub(crate) id: &'static str,
    /// The heading.
    pub(crate) title: &'static str,
    /// The text.
    pub(crate) paragraphs: &'static [&'static str],
}

/// What the API is.
pub(crate) const INTRODUCTION: &str = "Palisade takes the readings of machines' sensors, keeps them, and says which machine is about to fail. This is version 1 of its HTTP interface.";

/// The subjects, in the order they are read.
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        id: "authentication",
        title: "Authentication",
        paragraphs: &[
            "Every route except `/health`, `/docs` and `/openapi.json` takes an API key in the header `X-API-Key`, and nowhere else: a key in the query, in a cookie or in a body is refused.",
            "A key belongs to one tenant, has scopes, and expires. The tenant of a request is the tenant of its key. A scope allows exactly the routes that name it; no scope includes another.",
        ],
    },
    Section {
        id: "requests",
        title: "Requests",
        paragraphs: &[
            "A body is one JSON object in UTF-8, declared as `application/json`, without a content encoding. Fields and query parameters that are not documented are refused, and so are repeated ones, numbers that are not finite, and more than 32 levels of nesting.",
            "Times are RFC 3339 with an offset, to the nanosecond; answers give them in UTC. Identifiers are 1 to 64 characters of `A-Z a-z 0-9 . _ : -`. Whole numbers are written without a fraction: `5`, not `5.0`.",
        ],
    },
    Section {
        id: "idempotency",
        title: "Idempotency",
        paragraphs: &[
            "Routes that store take an `Idempotency-Key` of 1 to 255 visible ASCII characters. A key belongs to the tenant and the route for 24 hours. The same key with the same body is answered with the first answer and `Idempotency-Replayed: true`, and nothing is stored again; only `request_id` differs. The order of members does not make a body another.",
            "The same key with another body is answered with 422, and with 409 while the first request is running. Requests that failed are not remembered: send them again with the same key.",
        ],
    },
    Section {
        id: "pages",
        title: "Pages",
        paragraphs: &[
            "Lists are answered in pages. `next_cursor` is what to send as `cursor`, with otherwise the same query, for the page after; it is `null` on the last one. A cursor is good for 24 hours. A page may have fewer entries than `limit` without being the last one.",
        ],
    },
    Section {
        id: "limits",
        title: "Limits and retries",
        paragraphs: &[
            "A key that makes too many requests is answered with 429 and `Retry-After`. Routes that count each key's requests exactly also say so in `RateLimit-Policy` and `RateLimit`: `\"predict\";r=2999;t=42` means 2,999 more requests in the next 42 seconds.",
            "Answers with 409, 429 and 503 are worth a retry after `Retry-After` seconds, with growing pauses. A retry of a request that stores is safe with its `Idempotency-Key`.",
        ],
    },
    Section {
        id: "correlation",
        title: "Correlation",
        paragraphs: &[
            "Every answer names its request in `X-Request-ID`: yours, if you send one of 1 to 64 characters of `A-Z a-z 0-9 . _ -`, or a new one. Problems repeat it as `instance`, answers to POST as `request_id`. A W3C `traceparent` is passed on and returned.",
        ],
    },
    Section {
        id: "browsers",
        title: "Browsers",
        paragraphs: &[
            "Pages of the origins that the operator allows may call the API; `OPTIONS` on every route answers their preflight requests. Other origins get no CORS headers.",
        ],
    },
];
