//! One request, whichever gateway sent it.
//!
//! REST API (v1) events, HTTP API (v2) events and those of `cargo lambda watch` (v2) are read into
//! one type. `lambda_http` is not used for it because it keeps one of several equal headers and
//! panics on a body that is not the base64 it claims to be; both must end in a refusal here.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use kernel::{Code, Fault, Identifier, RequestId};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{envelope, json, reply::etag};

type Many<T> = Option<BTreeMap<String, T>>;

/// A request event. Every field may be absent, so that nothing sent here fails outside the front door.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    version: Option<String>,
    http_method: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Many<String>,
    multi_value_headers: Many<Vec<String>>,
    query_string_parameters: Many<String>,
    multi_value_query_string_parameters: Many<Vec<String>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct RequestContext {
    #[serde(rename = "requestId")]
    request_id: Option<String>,
    stage: Option<String>,
    http: Option<HttpContext>,
    authorizer: Option<Authorizer>,
}

#[derive(Clone, Deserialize)]
struct HttpContext {
    method: String,
}

/// What the authorizer said: at the top in v1 events, under `lambda` in v2 events.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Authorizer {
    kid: Option<String>,
    lambda: Option<Box<Authorizer>>,
}

impl Event {
    /// Whether it is of version 2.0, and its answer too.
    pub(crate) fn is_v2(&self) -> bool {
        self.version.as_deref() == Some("2.0")
    }
}

/// A request.
pub struct Incoming {
    /// The method, as sent.
    pub method: String,
    /// The path, without the gateway's stage.
    pub path: String,
    /// The caller's name for the request, or ours.
    pub request_id: RequestId,
    /// The caller's W3C trace context, if well formed.
    pub traceparent: Option<String>,
    /// The gateway's name for the request, by which its own line is found.
    pub gateway_request_id: Option<RequestId>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: Option<Bytes>,
    path_parameters: Vec<(String, String)>,
    authorized_kid: Option<String>,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

impl From<Event> for Incoming {
    fn from(event: Event) -> Self {
        let is_v2 = event.is_v2();
        let headers = headers(&event);
        let one = |name: &str| single(&headers, name);
        let request_id = one("x-request-id").and_then(RequestId::accept).unwrap_or_else(RequestId::mint);
        let traceparent = one("traceparent").filter(|text| is_traceparent(text)).map(str::to_owned);
        let query = match &event.raw_query_string {
            Some(raw) => form_urlencoded::parse(raw.as_bytes()).into_owned().collect(),
            None => flatten(event.multi_value_query_string_parameters, event.query_string_parameters),
        };
        let gateway_request_id = event.request_context.request_id.as_deref().and_then(RequestId::accept);
        let authorizer = event.request_context.authorizer.unwrap_or_default();
        let body = event.body.unwrap_or_default();
        Self {
            method: match event.request_context.http {
                Some(http) => http.method,
                None => event.http_method.unwrap_or_default(),
            },
            path: match event.raw_path.or(event.path) {
                Some(path) if is_v2 => without_stage(path, event.request_context.stage.as_deref()),
                path => path.unwrap_or_default(),
            },
            request_id,
            traceparent,
            gateway_request_id,
            query,
            body: if event.is_base64_encoded { BASE64.decode(body).ok().map(Bytes::from) } else { Some(body.into()) },
            path_parameters: Vec::new(),
            authorized_kid: authorizer.kid.or_else(|| authorizer.lambda.and_then(|inner| inner.kid)),
            headers,
        }
    }
}

impl Incoming {
    /// The value of a header that stands there once; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        single(&self.headers, name)
    }

    /// Every value of a header; the name in lower case.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The query parameters, decoded, in order.
    #[must_use]
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The body, or `None` when it is not the base64 it claims to be.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The body, for whoever needs it after the request was parsed.
    #[must_use]
    pub fn shared_body(&self) -> Bytes {
        self.body.clone().unwrap_or_default()
    }

    /// The kid the gateway's authorizer vouches for, if there was one.
    pub(crate) fn authorized_kid(&self) -> Option<&str> {
        self.authorized_kid.as_deref()
    }

    /// A segment of the path that the route names, decoded. Empty when the route names no such segment.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> &str {
        self.path_parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A segment of the path that names an object.
    ///
    /// # Errors
    /// 404 when it is no identifier: a name that no object can have is the name of no object.
    pub fn identifier(&self, name: &str) -> Result<Identifier, Fault> {
        Identifier::parse(self.path_parameter(name)).map_err(|_| Fault::not_found())
    }

