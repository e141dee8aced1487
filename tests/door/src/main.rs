//! One function of each kind, which does what its event says: `PALISADE_DOOR` tells which.

use gate::{
    Body, Call, Consumer, Context, Deadline, Demand, Endpoint, Event, Follower, Incoming, Json, Method, Recogniser,
    Route,
};
use kernel::{Code, Fault, Scope};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{StreamRecord, UnitOfWork};
use vault::Moment;

/// What it should come to.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Outcome {
    Works,
    Fails,
    Panics,
}

impl Outcome {
    #[allow(clippy::panic, reason = "it is what is asked for")]
    fn happen(&self) -> Result<(), Fault> {
        match self {
            Self::Works => Ok(()),
            Self::Fails => Err(Fault::new(Code::Unavailable, "It failed.").caused_by("the reason")),
            Self::Panics => panic!("a secret of the inside"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    outcome: Outcome,
}

struct Works;

impl Endpoint for Works {
    const ROUTE: Route = Route {
        name: "works",
        method: Method::Put,
        path: "/v1/works",
        siblings: &[],
        demand: Demand::Scope(Scope::DataIngest),
        body: Body::JSON,
        stores: false,
    };
    type Input = Order;
    type Output = Json<Value>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(5)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Order, Fault> {
        incoming.json()
    }

    async fn act(&self, _: &Call, order: Order, _: &mut UnitOfWork) -> Result<Json<Value>, Fault> {
        order.outcome.happen()?;
        Ok(Json::ok(json!({})).counting("works", 2))
    }
}

impl Consumer for Works {
    const NAME: &'static str = "works";
    type Message = Order;

    async fn consume(&self, order: Order, _: Moment, _: Deadline) -> Result<&'static [&'static str], Fault> {
        order.outcome.happen()?;
        Ok(&["works"])
    }
}

impl Follower for Works {
    const NAME: &'static str = "works";

    async fn follow(&self, record: &StreamRecord, _: Moment) -> Result<&'static [&'static str], Fault> {
        match record.sequence_number() {
            "fails" => Outcome::Fails.happen()?,
            "panics" => Outcome::Panics.happen()?,
            _ => {}
        }
        Ok(&["works"])
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    match vault::aws::variable("PALISADE_DOOR")?.as_str() {
        "consumer" => gate::consume(Works).await,
        "follower" => gate::follow(Works).await,
        "recogniser" => {
            let recogniser = Recogniser::new(Context::from_environment()?.door()?);
            let recognise = async |event: LambdaEvent<Event>| {
                let outcome = recogniser.recognise(&event.payload.into()).await;
                Ok::<_, lambda_runtime::Error>(match outcome {
                    Ok(principal) => json!({"kid": &*principal.kid}),
                    Err(fault) => json!({"code": fault.code.as_str()}),
                })
            };
            lambda_runtime::run(lambda_runtime::service_fn(recognise)).await
        }
        _ => gate::serve(Works, Context::from_environment()?.door()?).await,
    }
}
