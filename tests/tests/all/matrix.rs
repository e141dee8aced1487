//! Every protected operation of the contract, with every scope and with another tenant's objects. An operation is tried
//! as soon as it is described.

use crate::people::{payment, record, set_goal, upload};
use crate::pipeline::an_episode;
use crate::readings::ingest_all;
use crate::world::{Answer, Call, World, text};
use kernel::Scope;
use palisade_local::host::Shape;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A protected operation.
pub struct Operation {
    pub method: Method,
    pub path: String,
    scope: Option<Scope>,
    /// Whether each key's requests are counted, as its good answers tell.
    counted: bool,
    /// The query that must be there.
    query: Vec<(String, String)>,
    pub body: Option<Value>,
}

pub async fn operations(world: &World) -> Vec<Operation> {
    let document = world.get("/openapi.json").send().await.expect(200);
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let query = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
            let pair = |parameter: &Value| {
                (parameter["name"].as_str().unwrap().to_owned(), parameter["example"].as_str().unwrap().to_owned())
            };
            let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                scope: operation["x-palisade-scope"].as_str().map(|scope| scope.parse().unwrap()),
                counted: operation["responses"].to_string().contains("/headers/RateLimit-Policy"),
                query: query.map(pair).collect(),
                body: examples.and_then(|all| all.values().next()).map(|one| one["value"].clone()),
            });
        }
    }
    assert!(found.len() >= 43, "{}", found.len());
    found
}

impl Operation {
    /// A request, with these values for what its path and its query name.
    pub fn call(&self, world: &World, names: &BTreeMap<&str, String>) -> Call {
        let named = |part: &str| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), |name| names.get(name).cloned().unwrap_or_else(|| "one".to_owned()))
        };
        let mut path = self.path.split('/').map(named).collect::<Vec<_>>().join("/");
        for (place, (name, example)) in self.query.iter().enumerate() {
            let mark = if place == 0 { '?' } else { '&' };
            path += &format!("{mark}{name}={}", names.get(&**name).unwrap_or(example));
        }
        let call = world.call(self.method.clone(), &path);
        let mut body = self.body.clone();
        for name in ["user_id", "task_id", "sensor_id"] {
            if let (Some(member), Some(value)) = (body.as_mut().and_then(|body| body.get_mut(name)), names.get(name)) {
                *member = json!(value);
            }
        }
        match &body {
            Some(body) => call.json(body),
            None => call,
        }
    }
}

#[tokio::test]
async fn every_operation_admits_exactly_the_scope_that_the_contract_names() {
    let world = World::start().await;
    let mut keys = BTreeMap::new();
    for scope in Scope::ALL {
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|other| other != scope).collect();
        keys.insert(*scope, (text(&world.mint("demo", &[*scope]).await), text(&world.mint("demo", &others).await)));
    }
    let names = BTreeMap::new();
    let mut scopes = std::collections::BTreeSet::new();
    for operation in operations(&world).await {
        let case = format!("{} {}", operation.method, operation.path);
        operation.call(&world, &names).send().await.refused(401, "unauthorized");
        let Some(scope) = operation.scope else { continue };
        scopes.insert(scope);
        let (right, all_but) = &keys[&scope];
        let refused = operation.call(&world, &names).key(all_but).send().await;
        assert_eq!(refused.status, 403, "{case} with all scopes but {scope}: {}", refused.body);
        refused.refused(403, "forbidden");
        let admitted = operation.call(&world, &names).key(right).send().await;
        assert!(![401, 403].contains(&admitted.status), "{case} with {scope}: {}", admitted.body);
        assert_ne!(admitted.status / 100, 5, "{case} with {scope}: {}", admitted.body);
    }
    assert_eq!(scopes, Scope::ALL.iter().copied().collect(), "each scope opens something");
}

#[tokio::test]
async fn every_operation_that_counts_refuses_a_key_above_its_number_and_nobody_else() {
    let limits = [("PredictLimitPerMinute", "1"), ("ComputeLimitPerMinute", "1")];
    let world = World::with(Shape::RestV1, &limits).await;
    let names = BTreeMap::new();
    let counted: Vec<Operation> = operations(&world).await.into_iter().filter(|one| one.counted).collect();
    assert!(counted.len() >= 7, "{}", counted.len());
    for operation in counted {
        let case = format!("{} {}", operation.method, operation.path);
        let call = |key: &str| operation.call(&world, &names).key(key).send();
        let first = call(&world.keys.all).await;
        assert_ne!(first.status, 429, "{case}: {}", first.body);
        // Unless the minute ended in between, when the next one counts anew.
        let (mut second, mut tries) = (call(&world.keys.all).await, 0);
        while second.status != 429 && tries < 2 {
            (second, tries) = (call(&world.keys.all).await, tries + 1);
        }
        assert!(second.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds <= 60), "{case}");
        second.refused(429, "rate_limited");
        assert_ne!(call(&world.keys.other_tenant).await.status, 429, "{case}: another key has a number of its own");
    }
}

