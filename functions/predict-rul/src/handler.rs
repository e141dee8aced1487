//! The last cycles of engines go through the model; nothing is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route, json};
use inference::{RulModel, Window};
use kernel::{Code, Fault, Scope, Violation};
use store::UnitOfWork;

use crate::contract::{Batch, Engine, MOST, MOST_NAMED, ModelName, RulAnswer, RulPrediction};

/// `POST /v1/rul`.
pub struct PredictRul {
    model: RulModel,
    name: ModelName,
    limit_per_minute: u32,
}

impl PredictRul {
    /// Answers with `model`, each key at most `limit_per_minute` times.
    #[must_use]
    pub fn new(model: RulModel, limit_per_minute: u32) -> Self {
        let manifest = model.manifest();
        let name = ModelName {
            name: manifest.name.clone(),
            version: manifest.version.to_string(),
            sha256: manifest.sha256.to_string(),
        };
        Self { model, name, limit_per_minute }
    }

    fn windows(&self, batch: &Batch<'_>) -> Result<Vec<Window>, Fault> {
        if batch.instances.is_empty() || batch.instances.len() > MOST {
            let code = if batch.instances.is_empty() { "too_few" } else { "too_many" };
            return Err(Fault::validation(vec![Violation::new("/instances", code, "must have 1 to 100 elements")]));
        }
        let mut windows = Vec::with_capacity(batch.instances.len());
        let mut broken = Vec::new();
        for (index, raw) in batch.instances.iter().enumerate() {
            let prefix = format!("/instances/{index}");
            match json::parse::<Engine>(raw.get().as_bytes(), &prefix) {
                Ok(engine) => match self.model.accept(&engine.cycles) {
                    Ok(window) => windows.push(window),
                    Err(rules) => broken.extend(rules.into_iter().map(|rule| rule.under(&prefix))),
                },
                Err(fault) if fault.code == Code::ValidationFailed => broken.extend(fault.errors),
                Err(fault) => return Err(fault),
            }
        }
        broken.truncate(MOST_NAMED);
        if broken.is_empty() { Ok(windows) } else { Err(Fault::validation(broken)) }
    }
}

impl Endpoint for PredictRul {
    const ROUTE: Route = Route {
        name: "predict-rul",
        method: Method::Post,
        path: "/v1/rul",
        siblings: &[],
        demand: Demand::Scope(Scope::MlPredict),
        body: Body::BULK,
        stores: false,
    };
    type Input = Vec<Window>;
    type Output = Json<RulAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Vec<Window>, Fault> {
        incoming.no_query()?;
        self.windows(&json::parse(incoming.body().unwrap_or_default(), "")?)
    }

    async fn act(&self, _: &Call, windows: Vec<Window>, _: &mut UnitOfWork) -> Result<Json<RulAnswer>, Fault> {
        let predict = |window| self.model.predict(window).map(RulPrediction::from).map_err(Fault::internal);
        let predictions = windows.iter().map(predict).collect::<Result<Vec<_>, _>>()?;
        let strange = predictions.iter().filter(|prediction| !prediction.in_distribution).count();
        Ok(Json::ok(RulAnswer { predictions, model: self.name.clone() }).counting("out_of_distribution", strange))
    }
}
