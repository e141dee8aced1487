//! States of machines go through the model; nothing is stored.

use gate::{
    Body, Call, Demand, Endpoint, Incoming, Json, Method, Route,
    json::{self, OneOrMany},
};
use inference::{Explanation, FailureModel, MachineState};
use kernel::{Code, Fault, Scope, Violation};
use store::UnitOfWork;

use crate::contract::{
    Batch, FailurePrediction, Instance, MOST, ModelName, PredictAnswer, PredictManyAnswer, PredictOneAnswer,
};

/// `POST /v1/predict`.
pub struct Predict {
    model: FailureModel,
    name: ModelName,
    limit_per_minute: u32,
}

/// A machine to judge, and whether to say why.
pub struct Question {
    state: MachineState,
    explain: bool,
}

/// One question or several, answered in the same form.
pub type Questions = OneOrMany<Question, Vec<Question>>;

impl Predict {
    /// Answers with `model`, each key at most `limit_per_minute` times.
    #[must_use]
    pub fn new(model: FailureModel, limit_per_minute: u32) -> Self {
        let manifest = model.manifest();
        let name = ModelName {
            name: manifest.name.clone(),
            version: manifest.version.to_string(),
            sha256: manifest.sha256.to_string(),
        };
        Self { model, name, limit_per_minute }
    }

    fn question(&self, instance: &Instance, otherwise: Option<bool>) -> Result<Question, Vec<Violation>> {
        let state = self.model.accept(&instance.state())?;
        Ok(Question { state, explain: instance.explain.or(otherwise).unwrap_or(true) })
    }

    fn answer(&self, question: &Question) -> Result<FailurePrediction, Fault> {
        let prediction = self.model.predict(&question.state).map_err(Fault::internal)?;
        let explanation = question.explain.then(|| self.model.explain(&question.state)).transpose();
        let (contributions, baseline_probability) = match explanation.map_err(Fault::internal)? {
            Some(Explanation { contributions, baseline_probability }) => {
                (Some(contributions), Some(baseline_probability))
            }
            None => (None, None),
        };
        Ok(FailurePrediction {
            failure_probability: prediction.failure_probability,
            will_fail: prediction.will_fail,
            threshold: self.model.manifest().threshold,
            failure_modes: prediction.modes,
            contributions,
            baseline_probability,
            in_distribution: prediction.in_distribution,
        })
    }

    fn batch(&self, batch: &Batch<'_>) -> Result<Vec<Question>, Fault> {
        if batch.instances.is_empty() || batch.instances.len() > MOST {
            let code = if batch.instances.is_empty() { "too_few" } else { "too_many" };
            return Err(Fault::validation(vec![Violation::new("/instances", code, "must have 1 to 100 elements")]));
        }
        let mut questions = Vec::with_capacity(batch.instances.len());
        let mut broken = Vec::new();
        for (index, raw) in batch.instances.iter().enumerate() {
            let prefix = format!("/instances/{index}");
            match json::parse::<Instance>(raw.get().as_bytes(), &prefix) {
                Ok(instance) => match self.question(&instance, batch.explain) {
                    Ok(question) => questions.push(question),
                    Err(rules) => broken.extend(rules.into_iter().map(|rule| rule.under(&prefix))),
                },
                Err(fault) if fault.code == Code::ValidationFailed => broken.extend(fault.errors),
                Err(fault) => return Err(fault),
            }
        }
        if broken.is_empty() { Ok(questions) } else { Err(Fault::validation(broken)) }
    }
}

impl Endpoint for Predict {
    const ROUTE: Route = Route {
        name: "predict",
        method: Method::Post,
        path: "/v1/predict",
        siblings: &[],
        demand: Demand::Scope(Scope::MlPredict),
        body: Body::JSON,
        stores: false,
    };
    type Input = Questions;
    type Output = Json<PredictAnswer>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Questions, Fault> {
        incoming.no_query()?;
        match json::one_or_many::<Instance, Batch<'_>>(incoming.body().unwrap_or_default(), "instances")? {
            OneOrMany::One(instance) => self.question(&instance, None).map(OneOrMany::One).map_err(Fault::validation),
            OneOrMany::Many(batch) => self.batch(&batch).map(OneOrMany::Many),
        }
    }

    async fn act(&self, _: &Call, questions: Questions, _: &mut UnitOfWork) -> Result<Json<PredictAnswer>, Fault> {
        let model = self.name.clone();
        let (answer, strange) = match questions {
            OneOrMany::One(question) => {
                let forecast = self.answer(&question)?;
                let strange = usize::from(!forecast.in_distribution);
                (PredictAnswer::One(Box::new(PredictOneAnswer { forecast, model })), strange)
            }
            OneOrMany::Many(questions) => {
                let predictions: Vec<FailurePrediction> =
                    questions.iter().map(|question| self.answer(question)).collect::<Result<_, _>>()?;
                let strange = predictions.iter().filter(|forecast| !forecast.in_distribution).count();
                (PredictAnswer::Many(PredictManyAnswer { predictions, model }), strange)
            }
        };
        Ok(Json::ok(answer).counting("out_of_distribution", strange))
    }
}
