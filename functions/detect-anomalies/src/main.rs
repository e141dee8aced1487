//! Wires `POST /v1/anomalies/detect`.

use detect_anomalies::DetectAnomalies;
use history::History;
use store::Telemetry;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let telemetry = Telemetry::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    let limit = variable("COMPUTE_LIMIT_PER_MINUTE")?.parse()?;
    gate::serve(DetectAnomalies::new(History::new(telemetry), limit), context.door()?).await
}
