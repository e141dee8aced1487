//! The CPU time of the front door: every step, cached keyring, no AWS call.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gate::{Body, Call, Demand, Door, Endpoint, Event, Incoming, Json, Method, Route, Served};
use kernel::{Fault, Scope};
use palisade_bench::World;
use store::{AuditTrail, Issuers, UnitOfWork};
use vault::{Authenticator, SecretCache};

/// A route that does nothing, so that only the way there is measured.
struct Nothing;

impl Endpoint for Nothing {
    const ROUTE: Route = Route {
        name: "nothing",
        method: Method::Post,
        path: "/v1/nothing",
        siblings: &[],
        demand: Demand::Scope(Scope::DataIngest),
        body: Body::JSON,
        stores: false,
    };
    type Input = serde_json::Map<String, serde_json::Value>;
    type Output = Json<()>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        incoming.json()
    }

    async fn act(&self, _: &Call, _: Self::Input, _: &mut UnitOfWork) -> Result<Json<()>, Fault> {
        Ok(Json::ok(()))
    }
}

fn front_door(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::start(concat!(env!("CARGO_MANIFEST_DIR"), "/../..").as_ref())).unwrap();
    let config = world.cloud.sdk_config();
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let shards = [0, 1, 2, 3].map(|shard| format!("palisade/bench/keyring/{shard}"));
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    let authenticator = Authenticator::new(&secrets, "bench", "palisade/bench/pepper", &shards);
    let keys = SecretCache::key_set(secrets, "palisade/bench/audit");
    let audit = AuditTrail::new(dynamo.clone(), "palisade-bench-audit", keys);
    let issuers = Issuers::new(dynamo.clone(), "palisade-bench-issuers");
    let door = Door::new(dynamo, authenticator, issuers, audit, None);
    let event: Event = serde_json::from_value(serde_json::json!({
        "version": "2.0",
        "rawPath": "/v1/nothing",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-api-key": world.key, "user-agent": "bench", "host": "localhost"},
        "requestContext": {"http": {"method": "POST"}, "stage": "$default"},
        "body": r#"{"sensor_id":"pump-7","sensor_type":"temperature","unit":"C","value":21.5,"metadata":{"line":"3"}}"#,
    }))
    .unwrap();
    let served = Served::new("nothing");
    criterion.bench_function("front door, steps 1-10", |bencher| {
        bencher.iter(|| {
            let reply = runtime.block_on(served.call(&Nothing, &door, event.clone()));
            assert_eq!(reply.status, 200);
            black_box(reply)
        });
    });
}

criterion_group!(benches, front_door);
criterion_main!(benches);
