//! Every protected operation of the contract, as something that can be asked again.

use crate::alarms::sum;
use crate::fault_matrix::engine::{Act, Outcome, Subject};
use crate::matrix::{Operation, furnished, operations};
use crate::people::{payment, upload};
use crate::pipeline::{calendar, decide};
use crate::tokens::Trusted;
use crate::world::{Answer, Call, World};
use kernel::Scope;
use palisade_local::Pause;
use palisade_local::host::Shape;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What nobody outside may learn.
const INSIDE: [&str; 12] = [
    "palisade-",
    "palisade/",
    "arn:",
    "Exception",
    "ynamo",
    "Kms",
    "KMS",
    "127.0.0.1",
    "panic",
    ".rs",
    "Sdk",
    "dispatch",
];

pub type Names = BTreeMap<&'static str, String>;

/// A world in which there is something of everything, and nothing moves but what is asked for.
pub struct Furnished {
    /// Before the world, whose events it holds up.
    _pause: Pause,
    pub world: World,
    names: Arc<Names>,
    trusted: Arc<Trusted>,
}

impl Furnished {
    /// Without the authorizer, whose own calls would be among those of the functions.
    pub async fn start() -> Self {
        let mut world = World::behind(Shape::HttpV2).await;
        let mut names = furnished(&mut world).await;
        let key = world.keys.all.clone();
        world.put("/v1/calendar").key(&key).json(&calendar(&["ann"])).send().await.expect(200);
        let asked = json!({"title": "Grease the bearing", "priority": 3});
        let task = world.post("/v1/tasks").key(&key).json(&asked).send().await.expect(201);
        decide(&world, &task, "approve").await;
        names.insert("approved", task["id"].as_str().unwrap().to_owned());
        let trusted = Arc::new(Trusted::by(&world, Scope::ALL).await);
        world.settled().await;
        let pause = world.host.events().pause();
        // A file that nobody has read yet.
        upload(&world, &key, "ann", &[payment(70, "BOOK SHOP", "09-03-26")]).await;
        Self { _pause: pause, world, names: Arc::new(names), trusted }
    }

    /// The operations whose path this is true of.
    pub async fn subjects(&self, wanted: impl Fn(&str) -> bool) -> Vec<Subject> {
        let operations = operations(&self.world).await.into_iter().filter(|operation| wanted(&operation.path));
        operations.map(|operation| self.subject(operation, "")).collect()
    }

