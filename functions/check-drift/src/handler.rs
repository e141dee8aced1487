//! The newest readings of a sensor are compared with those before them, or with its baseline; nothing is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use history::{Baselines, History};
use jiff::SignedDuration;
use kernel::{Fault, Identifier, Scope, Violation};
use maintenance::{DriftRules, drift};
use store::UnitOfWork;

use crate::contract::{DriftAnswer, DriftRequest, LONGEST_WINDOW, MOST_SAMPLES, Reference};

/// `POST /v1/drift/check`.
pub struct CheckDrift {
    history: History,
    baselines: Baselines,
    limit_per_minute: u32,
}

/// What to compare.
pub struct Question {
    sensor: Identifier,
    window: SignedDuration,
    rules: DriftRules,
    reference: Reference,
}

impl CheckDrift {
    /// Compares readings of `history`, also with `baselines`; each key asks at most `limit_per_minute` times.
    #[must_use]
    pub const fn new(history: History, baselines: Baselines, limit_per_minute: u32) -> Self {
        Self { history, baselines, limit_per_minute }
    }
}

impl Endpoint for CheckDrift {
    const ROUTE: Route = Route {
        name: "check-drift",
        method: Method::Post,
        path: "/v1/drift/check",
        siblings: &[],
        demand: Demand::Scope(Scope::MlDrift),
        body: Body::JSON,
        stores: false,
    };
    type Input = Question;
    type Output = Json<DriftAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Question, Fault> {
        incoming.no_query()?;
        let request: DriftRequest = incoming.json()?;
        let mut broken = Vec::new();
        let mut rule = |holds: bool, pointer: &'static str, message: &'static str| {
            if !holds {
                broken.push(Violation::new(pointer, "out_of_range", message));
            }
        };
        let DriftRules { p_value_threshold, min_samples } = DriftRules::default();
        let p_value_threshold = request.p_value_threshold.unwrap_or(p_value_threshold);
        let min_samples = request.min_samples.unwrap_or(min_samples);
        rule((1..=LONGEST_WINDOW).contains(&request.window_minutes), "/window_minutes", "must be from 1 to 10080");
        rule((0.0..=1.0).contains(&p_value_threshold), "/p_value_threshold", "must be from 0 to 1");
        rule((1..=MOST_SAMPLES).contains(&min_samples), "/min_samples", "must be from 1 to 100000");
        let sensor = Identifier::parse(&request.sensor_id);
        rule(sensor.is_ok(), "/sensor_id", "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -");
        match sensor {
            Ok(sensor) if broken.is_empty() => Ok(Question {
                sensor,
                window: SignedDuration::from_mins(request.window_minutes),
                rules: DriftRules { p_value_threshold, min_samples },
                reference: request.reference,
            }),
            _ => Err(Fault::validation(broken)),
        }
    }

    async fn act(&self, call: &Call, question: Question, _: &mut UnitOfWork) -> Result<Json<DriftAnswer>, Fault> {
        let Question { sensor, window, rules, reference } = question;
        let tenant = &call.principal.tenant;
        let windows = match reference {
            Reference::Preceding => self.history.windows(tenant, &sensor, window).await?,
            Reference::Baseline => self.history.window(tenant, &sensor, window).await?,
        };
        let windows = windows.ok_or_else(Fault::not_found)?;
        let kept = match reference {
            Reference::Preceding => None,
            Reference::Baseline => self.baselines.get(tenant, &sensor).await?,
        };
        let found = match kept {
            Some(kept) => kept.baseline.drift(&windows.recent, rules),
            // Without a baseline there is nothing to compare with, which the answer says.
            None => drift(&windows.recent, &windows.earlier, rules),
        };
        Ok(Json::ok(DriftAnswer { found, window_from: windows.border, window_to: windows.newest, reference }))
    }
}
