//! Wires `GET /v1/calendar`.

use show_calendar::ShowCalendar;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let stored = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ShowCalendar::new(stored), context.door()?).await
}
