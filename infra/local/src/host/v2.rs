//! Version 2.0 events, as HTTP APIs and as `cargo lambda watch` write them.

use super::event::{Request, values};
use crate::wire::ACCOUNT;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

/// The event of an HTTP API with a named stage, which stands before the path.
pub(super) fn http_api(request: &Request<'_>) -> Json {
    let path = format!("/{}{}", request.stage, request.path());
    let mut event = common(request, &path, |all| all.join(","));
    let route_key = format!("{} {}", request.parts.method, request.resource);
    event["routeKey"] = json!(route_key);
    event["requestContext"]["routeKey"] = json!(route_key);
    event["requestContext"]["stage"] = json!(request.stage);
    let media = request.header("content-type");
    let is_text = media.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].iter().any(|text| media.starts_with(text));
    with_body(event, request, is_text)
}

/// The event of `cargo lambda watch`.
pub(super) fn watch(request: &Request<'_>) -> Json {
    let mut event = common(request, request.path(), |all| all.first().cloned().unwrap_or_default());
    event["routeKey"] = json!("$default");
    event["requestContext"]["routeKey"] = json!("$default");
    event["requestContext"]["stage"] = json!("$default");
    let media = request.header("content-type");
    let is_text = media.is_empty() || media.starts_with("text/") || media.starts_with("application/json");
    with_body(event, request, is_text)
}

fn common(request: &Request<'_>, path: &str, one: fn(&[String]) -> String) -> Json {
    let headers = &request.parts.headers;
    let names = headers.keys().map(http::HeaderName::as_str).filter(|name| *name != "cookie");
    let of = |name: &str| json!(one(&values(headers, name).collect::<Vec<_>>()));
    let mut query: Map<String, Json> = Map::new();
    for (name, value) in request.query() {
        let joined = query.get(&name).and_then(Json::as_str).map(|first| format!("{first},{value}"));
        query.insert(name, json!(joined.unwrap_or(value)));
    }
    let cookies: Vec<String> =
        values(headers, "cookie").flat_map(|line| line.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect();
    let mut event = json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": request.parts.uri.query().unwrap_or_default(),
        "headers": names.map(|name| (name.to_owned(), of(name))).collect::<Map<_, _>>(),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": super::v1::API,
            "domainName": "localhost",
            "domainPrefix": super::v1::API,
            "http": {
                "method": request.parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": request.header("user-agent"),
            },
            "requestId": request.id,
            "time": request.common_log_time(),
            "timeEpoch": u64::try_from(request.time.as_millis()).unwrap_or_default(),
        },
    });
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = Json::Object(query);
    }
    if !request.parameters.is_empty() {
        event["pathParameters"] = request.path_parameters();
    }
    event
}

fn with_body(mut event: Json, request: &Request<'_>, is_text: bool) -> Json {
    let text = std::str::from_utf8(request.body).ok().filter(|_| is_text);
    event["isBase64Encoded"] = json!(false);
    match text {
        _ if request.body.is_empty() => {}
        Some(text) => event["body"] = json!(text),
        None => {
            event["body"] = json!(BASE64_STANDARD.encode(request.body));
            event["isBase64Encoded"] = json!(true);
        }
    }
    event
}
