//! Readings of the request, or stored ones, are judged; nothing is stored.

use gate::{
    Body, Call, Demand, Endpoint, Incoming, Json, Method, Route,
    json::{self, OneOrMany},
};
use history::History;
use jiff::{SignedDuration, Timestamp};
use kernel::{Code, Fault, Identifier, Scope, Tenant, Violation, parse_timestamp};
use maintenance::{
    RawReading, Reading,
    anomaly::{Detection, Point, Sensitivity, detect},
};
use store::UnitOfWork;

use crate::contract::{Batch, DetectAnswer, LONGEST_ANSWER, MOST, Range};

/// How many stored readings before a range are learned from.
const CONTEXT: usize = 2_000;

/// `POST /v1/anomalies/detect`.
pub struct DetectAnomalies {
    history: History,
    limit_per_minute: u32,
}

/// What to judge, and how strictly.
pub struct Question {
    subject: Subject,
    sensitivity: Sensitivity,
}

enum Subject {
    Readings(Vec<Reading>),
    Range { sensor: Identifier, from: Timestamp, to: Timestamp },
}

impl DetectAnomalies {
    /// Judges readings, also those of `history`; each key asks at most `limit_per_minute` times.
    #[must_use]
    pub const fn new(history: History, limit_per_minute: u32) -> Self {
        Self { history, limit_per_minute }
    }

    /// Judges a sensor's stored readings, in the light of those before.
    async fn stored(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        (from, to): (Timestamp, Timestamp),
        sensitivity: Sensitivity,
    ) -> Result<(Detection, usize), Fault> {
        let recorded = self.history.range(tenant, sensor, from, to).await?.ok_or_else(Fault::not_found)?;
        let before = from.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN);
        let earlier = self.history.latest(tenant, sensor, before, CONTEXT).await?;
        let point = |sample: &maintenance::Sample| Point {
            sensor_id: sensor,
            timestamp: sample.timestamp,
            value: sample.value,
        };
        let context: Vec<Point<'_>> = earlier.iter().flat_map(|earlier| &earlier.samples).map(point).collect();
        let batch: Vec<Point<'_>> = recorded.samples.iter().map(point).collect();
        Ok((detect(&context, &batch, sensitivity), batch.len()))
    }
}

impl Endpoint for DetectAnomalies {
    const ROUTE: Route = Route {
        name: "detect-anomalies",
        method: Method::Post,
        path: "/v1/anomalies/detect",
        siblings: &[],
        demand: Demand::Scope(Scope::MlAnomaly),
        body: Body::BULK,
        stores: false,
    };
    type Input = Question;
    type Output = Json<DetectAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Question, Fault> {
        incoming.no_query()?;
        let body = incoming.body().unwrap_or_default();
        match json::one_or_many::<Range, Batch<'_>>(body, "readings")? {
            OneOrMany::One(range) => parse_range(&range),
            OneOrMany::Many(batch) => parse_batch(&batch, call),
        }
    }

    async fn act(&self, call: &Call, question: Question, _: &mut UnitOfWork) -> Result<Json<DetectAnswer>, Fault> {
        let Question { subject, sensitivity } = question;
        let (detection, analyzed) = match &subject {
            Subject::Readings(readings) => {
                let batch: Vec<Point<'_>> = readings
                    .iter()
                    .map(|reading| Point {
                        sensor_id: &reading.sensor_id,
                        timestamp: reading.timestamp,
                        value: reading.value,
                    })
                    .collect();
                (detect(&[], &batch, sensitivity), batch.len())
            }
            Subject::Range { sensor, from, to } => {
                self.stored(&call.principal.tenant, sensor, (*from, *to), sensitivity).await?
            }
        };
        let Detection { mut anomalies, judged } = detection;
        let found = anomalies.len();
        anomalies.truncate(LONGEST_ANSWER);
        let answer = DetectAnswer { anomalies, found, analyzed, judged, method: "robust-online-1" };
        Ok(Json::ok(answer).counting("anomalies", found))
    }
}

fn sensitivity(given: Option<f64>, broken: &mut Vec<Violation>) -> Sensitivity {
    given.map_or_else(Sensitivity::default, |given| {
        Sensitivity::new(given).unwrap_or_else(|| {
            broken.push(Violation::new("/sensitivity", "out_of_range", "must be from 0 to 1"));
            Sensitivity::default()
        })
    })
}

fn parse_range(range: &Range) -> Result<Question, Fault> {
    let mut broken = Vec::new();
    let mut time = |pointer: &'static str, text: &str| {
        parse_timestamp(text).unwrap_or_else(|| {
            broken.push(Violation::new(pointer, "invalid", "must be an RFC 3339 time with an offset"));
            Timestamp::UNIX_EPOCH
        })
    };
    let (from, to) = (time("/from", &range.from), time("/to", &range.to));
    if to < from {
        broken.push(Violation::new("/to", "out_of_range", "must not be before from"));
    }
    let sensor = Identifier::parse(&range.sensor_id);
    if sensor.is_err() {
        broken.push(Violation::new("/sensor_id", "invalid", "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -"));
    }
    let sensitivity = sensitivity(range.sensitivity, &mut broken);
    match sensor {
        Ok(sensor) if broken.is_empty() => Ok(Question { subject: Subject::Range { sensor, from, to }, sensitivity }),
        _ => Err(Fault::validation(broken)),
    }
}

fn parse_batch(batch: &Batch<'_>, call: &Call) -> Result<Question, Fault> {
    if batch.readings.is_empty() || batch.readings.len() > MOST {
        let code = if batch.readings.is_empty() { "too_few" } else { "too_many" };
        return Err(Fault::validation(vec![Violation::new("/readings", code, "must have 1 to 5000 elements")]));
    }
    let mut broken = Vec::new();
    let mut readings = Vec::with_capacity(batch.readings.len());
    for (index, raw) in (0_u16..).zip(&batch.readings) {
        let prefix = format!("/readings/{index}");
        // A millisecond apart, so that readings without a time stay in their order.
        let arrival = call.now.wall + SignedDuration::from_millis(index.into());
        let accepted = json::parse::<RawReading>(raw.get().as_bytes(), &prefix)
            .and_then(|raw| raw.accept(arrival).map_err(Fault::validation));
        match accepted {
            Ok(reading) => readings.push(reading),
            Err(fault) if fault.code == Code::ValidationFailed => {
                let under =
                    |rule: Violation| if rule.pointer.starts_with(&prefix) { rule } else { rule.under(&prefix) };
                broken.extend(fault.errors.into_iter().map(under));
            }
            Err(fault) => return Err(fault),
        }
    }
    let sensitivity = sensitivity(batch.sensitivity, &mut broken);
    if broken.is_empty() {
        Ok(Question { subject: Subject::Readings(readings), sensitivity })
    } else {
        Err(Fault::validation(broken))
    }
}
