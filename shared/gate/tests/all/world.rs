//! A door with a few endpoints behind it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use gate::{Body, Call, Demand, Door, Endpoint, Event, Incoming, IntoReply, Json, Method, Reply, Route, Served};
use jiff::{SignedDuration, Timestamp};
use kernel::{Code, Fault, Identifier, Scope, Tenant};
use palisade_keys::{Issued, Keyring, Order};
use palisade_local::{Cloud, CloudOptions};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{AuditLog, AuditTrail, Issuers, Requests, UnitOfWork};
use vault::{Authenticator, SecretCache};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");

/// A cloud, a door into it, and a key with the scopes `data:ingest` and `data:read`.
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) keyring: Keyring,
    pub(crate) key: Issued,
    pub(crate) door: Door,
    pub(crate) log: AuditLog,
}

impl World {
    pub(crate) async fn start() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        cloud.provision(TEMPLATE, "dev").unwrap();
        let keyring = Keyring::new(&cloud.sdk_config(), "dev");
        let key = mint(&keyring, &[Scope::DataIngest, Scope::DataRead]).await;
        let log = AuditLog::new(aws_sdk_dynamodb::Client::new(&cloud.sdk_config()), "palisade-dev-audit");
        let door = door(&cloud);
        Self { cloud, keyring, key, door, log }
    }

    /// A request with the key of the world.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        Ask::new(method, path).header("x-api-key", self.key.key.text().reveal())
    }

    pub(crate) async fn answer<E: Endpoint>(&self, endpoint: &E, ask: Ask) -> Answer {
        Answer(Served::new("test").call(endpoint, &self.door, ask.event()).await)
    }

    /// The audit entries of the key's tenant, the newest first.
    pub(crate) async fn audited(&self) -> Vec<Value> {
        let tenant = Tenant::parse("acme").unwrap();
        let page = self.log.page(&tenant, (Timestamp::MIN, Timestamp::MAX), None, 50).await.unwrap();
        page.rows.iter().map(|row| serde_json::from_str(&row.entry).unwrap()).collect()
    }
}

/// A door as an execution environment of its own would have it: it knows nothing yet.
pub(crate) fn door(cloud: &Cloud) -> Door {
    let config = cloud.sdk_config();
    let (dynamo, secrets) = (aws_sdk_dynamodb::Client::new(&config), aws_sdk_secretsmanager::Client::new(&config));
    let shards = [0, 1, 2, 3].map(|shard| format!("palisade/dev/keyring/{shard}"));
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    let authenticator = Authenticator::new(&secrets, "dev", "palisade/dev/pepper", &shards);
    let audit =
        AuditTrail::new(dynamo.clone(), "palisade-dev-audit", SecretCache::key_set(secrets, "palisade/dev/audit"));
    let issuers = Issuers::new(dynamo.clone(), "palisade-dev-issuers");
    Door::new(dynamo.clone(), authenticator, issuers, audit, Some(Requests::new(dynamo, "palisade-dev-requests")))
}

pub(crate) async fn mint(keyring: &Keyring, scopes: &[Scope]) -> Issued {
    let now = Timestamp::now();
    let order = Order {
        tenant: Tenant::parse("acme").unwrap(),
        scopes: scopes.iter().copied().collect(),
        name: "test".parse().unwrap(),
        expires: now + SignedDuration::from_hours(1),
        usage_plan: None,
    };
    keyring.mint(&order, now).await.unwrap()
}

/// A request as an HTTP API sends it.
pub(crate) struct Ask {
    event: Value,
    headers: BTreeMap<String, Vec<String>>,
}

impl Ask {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let event = json!({
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "requestContext": {"http": {"method": method}, "stage": "$default"},
        });
        Self { event, headers: BTreeMap::new() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.entry(name.to_owned()).or_default().push(value.to_owned());
        self
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    pub(crate) fn body(mut self, media: &str, body: &str) -> Self {
        self.event["body"] = body.into();
        self.header("content-type", media)
    }

    /// Sets a member of the event itself.
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        self.event.pointer_mut(parent).unwrap()[name] = value;
        self
    }

    pub(crate) fn event(mut self) -> Event {
        self.event["multiValueHeaders"] = json!(self.headers);
        serde_json::from_value(self.event).unwrap()
    }

