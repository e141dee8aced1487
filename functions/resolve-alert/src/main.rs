//! Wires `POST /v1/alerts/{alert_id}/resolve`.

use resolve_alert::ResolveAlert;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let alerts = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ResolveAlert::new(alerts), context.door()?).await
}