/// What is there of the tenant `demo`, by the names that paths and queries have for it.
pub async fn furnished(world: &mut World) -> BTreeMap<&'static str, String> {
    let demo = world.keys.all.clone();
    ingest_all(world, &an_episode("pump")).await;
    world.flow().await;
    let alerts = world.get("/v1/alerts").key(&demo).send().await.expect(200);
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let document = world.get("/openapi.json").send().await.expect(200);
    let example = |path: &str| {
        let examples = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"];
        examples.as_object().unwrap().values().next().unwrap()["value"].clone()
    };
    let mut asked = example("/v1/tasks");
    asked["sensor_id"] = json!("pump");
    let task = world.post("/v1/tasks").key(&demo).json(&asked).send().await.expect(201);
    let report = world.post("/v1/reports").key(&demo).json(&example("/v1/reports")).send().await.expect(201);
    let transaction = record(world, &demo, "ann", &payment(450, "CHAI POINT", "07-03-26")).await;
    let goal = json!({"user_id": "ann", "type": "budget", "target": {"value": "10", "currency": "INR"}});
    set_goal(world, &demo, "eating-out", &goal).await.expect(201);
    let import = upload(world, &demo, "ann", &[payment(90, "CORNER SHOP", "08-03-26")]).await;
    BTreeMap::from([
        ("sensor_id", "pump".to_owned()),
        ("alert_id", id(&alerts["alerts"][0]["id"])),
        ("task_id", id(&task["id"])),
        ("report_id", id(&report["report_id"])),
        ("transaction_id", id(&transaction["transaction_id"])),
        ("import_id", import),
        ("goal_id", "eating-out".to_owned()),
        ("user_id", "ann".to_owned()),
    ])
}

/// Takes away what names the request, the object or the time.
fn blur(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if ["instance", "id", "next_cursor"].contains(&&**name)
                    || name.ends_with("_id")
                    || name.ends_with("_at")
                {
                    value.take();
                } else {
                    blur(value);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(blur),
        _ => {}
    }
}

/// What an answer says beside that.
fn blurred(answer: &Answer) -> (u16, Value) {
    let mut body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    blur(&mut body);
    (answer.status, body)
}

#[tokio::test]
async fn every_operation_answers_about_anothers_objects_as_about_none() {
    let mut world = World::start().await;
    let names = furnished(&mut world).await;
    let invented: BTreeMap<&str, String> =
        names.iter().map(|(name, value)| (*name, value.chars().rev().collect())).collect();
    let (demo, other) = (world.keys.all.clone(), world.keys.other_tenant.clone());
    let operations = operations(&world).await;
    let reads = || operations.iter().filter(|one| one.method == Method::GET && one.path != "/v1/audit");
    let mut before = Vec::new();
    for read in reads().filter(|one| one.path.contains('{') || !one.query.is_empty()) {
        let answer = read.call(&world, &names).key(&demo).send().await;
        assert_eq!(answer.status, 200, "{}: {}", read.path, answer.body);
        before.push((read, answer));
    }
    assert!(before.len() >= 8, "{}", before.len());
    let mut missing = 0;
    for operation in operations.iter().filter(|one| one.path.contains('{') || one.path == "/v1/decisions") {
        let case = format!("{} {}", operation.method, operation.path);
        let foreign = operation.call(&world, &names).key(&other).send().await;
        let none = operation.call(&world, &invented).key(&other).send().await;
        assert!(!foreign.body.contains("CHAI POINT") && !foreign.body.contains("CORNER"), "{case}: {}", foreign.body);
        missing += usize::from(foreign.status == 404);
        assert_eq!(blurred(&foreign), blurred(&none), "{case}");
    }
    assert!(missing >= 12, "{missing} operations find nothing of another tenant's");
    for (read, answer) in before {
        let after = read.call(&world, &names).key(&demo).send().await;
        assert_eq!(blurred(&after), blurred(&answer), "{} is as it was", read.path);
    }
}
