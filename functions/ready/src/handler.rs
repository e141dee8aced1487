//! One harmless question to each dependency.

use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::types::KeyState;
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use kernel::Fault;
use manifest::{Bundle, CategoryManifest, Contents, LifeManifest, Manifest, Policy};
use store::UnitOfWork;

use crate::contract::{Health, Readiness};

/// Manifest, signature and model.
type Parts = (&'static [u8], &'static [u8], &'static [u8]);

const FAILURE: Parts = (
    include_bytes!("../../../infra/models/failure/manifest.json"),
    include_bytes!("../../../infra/models/failure/manifest.sig"),
    include_bytes!("../../../infra/models/failure/model.onnx"),
);
const REMAINING_LIFE: Parts = (
    include_bytes!("../../../infra/models/rul/manifest.json"),
    include_bytes!("../../../infra/models/rul/manifest.sig"),
    include_bytes!("../../../infra/models/rul/model.onnx"),
);
const CATEGORY: Parts = (
    include_bytes!("../../../infra/models/category/manifest.json"),
    include_bytes!("../../../infra/models/category/manifest.sig"),
    include_bytes!("../../../infra/models/category/model.onnx"),
);
const RELEASE_KEY: &str = include_str!("../../../infra/models/release.pub");

/// `GET /health/ready`.
pub struct Ready {
    /// Asked for an item of `table`.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The Requests table.
    pub table: String,
    /// Asked about `secret`.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// The pepper.
    pub secret: String,
    /// Asked about `key`.
    pub kms: aws_sdk_kms::Client,
    /// The application key.
    pub key: String,
    /// The oldest model version that may run.
    pub minimum_version: String,
    /// The model digests that may run.
    pub allowed_sha256: String,
}

impl Ready {
    async fn dynamodb(&self) -> bool {
        let key = AttributeValue::S("!ready".to_owned());
        self.dynamo.get_item().table_name(&self.table).key("pk", key).send().await.is_ok()
    }

    async fn secrets(&self) -> bool {
        self.secrets.describe_secret().secret_id(&self.secret).send().await.is_ok()
    }

    async fn kms(&self) -> bool {
        let answer = self.kms.describe_key().key_id(&self.key).send().await;
        answer.is_ok_and(|answer| answer.key_metadata.and_then(|key| key.key_state) == Some(KeyState::Enabled))
    }

    async fn models(&self) -> bool {
        Policy::parse(RELEASE_KEY, &self.minimum_version, &self.allowed_sha256).is_ok_and(|policy| {
            sound::<Manifest>(FAILURE, &policy)
                && sound::<LifeManifest>(REMAINING_LIFE, &policy)
                && sound::<CategoryManifest>(CATEGORY, &policy)
        })
    }
}

impl Endpoint for Ready {
    const ROUTE: Route = Route {
        name: "ready",
        method: Method::Get,
        path: "/health/ready",
        siblings: &[],
        demand: Demand::AnyKey,
        body: Body::None,
        stores: false,
    };
    type Input = ();
    type Output = Json<Readiness>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, _: &Call, (): (), _: &mut UnitOfWork) -> Result<Json<Readiness>, Fault> {
        let (dynamodb, secrets, kms, models) =
            tokio::join!(timed(self.dynamodb()), timed(self.secrets()), timed(self.kms()), timed(self.models()));
        let readiness = Readiness { dynamodb, secrets, kms, models };
        Ok(if readiness.all_ok() { Json::ok(readiness) } else { Json::unavailable(readiness) })
    }
}

/// Whether a model may run.
fn sound<M: Contents>((manifest, signature, model): Parts, policy: &Policy) -> bool {
    Bundle::<M>::verify(manifest, signature, model, policy).is_ok()
}

async fn timed(question: impl Future<Output = bool>) -> Health {
    let began = Instant::now();
    let ok = question.await;
    Health { ok, latency_ms: began.elapsed().as_secs_f64() * 1_000.0 }
}