    /// Reads the query into `T`, whose fields must be all the parameters there are.
    ///
    /// # Errors
    /// 400 for an unknown or repeated parameter, 422 for a value of the wrong kind.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let parameters = serde_urlencoded::Deserializer::new(form_urlencoded::parse(encoded.as_bytes()));
        serde_path_to_error::deserialize(parameters).map_err(|error| json::explain(&error, ""))
    }

    /// Refuses every query parameter, for routes that take none.
    ///
    /// # Errors
    /// 400 when there is one.
    pub fn no_query(&self) -> Result<(), Fault> {
        if self.query.is_empty() {
            return Ok(());
        }
        Err(Fault::new(Code::InvalidRequest, "This route takes no query parameters."))
    }

    /// Which revision of the object the client has seen, when it says so in `If-Match`.
    ///
    /// # Errors
    /// 400 when it says so more than once.
    pub fn precondition(&self) -> Result<Precondition, Fault> {
        let mut given = self.headers("if-match");
        let first = given.next();
        if given.next().is_some() {
            return Err(Fault::new(Code::InvalidRequest, "If-Match must be given once."));
        }
        Ok(Precondition(first.filter(|tag| *tag != "*").map(str::to_owned)))
    }

    /// Reads the JSON body into `T`.
    ///
    /// # Errors
    /// 400 for a field that is not known, 422 for one that is missing or of the wrong type.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Fault> {
        json::parse(self.body().unwrap_or_default(), "")
    }

    /// Whether the body is one JSON object on each line.
    #[must_use]
    pub fn is_lines(&self) -> bool {
        self.header("content-type").is_some_and(|media| envelope::is(media, "application/x-ndjson"))
    }

    /// Whether the path is that of `route`; remembers the segments the route names.
    pub(crate) fn matches(&mut self, route: &str) -> bool {
        let mut named = Vec::new();
        let mut given = self.path.split('/');
        for expected in route.split('/') {
            let Some(segment) = given.next() else { return false };
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    named.push((name.to_owned(), percent_decode_str(segment).decode_utf8_lossy().into_owned()));
                }
                None if expected == segment => {}
                None => return false,
            }
        }
        if given.next().is_some() {
            return false;
        }
        self.path_parameters = named;
        true
    }
}

/// The revision that a client wants to change, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition(Option<String>);

impl Precondition {
    /// Holds when the client named no revision, or this one.
    ///
    /// # Errors
    /// 412 when it named another.
    pub fn check(&self, revision: u64) -> Result<(), Fault> {
        match &self.0 {
            Some(seen) if *seen != etag(revision) => Err(Fault::new(
                Code::PreconditionFailed,
                "The object has another revision than If-Match names. Read it again, then decide.",
            )),
            _ => Ok(()),
        }
    }
}

fn single<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    values.next().filter(|_| values.next().is_none())
}

fn headers(event: &Event) -> Vec<(String, String)> {
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    let mut headers: Vec<_> =
        flatten(event.multi_value_headers.clone(), event.headers.clone()).into_iter().map(lower).collect();
    headers.extend(event.cookies.iter().flatten().map(|cookie| ("cookie".to_owned(), cookie.clone())));
    headers
}

/// The pairs of the multi-value map, which is complete, or else of the plain one.
fn flatten(multi: Many<Vec<String>>, plain: Many<String>) -> Vec<(String, String)> {
    match multi {
        Some(multi) if !multi.is_empty() => multi
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect(),
        _ => plain.unwrap_or_default().into_iter().collect(),
    }
}

fn without_stage(path: String, stage: Option<&str>) -> String {
    let stripped = stage.filter(|stage| *stage != "$default").and_then(|stage| {
        path.strip_prefix('/')?.strip_prefix(stage).filter(|rest| rest.starts_with('/')).map(str::to_owned)
    });
    stripped.unwrap_or(path)
}

/// `version-trace-parent-flags` of <https://www.w3.org/TR/trace-context/>, in lower-case hexadecimal.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [2, 32, 16, 2];
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
        && parts.first() != Some(&"ff")
        && parts.iter().skip(1).take(2).all(|id| id.bytes().any(|byte| byte != b'0'))
}
