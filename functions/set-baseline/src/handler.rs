//! The readings of a period are condensed and kept.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use history::Baselines;
use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Scope, Violation, parse_timestamp};
use store::UnitOfWork;

use crate::contract::{BaselineAnswer, BaselineRequest, LONGEST_WINDOW};

/// `PUT /v1/sensors/{sensor_id}/baseline`.
pub struct SetBaseline {
    baselines: Baselines,
    limit_per_minute: u32,
}

/// Of what to make a baseline.
pub struct Period {
    sensor: Identifier,
    from: Timestamp,
    to: Timestamp,
    window: SignedDuration,
}

impl SetBaseline {
    /// Stores into `baselines`; each key asks at most `limit_per_minute` times.
    #[must_use]
    pub const fn new(baselines: Baselines, limit_per_minute: u32) -> Self {
        Self { baselines, limit_per_minute }
    }
}

impl Endpoint for SetBaseline {
    const ROUTE: Route = Route {
        name: "set-baseline",
        method: Method::Put,
        path: "/v1/sensors/{sensor_id}/baseline",
        siblings: &[],
        demand: Demand::Scope(Scope::MlDrift),
        body: Body::JSON,
        stores: true,
    };
    type Input = Period;
    type Output = Json<BaselineAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Period, Fault> {
        incoming.no_query()?;
        let sensor = incoming.identifier("sensor_id")?;
        let request: BaselineRequest = incoming.json()?;
        let mut broken = Vec::new();
        let mut time = |pointer: &'static str, text: &str| {
            parse_timestamp(text).unwrap_or_else(|| {
                broken.push(Violation::new(pointer, "invalid", "must be an RFC 3339 time with an offset"));
                Timestamp::UNIX_EPOCH
            })
        };
        let (from, to) = (time("/from", &request.from), time("/to", &request.to));
        if broken.is_empty() && to <= from {
            broken.push(Violation::new("/to", "out_of_range", "must be after from"));
        }
        if !(1..=LONGEST_WINDOW).contains(&request.window_minutes) {
            broken.push(Violation::new("/window_minutes", "out_of_range", "must be from 1 to 10080"));
        }
        if !broken.is_empty() {
            return Err(Fault::validation(broken));
        }
        Ok(Period { sensor, from, to, window: SignedDuration::from_mins(request.window_minutes) })
    }

    async fn act(&self, call: &Call, period: Period, work: &mut UnitOfWork) -> Result<Json<BaselineAnswer>, Fault> {
        let Period { sensor, from, to, window } = period;
        let tenant = &call.principal.tenant;
        let kept = self.baselines.of_period(tenant, &sensor, (from, to), window).await?.ok_or_else(Fault::not_found)?;
        if kept.baseline.count() == 0 {
            return Err(Fault::validation(vec![Violation::new("/from", "too_few", "must have readings up to /to")]));
        }
        let baseline = self.baselines.store(work, (tenant, &sensor), kept)?;
        Ok(Json::ok(BaselineAnswer { sensor_id: sensor, from, to, count: baseline.count(), usual: baseline.usual() }))
    }
}
