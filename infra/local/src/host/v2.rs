//! Version 2.0 events, as HTTP APIs and as `cargo lambda watch` write them.

use super::event::{Request, values};
use super::v1::API;
use crate::wire::ACCOUNT;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

/// The event of an HTTP API with a named stage, which stands before the path.
pub(super) fn http_api(request: &Request<'_>) -> Json {
    let path = format!("/{}{}", request.stage, request.path());
    let route_key = format!("{} {}", request.parts.method, request.resource);
    let media = request.header("content-type");
    let is_text = media.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].iter().any(|text| media.starts_with(text));
    event(request, &path, &route_key, request.stage, is_text, |all| all.join(","))
}

/// The event of `cargo lambda watch`, which shows the first of several equal headers.
pub(super) fn watch(request: &Request<'_>) -> Json {
    let media = request.header("content-type");
    let is_text = media.is_empty() || media.starts_with("text/") || media.starts_with("application/json");
    event(request, request.path(), "$default", "$default", is_text, |all| all.first().cloned().unwrap_or_default())
}

fn event(
    request: &Request<'_>,
    path: &str,
    route_key: &str,
    stage: &str,
    is_text: bool,
    one: fn(&[String]) -> String,
) -> Json {
    let headers = &request.parts.headers;
    let names = headers.keys().map(http::HeaderName::as_str).filter(|name| *name != "cookie");
    let of = |name: &str| json!(one(&values(headers, name).collect::<Vec<_>>()));
    let cookies: Vec<String> =
        values(headers, "cookie").flat_map(|line| line.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect();
    let text = std::str::from_utf8(request.body).ok().filter(|_| is_text);
    let members = [
        ("version", json!("2.0")),
        ("routeKey", json!(route_key)),
        ("rawPath", json!(path)),
        ("rawQueryString", json!(request.parts.uri.query().unwrap_or_default())),
        ("headers", names.map(|name| (name.to_owned(), of(name))).collect::<Map<_, _>>().into()),
        ("cookies", if cookies.is_empty() { Json::Null } else { json!(cookies) }),
        ("queryStringParameters", query(request)),
        ("pathParameters", request.path_parameters()),
        ("requestContext", context(request, path, route_key, stage)),
        (
            "body",
            match text {
                _ if request.body.is_empty() => Json::Null,
                Some(text) => json!(text),
                None => json!(BASE64_STANDARD.encode(request.body)),
            },
        ),
        ("isBase64Encoded", json!(text.is_none() && !request.body.is_empty())),
    ];
    // Version 2 leaves out what there is not.
    let there = members.into_iter().filter(|(_, value)| !value.is_null());
    Json::Object(there.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn context(request: &Request<'_>, path: &str, route_key: &str, stage: &str) -> Json {
    json!({
        "accountId": ACCOUNT,
        "apiId": API,
        "domainName": "localhost",
        "domainPrefix": API,
        "http": {
            "method": request.parts.method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.id,
        "routeKey": route_key,
        "stage": stage,
        "time": request.common_log_time(),
        "timeEpoch": u64::try_from(request.time.as_millis()).unwrap_or_default(),
    })
}

/// The query, with the values of one name joined by commas.
fn query(request: &Request<'_>) -> Json {
    let mut query: Map<String, Json> = Map::new();
    for (name, value) in request.query() {
        let joined = query.get(&name).and_then(Json::as_str).map(|first| format!("{first},{value}"));
        query.insert(name, json!(joined.unwrap_or(value)));
    }
    if query.is_empty() { Json::Null } else { Json::Object(query) }
}
