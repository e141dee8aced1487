//! Wires `GET /v1/sensors`.

use list_sensors::ListSensors;
use store::Telemetry;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let telemetry = Telemetry::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ListSensors::new(telemetry, context.cursors()?), context.door()?).await
}
