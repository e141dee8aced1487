//! Wires `GET /v1/notifications`.

use list_notifications::ListNotifications;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let notifications = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ListNotifications::new(notifications, context.cursors()?), context.door()?).await
}
