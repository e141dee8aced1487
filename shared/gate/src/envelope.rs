//! Step 1: what can be refused without knowing who asks, and what says who asks.

use kernel::{Code, Fault, Secret};
use vault::looks_like_a_key;

use crate::{Incoming, endpoint::Body, problem::unauthorized};

/// The largest body of a route that takes none.
const UNUSED_BODY: usize = 256 * 1024;

/// Checks size, encoding, content type and that no key stands where it would leak.
pub(crate) fn check(incoming: &Incoming, body: Body) -> Result<(), Fault> {
    let (limit, expected) = match body {
        Body::None => (UNUSED_BODY, None),
        Body::Json(limit) => (limit, Some("Send the body as application/json.")),
        Body::JsonOrLines(limit) => (limit, Some("Send the body as application/json or application/x-ndjson.")),
    };
    let bytes = incoming
        .body()
        .ok_or_else(|| Fault::new(Code::InvalidRequest, "The body is not the base64 it is declared to be."))?;
    if bytes.len() > limit {
        return Err(Fault::new(Code::PayloadTooLarge, format!("The body may have at most {limit} bytes.")));
    }
    if incoming.headers("content-encoding").any(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Fault::new(Code::UnsupportedMediaType, "Send the body without a content encoding."));
    }
    if let Some(expected) = expected
        && !incoming.header("content-type").is_some_and(|media| is(media, "application/json"))
        && !(matches!(body, Body::JsonOrLines(_)) && incoming.is_lines())
    {
        return Err(Fault::new(Code::UnsupportedMediaType, expected));
    }
    let elsewhere = incoming.query_pairs().iter().any(|(name, value)| is_key_name(name) || leaks(name) || leaks(value))
        || incoming.headers("cookie").any(leaks)
        || looks_like_a_key(bytes);
    if elsewhere { Err(unauthorized()) } else { Ok(()) }
}

/// What a request shows of who asks.
pub(crate) enum Credential {
    /// What should be an API key.
    Key(Secret<String>),
    /// What should be a token of a tenant's issuer.
    Token(Secret<String>),
}

/// The one credential in the one header it belongs in.
#[must_use]
pub(crate) fn presented(incoming: &Incoming) -> Option<Credential> {
    let mut shown = incoming.headers("x-api-key").map(|key| Credential::Key(Secret::new(key.to_owned())));
    let mut bearer = incoming.headers("authorization");
    match (shown.next(), shown.next(), bearer.next(), bearer.next()) {
        (Some(key), None, None, None) => Some(key),
        (None, None, Some(authorization), None) => {
            let (scheme, token) = authorization.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| Credential::Token(Secret::new(token.to_owned())))
        }
        _ => None,
    }
}

/// Whether a content type is `media`, in UTF-8.
pub(crate) fn is(content_type: &str, media: &str) -> bool {
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let utf8 = |parameter: &str| {
        let parameter = parameter.trim();
        parameter.is_empty()
            || parameter.eq_ignore_ascii_case("charset=utf-8")
            || parameter.eq_ignore_ascii_case("charset=\"utf-8\"")
    };
    essence.trim().eq_ignore_ascii_case(media) && parameters.split(';').all(utf8)
}

fn is_key_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    ["xapikey", "apikey", "authorization", "accesstoken"].iter().any(|known| plain.eq_ignore_ascii_case(known))
}

fn leaks(text: &str) -> bool {
    looks_like_a_key(text.as_bytes())
}
