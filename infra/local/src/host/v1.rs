//! Events of REST APIs (version 1.0).

use super::event::{Request, values};
use crate::wire::{ACCOUNT, REGION};
use serde_json::{Map, Value as Json, json};

/// The id of the one API there is.
pub(super) const API: &str = "local00000";

/// The event of the integration; `authorizer` is what the authorizer said.
pub(super) fn proxy(request: &Request<'_>, authorizer: Option<&Map<String, Json>>) -> Json {
    // Without binary media types, API Gateway takes every body for text.
    let body = (!request.body.is_empty()).then(|| String::from_utf8_lossy(request.body).into_owned());
    event(request, authorizer, [("body", json!(body)), ("isBase64Encoded", json!(false))])
}

/// The event of a request authorizer. It does not see the body.
pub(super) fn authorization(request: &Request<'_>) -> Json {
    let arn = super::authorizer::method_arn(request);
    event(request, None, [("type", json!("REQUEST")), ("methodArn", json!(arn))])
}

fn event(request: &Request<'_>, authorizer: Option<&Map<String, Json>>, own: [(&str, Json); 2]) -> Json {
    let (headers, multi_headers) = headers(request);
    let (query, multi_query) = pairs(request.query());
    let mut event = Map::from_iter(own.map(|(name, value)| (name.to_owned(), value)));
    let common = [
        ("resource", json!(request.resource)),
        ("path", json!(request.path())),
        ("httpMethod", json!(request.parts.method.as_str())),
        ("headers", headers),
        ("multiValueHeaders", multi_headers),
        ("queryStringParameters", query),
        ("multiValueQueryStringParameters", multi_query),
        ("pathParameters", request.path_parameters()),
        ("stageVariables", Json::Null),
        ("requestContext", context(request, authorizer)),
    ];
    event.extend(common.map(|(name, value)| (name.to_owned(), value)));
    Json::Object(event)
}

fn context(request: &Request<'_>, authorizer: Option<&Map<String, Json>>) -> Json {
    let mut context = json!({
        "accountId": ACCOUNT,
        "apiId": API,
        "domainName": format!("{API}.execute-api.{REGION}.amazonaws.com"),
        "domainPrefix": API,
        "extendedRequestId": request.id,
        "httpMethod": request.parts.method.as_str(),
        "identity": {
            "accessKey": null,
            "accountId": null,
            "sourceIp": "127.0.0.1",
            "userAgent": request.header("user-agent"),
        },
        "path": format!("/{}{}", request.stage, request.path()),
        "protocol": "HTTP/1.1",
        "requestId": request.id,
        "requestTime": request.common_log_time(),
        "requestTimeEpoch": u64::try_from(request.time.as_millis()).unwrap_or_default(),
        "resourceId": "local0",
        "resourcePath": request.resource,
        "stage": request.stage,
    });
    if let (Json::Object(context), Some(authorizer)) = (&mut context, authorizer) {
        context.insert("authorizer".to_owned(), json!(authorizer));
    }
    context
}

/// The plain map holds the last of several equal headers; names keep the case of the client, which HTTP libraries
/// lower, so they are raised again: functions must not depend on it.
fn headers(request: &Request<'_>) -> (Json, Json) {
    let pairs_of = request.parts.headers.keys().flat_map(|name| {
        let raised = raised(name.as_str());
        values(&request.parts.headers, name.as_str()).map(move |value| (raised.clone(), value))
    });
    pairs(pairs_of.collect())
}

/// The map with the last value of each name, and the map with all.
fn pairs(pairs: Vec<(String, String)>) -> (Json, Json) {
    if pairs.is_empty() {
        return (Json::Null, Json::Null);
    }
    let mut plain = Map::new();
    let mut multi = Map::new();
    for (name, value) in pairs {
        if let Json::Array(all) = multi.entry(name.clone()).or_insert_with(|| json!([])) {
            all.push(json!(value));
        }
        plain.insert(name, json!(value));
    }
    (Json::Object(plain), Json::Object(multi))
}

/// `x-api-key` as `X-Api-Key`.
fn raised(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    words.collect::<Vec<_>>().join("-")
}
