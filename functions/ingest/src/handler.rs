//! A batch of readings becomes segments, and the segments are stored with the answer, once.

use std::time::Duration;

use gate::{
    Body, Call, Demand, Endpoint, Incoming, Json, Method, Route,
    json::{self, OneOrMany},
};
use kernel::{Code, Fault, Scope, Violation};
use maintenance::{MAX_READINGS, RawReading, Reading, pack};
use store::{NewSegment, Telemetry, UnitOfWork};
use vault::Moment;

use crate::{
    contract::{Batch, IngestAnswer, Mode, Rejected},
    retention::Retentions,
};

/// `POST /v1/ingest`.
pub struct Ingest {
    telemetry: Telemetry,
    retentions: Retentions,
}

impl Ingest {
    /// Stores into `telemetry`, for as long as `retentions` say.
    #[must_use]
    pub const fn new(telemetry: Telemetry, retentions: Retentions) -> Self {
        Self { telemetry, retentions }
    }
}

/// The readings to store, and those that will not be.
pub struct Accepted {
    readings: Vec<Reading>,
    rejected: Vec<Rejected>,
}

impl Endpoint for Ingest {
    const ROUTE: Route = Route {
        name: "ingest",
        method: Method::Post,
        path: "/v1/ingest",
        siblings: &[],
        demand: Demand::Scope(Scope::DataIngest),
        body: Body::JSON,
        stores: true,
    };
    type Input = Accepted;
    type Output = Json<IngestAnswer>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Accepted, Fault> {
        incoming.no_query()?;
        match json::one_or_many::<RawReading, Batch<'_>>(incoming.body().unwrap_or_default(), "readings")? {
            OneOrMany::One(raw) => {
                let reading = raw.accept(call.now.wall).map_err(Fault::validation)?;
                Ok(Accepted { readings: vec![reading], rejected: Vec::new() })
            }
            OneOrMany::Many(batch) => accept_batch(&batch, call.now),
        }
    }

    async fn act(&self, call: &Call, input: Accepted, work: &mut UnitOfWork) -> Result<Json<IngestAnswer>, Fault> {
        let segments = pack(&input.readings).into_iter().map(|packed| NewSegment {
            sensor: packed.sensor_id,
            hour: packed.segment.hour(),
            data: packed.segment.into_bytes(),
        });
        let tenant = &call.principal.tenant;
        let expires = self.retentions.of(tenant, call.now).await?.raw_until(call.now.wall);
        self.telemetry.store(work, tenant, call.write, segments.collect(), expires).await?;
        Ok(Json::ok(IngestAnswer { accepted: input.readings.len(), rejected: input.rejected }))
    }
}

fn accept_batch(batch: &Batch<'_>, now: Moment) -> Result<Accepted, Fault> {
    if batch.readings.is_empty() || batch.readings.len() > MAX_READINGS {
        let code = if batch.readings.is_empty() { "too_few" } else { "too_many" };
        return Err(Fault::validation(vec![Violation::new("/readings", code, "must have 1 to 500 elements")]));
    }
    let mode = batch.mode.unwrap_or_default();
    let mut readings = Vec::with_capacity(batch.readings.len());
    let mut broken: Vec<(usize, Vec<Violation>)> = Vec::new();
    for (index, raw) in (0_u16..).zip(&batch.readings) {
        let prefix = format!("/readings/{index}");
        // A millisecond apart, so that readings of one sensor without a time are as many afterwards.
        let arrival = now.wall + Duration::from_millis(index.into());
        let index = usize::from(index);
        match json::parse::<RawReading>(raw.get().as_bytes(), &prefix) {
            Ok(raw) => match raw.accept(arrival) {
                Ok(reading) => readings.push(reading),
                Err(rules) => broken.push((index, rules.into_iter().map(|rule| rule.under(&prefix)).collect())),
            },
            // A field that is not known makes the request unreadable, unless bad readings are to be left out.
            Err(fault)
                if fault.code == Code::ValidationFailed || (mode == Mode::Partial && !fault.errors.is_empty()) =>
            {
                broken.push((index, fault.errors));
            }
            Err(fault) => return Err(fault),
        }
    }
    match mode {
        Mode::AllOrNothing if !broken.is_empty() => {
            Err(Fault::validation(broken.into_iter().flat_map(|(_, rules)| rules).collect()))
        }
        _ => Ok(Accepted { readings, rejected: broken.iter().filter_map(rejected).collect() }),
    }
}

fn rejected((index, rules): &(usize, Vec<Violation>)) -> Option<Rejected> {
    let message = rules.iter().map(|rule| format!("{} {}", rule.pointer, rule.message)).collect::<Vec<_>>().join("; ");
    Some(Rejected { index: *index, code: rules.first()?.code.clone(), message })
}
