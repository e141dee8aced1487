//! The newest readings of a sensor say what it will show next; nothing is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use history::History;
use jiff::{SignedDuration, Timestamp};
use kernel::{Code, Fault, Identifier, Scope, Violation};
use maintenance::{ForecastError, Limits};
use store::UnitOfWork;

use crate::contract::{ForecastAnswer, ForecastRequest, LONGEST_HORIZON};

/// How many readings a forecast is learned from.
const LEARNED: usize = 5_000;

/// `POST /v1/forecast`.
pub struct Forecast {
    history: History,
    limit_per_minute: u32,
}

/// What to foresee.
pub struct Question {
    sensor: Identifier,
    horizon: SignedDuration,
    limits: Limits,
}

impl Forecast {
    /// Learns from `history`; each key asks at most `limit_per_minute` times.
    #[must_use]
    pub const fn new(history: History, limit_per_minute: u32) -> Self {
        Self { history, limit_per_minute }
    }
}

impl Endpoint for Forecast {
    const ROUTE: Route = Route {
        name: "forecast",
        method: Method::Post,
        path: "/v1/forecast",
        siblings: &[],
        demand: Demand::Scope(Scope::MlPredict),
        body: Body::JSON,
        stores: false,
    };
    type Input = Question;
    type Output = Json<ForecastAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Question, Fault> {
        incoming.no_query()?;
        let request: ForecastRequest = incoming.json()?;
        let mut broken = Vec::new();
        if !(1..=LONGEST_HORIZON).contains(&request.horizon_minutes) {
            broken.push(Violation::new("/horizon_minutes", "out_of_range", "must be from 1 to 43200"));
        }
        let limits = request.limit.map_or_else(Limits::default, |limit| Limits { low: limit.low, high: limit.high });
        if limits.low.zip(limits.high).is_some_and(|(low, high)| low >= high) {
            broken.push(Violation::new("/limit/high", "out_of_range", "must be above low"));
        }
        match Identifier::parse(&request.sensor_id) {
            Ok(sensor) if broken.is_empty() => {
                Ok(Question { sensor, horizon: SignedDuration::from_mins(request.horizon_minutes), limits })
            }
            Ok(_) => Err(Fault::validation(broken)),
            Err(_) => {
                let rule = "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -";
                broken.push(Violation::new("/sensor_id", "invalid", rule));
                Err(Fault::validation(broken))
            }
        }
    }

    async fn act(&self, call: &Call, question: Question, _: &mut UnitOfWork) -> Result<Json<ForecastAnswer>, Fault> {
        let Question { sensor, horizon, limits } = question;
        let recorded = self.history.latest(&call.principal.tenant, &sensor, Timestamp::MAX, LEARNED).await?;
        let recorded = recorded.ok_or_else(Fault::not_found)?;
        let newest = recorded.samples.last().ok_or_else(Fault::not_found)?.timestamp;
        // A sensor that has been silent is forecast from where it stopped: the answer says from when.
        let found = maintenance::forecast(&recorded.samples, newest, horizon, limits).map_err(insufficient)?;
        Ok(Json::ok(ForecastAnswer { sensor_id: sensor, unit: recorded.unit, found }))
    }
}

fn insufficient(error: ForecastError) -> Fault {
    Fault::new(Code::InsufficientData, error.to_string())
}
