//! Wires `POST /v1/decisions`.

use decide::Decide;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let tasks = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(Decide::new(tasks), context.door()?).await
}
