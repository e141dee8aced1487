//! A world of its own for each test: a fresh cloud, three keys, and the real functions behind a gateway.
//!
//! ```ignore
//! let world = World::start().await;
//! let body = world.post("/v1/ingest").key(&world.keys.all).json(&reading("pump-7", 71.5)).send().await.expect(200);
//! assert_eq!(body["accepted"], 1);
//! ```
//!
//! [`World::behind`] takes another gateway, [`World::with`] other parameters of the template. Faults and counts are
//! `world.cloud`'s; processes, logs and variables are those of `world.function("ingest")`.

use jiff::{SignedDuration, Timestamp};
use kernel::{Scope, Tenant};
use palisade_keys::{Issued, Keyring, Order};
use palisade_local::host::{Host, Lambda, Shape};
use palisade_local::{Cloud, CloudOptions, Pause};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout;

/// Every gateway the functions may stand behind.
pub const SHAPES: [Shape; 3] = [Shape::RestV1, Shape::HttpV2, Shape::Watch];

/// The stage of every world.
pub const STAGE: &str = "test";

/// A running product.
pub struct World {
    // In this order: the functions end before their cloud does.
    stream: Option<Pause>,
    pub host: Host,
    pub cloud: Cloud,
    pub keys: Keys,
    pub keyring: Keyring,
    client: Client,
}

/// The keys that every world has.
pub struct Keys {
    /// Tenant `demo`, every scope.
    pub all: String,
    /// Tenant `demo`, the scopes that read.
    pub read_only: String,
    /// Tenant `other`, every scope.
    pub other_tenant: String,
}

impl World {
    /// Behind a REST API, as deployed.
    pub async fn start() -> Self {
        Self::behind(Shape::RestV1).await
    }

    /// Behind this gateway.
    pub async fn behind(shape: Shape) -> Self {
        Self::with(shape, &[]).await
    }

    /// Behind this gateway, with these parameters of the template beside `Stage`.
    pub async fn with(shape: Shape, parameters: &[(&str, &str)]) -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let parameters: Vec<_> = [("Stage", STAGE)].iter().chain(parameters).copied().collect();
        let host = Host::start(&cloud, root().join("template.yaml"), &parameters, shape).await.unwrap();
        let keyring = Keyring::new(&cloud.sdk_config(), STAGE);
        let keys = Keys {
            all: text(&mint(&keyring, "demo", Scope::ALL).await),
            read_only: text(&mint(&keyring, "demo", READ).await),
            other_tenant: text(&mint(&keyring, "other", Scope::ALL).await),
        };
        cloud.reset_counts();
        let client = Client::builder().no_proxy().build().unwrap();
        let stream = Some(host.events().pause());
        Self { stream, host, cloud, keys, keyring, client }
    }

    /// Lets the pipeline follow the stream, which stands still in a world until then: so no fault or count that a
    /// test means for a request meets the pipeline instead.
    pub async fn flow(&mut self) {
        self.stream = None;
        self.settled().await;
    }

    /// Returns when the pipeline has nothing to do. It must have come to that within two minutes, however busy the machine
    /// is: what always leaves something to do would never end.
    pub async fn settled(&self) {
        let settled = timeout(Duration::from_secs(120), self.host.events().settled());
        settled.await.expect("the pipeline always has something to do");
    }

    /// Mints one more key. Processes that have read the keyring may take up to ten seconds to look for a key that is
    /// new to them, so mint before the first request, or `restart` the function.
    pub async fn mint(&self, tenant: &str, scopes: &[Scope]) -> Issued {
        mint(&self.keyring, tenant, scopes).await
    }

    /// A function by the name of its binary.
    #[track_caller]
    pub fn function(&self, binary: &str) -> &Lambda {
        self.host.function(binary).unwrap_or_else(|| panic!("the template has no function {binary}"))
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A request with any method.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call { request: self.client.request(method, format!("{}{path}", self.host.url())) }
    }
}

/// The scopes that read.
pub const READ: &[Scope] = &[Scope::DataRead, Scope::MaintenanceRead, Scope::TransactionsRead, Scope::GoalsRead];

/// The text of a key, as clients send it.
pub fn text(issued: &Issued) -> String {
    issued.key.text().reveal().to_string()
}

async fn mint(keyring: &Keyring, tenant: &str, scopes: &[Scope]) -> Issued {
    let now = Timestamp::now();
    let order = Order {
        tenant: Tenant::parse(tenant).unwrap(),
        scopes: scopes.iter().copied().collect(),
        name: "test".parse().unwrap(),
        expires: now + SignedDuration::from_hours(24),
        usage_plan: None,
    };
    keyring.mint(&order, now).await.unwrap()
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A request to be sent.
pub struct Call {
    request: RequestBuilder,
}

impl Call {
    pub fn key(self, key: &str) -> Self {
        self.header("x-api-key", key)
    }

    /// Adds a header; one of the same name stays.
    pub fn header(self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        let value: HeaderValue = value.parse().unwrap();
        Self { request: self.request.header(name, value) }
    }

    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    /// Any body, declared to be JSON.
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.raw("application/json", body)
    }

    /// Any body of any type.
    pub fn raw(self, media: &str, body: impl Into<reqwest::Body>) -> Self {
        let call = self.header("content-type", media);
        Self { request: call.request.body(body) }
    }

    pub async fn send(self) -> Answer {
        let response = self.request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Answer { status, headers, body: response.text().await.unwrap() }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body, once the status is checked.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }

    /// The problem, once its status and code are checked.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem = self.expect(status);
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{problem}");
        problem
    }

    /// The body; null when there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match self.body.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")),
        }
    }

    /// The body without the name of its request, which is random and may spell anything.
    pub fn said(&self) -> String {
        self.body.replace(self.header("x-request-id"), "")
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A good reading, now.
pub fn reading(sensor: &str, value: f64) -> Value {
    json!({ "sensor_id": sensor, "value": value, "sensor_type": "temperature", "unit": "C" })
}

/// A good machine row.
pub fn machine() -> Value {
    json!({
        "machine_type": "L",
        "air_temperature_k": 303.1,
        "process_temperature_k": 311.2,
        "rotational_speed_rpm": 1290,
        "torque_nm": 61.5,
        "tool_wear_min": 190,
    })
}
