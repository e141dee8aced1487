//! The front door, from the gateway's event to the answer.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use gate::{Body, Call, Demand, Door, Endpoint, Event, Incoming, Json, Method, Reply, Route, Served};
use kernel::{Fault, Identifier, RequestId, Scope};
use maintenance::{RawReading, Reading};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::UnitOfWork;
use tokio::runtime::{Builder, Runtime};

use crate::offline::{KEY, OTHER, REVOKED, door};

const LIMIT: usize = 4096;

/// Takes one reading and keeps nothing.
struct Take;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read into")]
struct Asked {
    limit: Option<u16>,
}

#[derive(Serialize)]
struct Taken {
    sensor_id: Identifier,
    value: f64,
}

impl Endpoint for Take {
    const ROUTE: Route = Route {
        name: "take",
        method: Method::Post,
        path: "/v1/sensors/{sensor_id}/readings",
        siblings: &[],
        demand: Demand::Scope(Scope::DataIngest),
        body: Body::Json(LIMIT),
        stores: false,
    };
    type Input = (Identifier, Reading);
    type Output = Json<Taken>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        let sensor = incoming.identifier("sensor_id")?;
        incoming.query::<Asked>()?;
        incoming.precondition()?;
        let raw: RawReading = incoming.json()?;
        Ok((sensor, raw.accept(call.now.wall).map_err(Fault::validation)?))
    }

    async fn act(&self, _: &Call, (sensor_id, reading): Self::Input, _: &mut UnitOfWork) -> Result<Json<Taken>, Fault> {
        Ok(Json::ok(Taken { sensor_id, value: reading.value }))
    }
}

struct House {
    runtime: Runtime,
    served: Served,
    door: Door,
}

static HOUSE: LazyLock<House> = LazyLock::new(|| House {
    runtime: Builder::new_current_thread().enable_all().build().unwrap(),
    served: Served::new("take"),
    door: door(),
});

/// An event as JSON, or a request as it is written in HTTP/1, which then comes by both kinds of gateways and must be
/// answered alike. Nobody gets in without the one good key in its one header; every answer has the headers that
/// protect it and says nothing of a key; what is refused is a problem with the request's name.
pub fn front_door(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"{") {
        let Ok(event) = serde_json::from_slice::<Event>(bytes) else { return false };
        let incoming = Incoming::from(event.clone());
        let reply = answer(event);
        check(&reply, &incoming);
        return reply.status == 200;
    }
    let Some(request) = Request::read(bytes) else { return false };
    let events = [request.v1(), request.v2()].map(|event| serde_json::from_value::<Event>(event).unwrap());
    let [first, second] = events.map(|event| {
        let incoming = Incoming::from(event.clone());
        let reply = answer(event);
        check(&reply, &incoming);
        reply
    });
    // Of several faults of a query the first is told, and one of the events has no order.
    if request.query().len() < 2 {
        assert_eq!(without_name(&first), without_name(&second));
    }
    first.status == 200
}

fn answer(event: Event) -> Reply {
    let House { runtime, served, door } = &*HOUSE;
    runtime.block_on(served.call(&Take, door, event))
}

fn check(reply: &Reply, incoming: &Incoming) {
    let header = |name: &str| reply.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    for (name, value) in &reply.headers {
        assert!(!value.chars().any(char::is_control) && value.len() <= 256, "{name}: {value:?}");
    }
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("access-control-allow-origin"), None);
    let name = RequestId::accept(header("x-request-id").unwrap()).unwrap();
    if let Some(given) = incoming.header("x-request-id").and_then(RequestId::accept) {
        assert_eq!(name, given);
    }
    for key in [KEY, OTHER, REVOKED] {
        assert!(!format!("{reply:?}").contains(key));
    }
    let said: Value = if reply.body.is_empty() { Value::Null } else { serde_json::from_str(&reply.body).unwrap() };
    match reply.status {
        200 => {
            assert!(incoming.headers("x-api-key").eq([KEY]) && incoming.method == "POST");
            assert!(incoming.body().is_some_and(|body| body.len() <= LIMIT && body.starts_with(b"{")));
            assert_eq!(said["request_id"], *name);
        }
        204 => assert_eq!(incoming.method, "OPTIONS"),
        400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 => {
            assert_eq!(reply.content_type, "application/problem+json");
            assert_eq!((&said["status"], &said["instance"]), (&json!(reply.status), &json!(*name)));
            assert_eq!(reply.status == 401, header("www-authenticate").is_some());
            assert!(reply.status != 422 || said["errors"].as_array().is_some_and(|errors| !errors.is_empty()));
        }
        other => panic!("{other}: {reply:?}"),
    }
}

fn without_name(reply: &Reply) -> (u16, Value) {
    let mut said: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    if let Some(said) = said.as_object_mut() {
        said.remove("instance");
        said.remove("request_id");
    }
    (reply.status, said)
}

/// A request as it is written in HTTP/1.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    raw_query: &'a str,
    /// One of each name: how several are passed on is the gateways' business.
    headers: Map<String, Value>,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let at = bytes.windows(2).position(|window| window == b"\n\n")?;
        let mut lines = str::from_utf8(&bytes[..at]).ok()?.lines();
        let (method, target) = lines.next()?.split_once(' ')?;
        let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let headers = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.into())).collect();
        Some(Self { method, path, raw_query, headers, body: &bytes[at + 2..] })
    }

    fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.raw_query.as_bytes()).into_owned().collect()
    }

    fn body(&self) -> (String, bool) {
        str::from_utf8(self.body).map_or_else(|_| (BASE64.encode(self.body), true), |text| (text.to_owned(), false))
    }

    fn v1(&self) -> Value {
        let mut query: Map<String, Value> = Map::new();
        for (name, value) in self.query() {
            query.entry(name).or_insert_with(|| json!([])).as_array_mut().unwrap().push(value.into());
        }
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
        let (body, is_base64) = self.body();
        json!({
            "httpMethod": self.method, "path": self.path, "headers": self.headers, "multiValueHeaders": headers,
            "multiValueQueryStringParameters": query, "body": body, "isBase64Encoded": is_base64,
            "requestContext": {"stage": "dev", "authorizer": null},
        })
    }

    fn v2(&self) -> Value {
        let (body, is_base64) = self.body();
        json!({
            "version": "2.0", "rawPath": self.path, "rawQueryString": self.raw_query, "headers": self.headers,
            "requestContext": {"http": {"method": self.method}, "stage": "$default"},
            "body": body, "isBase64Encoded": is_base64,
        })
    }
}