    fn subject(&self, mut operation: Operation, note: &str) -> Subject {
        let name = format!("{} {}{note}", operation.method, operation.path);
        let routes = self.world.host.stack().routes();
        let is_meant =
            |route: &&palisade_local::Route| route.path == operation.path && route.method == operation.method.as_str();
        let binary = routes.iter().find(is_meant).unwrap().binary.clone();
        let mut names = (*self.names).clone();
        if ["/complete", "/cancel"].iter().any(|ending| operation.path.ends_with(ending)) {
            names.insert("task_id", names["approved"].clone());
        }
        if operation.path.ends_with("/baseline") {
            operation.body =
                Some(json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T05:00:00Z", "window_minutes": 60}));
        }
        // A person is erased step by step; what is read of a person is entered each time.
        let is_entered_each_time = operation.method == "GET" || operation.path == "/v1/users/{user_id}";
        let repeats: &[&str] = if is_entered_each_time { &["audit "] } else { &[] };
        let in_parts = ["/v1/users/{user_id}", "/v1/transactions/bulk"].contains(&&*operation.path);
        let (operation, names) = (Arc::new(operation), Arc::new(names));
        let act: Act = Box::new(move |world| {
            let call = operation.call(world, &names).key(&world.keys.all).header("idempotency-key", "the-one");
            let (sent, is_ready) = (call.send(), operation.path == "/health/ready");
            Box::pin(async move { judge(&sent.await, is_ready) })
        });
        Subject { name, binary, act, repeats, in_parts }
    }

    /// Requests that are larger than those of the contract.
    pub async fn larger(&self) -> Vec<Subject> {
        let reading = |index: usize| {
            json!({"sensor_id": format!("s{index}"), "sensor_type": "flow", "unit": "l", "value": index,
                   "timestamp": "2026-01-01T00:00:00Z"})
        };
        let messages: Vec<String> = (1..=46).map(|rupees| payment(rupees, "TUCK SHOP", "07-03-26")).collect();
        // What an attempt has staged that failed stays unseen until it expires.
        let staged: &[&str] = &["telemetry demo#~ R#~#~#~ data expires staged"];
        let bodies = [
            ("/v1/ingest", " of 120 sensors", json!({"readings": (0..120).map(reading).collect::<Vec<_>>()}), staged),
            (
                "/v1/transactions/bulk",
                " of 46 messages",
                json!({"user_id": "bob", "channel": "sms", "messages": messages}),
                &[],
            ),
        ];
        let mut found = Vec::new();
        for (path, note, body, repeats) in bodies {
            let all = operations(&self.world).await.into_iter();
            let mut operation = all.into_iter().find(|operation| operation.path == path).unwrap();
            operation.body = Some(body);
            found.push(Subject { repeats, in_parts: true, ..self.subject(operation, note) });
        }
        found
    }

    /// Ways through the same functions that the contract's examples do not take.
    pub fn others(&self) -> Vec<Subject> {
        let kept = json!({"sensor_id": "pump", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T06:00:00Z"});
        let trusted = Arc::clone(&self.trusted);
        let token = move |world: &World| {
            let token = format!("Bearer {}", trusted.token(&json!({})));
            world.get("/v1/sensors").header("authorization", &token)
        };
        vec![
            asked("list-sensors", " with a token", token),
            asked("list-tasks", " by status", |world| world.get("/v1/tasks?status=approved").key(&world.keys.all)),
            asked("list-alerts", " by status", |world| world.get("/v1/alerts?status=open").key(&world.keys.all)),
            asked("detect-anomalies", " in what is stored", move |world| {
                world.post("/v1/anomalies/detect").key(&world.keys.all).json(&kept)
            }),
        ]
    }
}

/// A request that stores nothing but its entry in the audit.
fn asked(binary: &str, note: &str, ask: impl Fn(&World) -> Call + 'static) -> Subject {
    let act: Act = Box::new(move |world| {
        let sent = ask(world).send();
        Box::pin(async move { judge(&sent.await, false) })
    });
    Subject { name: format!("{binary}{note}"), binary: binary.to_owned(), act, repeats: &["audit "], in_parts: false }
}

/// A request of which API Gateway asks the authorizer. What the client hears is the same when that is cut off, but then it
/// has told nobody.
pub fn authorized() -> Subject {
    let act: Act = Box::new(|world| {
        let told = |world: &World| sum(world, "authorize", "requests");
        let (before, sent) = (told(world), world.get("/v1/sensors").key(&world.keys.all).send());
        Box::pin(async move {
            let outcome = judge(&sent.await, false);
            if told(world) > before { outcome } else { Outcome::Wrong("it was cut off".to_owned()) }
        })
    });
    Subject { name: "authorize".to_owned(), binary: "authorize".to_owned(), act, repeats: &[], in_parts: false }
}

/// Whether an answer is one that the contract has for this.
fn judge(answer: &Answer, is_ready: bool) -> Outcome {
    let wrong = |what: &str| Outcome::Wrong(format!("{what}: {} {:?} {}", answer.status, answer.headers, answer.body));
    let code = || answer.json()["code"].clone();
    match answer.status {
        200..300 => Outcome::Done(answer.status.to_string()),
        409 if code() == "request_in_flight" && !answer.header("retry-after").is_empty() => Outcome::InFlight,
        503 => {
            if is_ready && answer.json().as_object().is_some_and(|all| all.values().any(|one| one["ok"] == false)) {
                return Outcome::Refused("503".to_owned());
            }
            // The request's name is random, and may spell anything.
            let body = answer.body.replace(answer.header("x-request-id"), "");
            if let Some(inside) = INSIDE.iter().find(|inside| body.contains(**inside)) {
                return wrong(&format!("it says {inside}"));
            }
            let waits = answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds));
            let is_problem = answer.header("content-type") == "application/problem+json" && code() == "unavailable";
            if is_problem && waits {
                Outcome::Refused("503".to_owned())
            } else {
                wrong("not the problem that it should be")
            }
        }
        _ => wrong("no answer for a fault"),
    }
}
