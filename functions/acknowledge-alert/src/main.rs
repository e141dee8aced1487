//! Wires `POST /v1/alerts/{alert_id}/acknowledge`.

use acknowledge_alert::AcknowledgeAlert;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let alerts = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(AcknowledgeAlert::new(alerts), context.door()?).await
}
