//! Wires `GET /v1/alerts`.

use list_alerts::ListAlerts;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let alerts = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ListAlerts::new(alerts, context.cursors()?), context.door()?).await
}
