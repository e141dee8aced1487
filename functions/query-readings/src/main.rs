//! Wires `GET /v1/sensors/{sensor_id}/readings`.

use query_readings::QueryReadings;
use store::Telemetry;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let telemetry = Telemetry::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(QueryReadings::new(telemetry, context.cursors()?), context.door()?).await
}
