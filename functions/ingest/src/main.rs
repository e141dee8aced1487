//! Wires `POST /v1/ingest`.

use ingest::Ingest;
use store::Telemetry;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let telemetry = Telemetry::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(Ingest::new(telemetry), context.door()?).await
}
