//! A panic is one failed request, not the end of the process.

use crate::world::{STAGE, World};
use gate::{Body, Call, Demand, Door, Endpoint, Event, Incoming, Json, Method, Route, Served};
use kernel::Fault;
use serde_json::json;
use store::{AuditTrail, Issuers, UnitOfWork};
use vault::{Authenticator, SecretCache};

struct Panics;

impl Endpoint for Panics {
    const ROUTE: Route = Route {
        name: "panics",
        method: Method::Get,
        path: "/v1/panics/{where}",
        siblings: &[],
        demand: Demand::AnyKey,
        body: Body::None,
        stores: false,
    };
    type Input = bool;
    type Output = Json<u8>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<bool, Fault> {
        match incoming.path_parameter("where") {
            "parse" => panic!("a secret of the inside"),
            place => Ok(place == "act"),
        }
    }

    async fn act(&self, _: &Call, panics: bool, _: &mut UnitOfWork) -> Result<Json<u8>, Fault> {
        assert!(!panics, "a secret of the inside");
        Ok(Json::ok(7))
    }
}

#[tokio::test]
async fn a_panic_answers_500_and_the_next_request_is_served() {
    let world = World::start().await;
    let config = world.cloud.sdk_config();
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let shards = [0, 1, 2, 3].map(|shard| format!("palisade/{STAGE}/keyring/{shard}"));
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    let authenticator = Authenticator::new(&secrets, STAGE, &format!("palisade/{STAGE}/pepper"), &shards);
    let audit_keys = SecretCache::key_set(secrets, format!("palisade/{STAGE}/audit"));
    let audit = AuditTrail::new(dynamo.clone(), format!("palisade-{STAGE}-audit"), audit_keys);
    let issuers = Issuers::new(dynamo.clone(), format!("palisade-{STAGE}-issuers"));
    let door = Door::new(dynamo, authenticator, issuers, audit, None);
    let served = Served::new("panics");
    let event = |place: &str| -> Event {
        serde_json::from_value(json!({
            "version": "2.0", "rawPath": format!("/v1/panics/{place}"), "headers": {"x-api-key": world.keys.read_only},
            "requestContext": {"http": {"method": "GET"}, "stage": "$default"},
        }))
        .unwrap()
    };
    for place in ["parse", "act"] {
        let reply = served.call(&Panics, &door, event(place)).await;
        assert_eq!((reply.status, reply.content_type), (500, "application/problem+json"));
        assert!(reply.body.contains("internal_error") && !reply.body.contains("secret"), "{}", reply.body);
    }
    let reply = served.call(&Panics, &door, event("nowhere")).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "7"));
}