    pub(crate) fn incoming(self) -> Incoming {
        self.event().into()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Reply);

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.0.headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "{name} is there twice");
        first
    }

    /// The body, once the status is checked.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.0.status, status, "{}", self.0.body);
        serde_json::from_str(&self.0.body).unwrap_or_default()
    }

    /// The problem, once its status and code are checked.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.0.content_type, "application/problem+json");
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{problem}");
        problem
    }
}

const fn route(name: &'static str, method: Method, path: &'static str, demand: Demand, body: Body) -> Route {
    Route { name, method, path, siblings: &[], demand, body, stores: false }
}

/// Stores nothing but its audit entry and its answer, which says how often it acted.
#[derive(Default)]
pub(crate) struct Write {
    pub(crate) acted: AtomicUsize,
    pub(crate) limit: Option<u32>,
    /// What it answers before it is done.
    pub(crate) fails: Option<Code>,
    pub(crate) partial: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    text: String,
}

impl Endpoint for Write {
    const ROUTE: Route = Route {
        siblings: &[Method::Get],
        stores: true,
        ..route("write", Method::Post, "/v1/notes/{note}", Demand::Scope(Scope::DataIngest), Body::Json(64))
    };
    type Input = (Identifier, Note);
    type Output = Json<Value>;

    fn limit_per_minute(&self) -> Option<u32> {
        self.limit
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Self::Input, Fault> {
        Ok((incoming.identifier("note")?, incoming.json()?))
    }

    async fn act(&self, _: &Call, (id, note): Self::Input, work: &mut UnitOfWork) -> Result<Json<Value>, Fault> {
        let acted = self.acted.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(code) = self.fails {
            return Err(Fault::new(code, "It failed."));
        }
        work.touch(format!("note/{id}"));
        let json = Json::created(json!({"acted": acted, "text": note.text})).revision(7);
        Ok(if self.partial { json.partial() } else { json })
    }
}

/// Shows what it was asked for.
pub(crate) struct Read;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    limit: Option<u32>,
}

impl Endpoint for Read {
    const ROUTE: Route = route("read", Method::Get, "/v1/notes", Demand::Scope(Scope::DataRead), Body::None);
    type Input = Wanted;
    type Output = Json<Value>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Wanted, Fault> {
        incoming.query()
    }

    async fn act(&self, call: &Call, wanted: Wanted, _: &mut UnitOfWork) -> Result<Json<Value>, Fault> {
        Ok(Json::ok(json!({"limit": wanted.limit, "tenant": call.principal.tenant})).counting("shown", 3))
    }
}

/// Takes one JSON object or many lines, and says how many bytes they are.
pub(crate) struct Lines;

impl Endpoint for Lines {
    const ROUTE: Route = route("lines", Method::Put, "/v1/lines", Demand::AnyKey, Body::JsonOrLines(64));
    type Input = usize;
    type Output = Json<usize>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<usize, Fault> {
        incoming.no_query()?;
        Ok(incoming.body().unwrap_or_default().len())
    }

    async fn act(&self, _: &Call, bytes: usize, _: &mut UnitOfWork) -> Result<Json<usize>, Fault> {
        Ok(Json::ok(bytes))
    }
}

/// Is read, and audited.
pub(crate) struct Export;

impl Endpoint for Export {
    const ROUTE: Route = Route {
        stores: true,
        ..route("export", Method::Get, "/v1/export", Demand::Scope(Scope::DataRead), Body::None)
    };
    type Input = ();
    type Output = Json<()>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, _: &Call, (): (), work: &mut UnitOfWork) -> Result<Json<()>, Fault> {
        work.touch("person/u-1");
        Ok(Json::ok(()))
    }
}

/// Brings a policy of its own for what a browser may load.
pub(crate) struct Styled;

pub(crate) struct Sheet;

pub(crate) const STYLES: &str = "default-src 'none'; style-src 'unsafe-inline'";

impl IntoReply for Sheet {
    fn into_reply(self) -> Result<Reply, Fault> {
        let headers = vec![("content-security-policy", STYLES.to_owned())];
        Ok(Reply { headers, ..Reply::new(200, "text/html; charset=utf-8", String::new()) })
    }
}

impl Endpoint for Styled {
    const ROUTE: Route = route("styled", Method::Get, "/v1/styled", Demand::AnyKey, Body::None);
    type Input = ();
    type Output = Sheet;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, _: &Call, (): (), _: &mut UnitOfWork) -> Result<Sheet, Fault> {
        Ok(Sheet)
    }
}
