//! Wires `POST /v1/rul`.

use predict_rul::{PredictRul, bundled};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let model = bundled::model(&variable("MODEL_MINIMUM_VERSION")?, &variable("MODEL_ALLOWED_SHA256")?)?;
    let limit = variable("PREDICT_LIMIT_PER_MINUTE")?.parse()?;
    gate::serve(PredictRul::new(model, limit), context.door()?).await
}
