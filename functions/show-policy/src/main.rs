//! Wires `GET /v1/policy`.

use show_policy::ShowPolicy;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let stored = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ShowPolicy::new(stored), context.door()?).await
}
