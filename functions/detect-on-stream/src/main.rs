//! Wires the first stage of the pipeline.

use detect_on_stream::DetectOnStream;
use history::History;
use store::{Beside, Entities, Telemetry, Tenants};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let table = variable("TELEMETRY_TABLE")?;
    let client = context.dynamo().clone();
    gate::follow(DetectOnStream {
        telemetry: Telemetry::new(client.clone(), &table),
        history: History::new(Telemetry::new(client.clone(), &table)),
        beside: Beside::new(client.clone(), &table),
        alerts: Entities::new(client.clone(), &table),
        policies: Entities::new(client.clone(), &table),
        tenants: Tenants::new(client.clone(), &table),
        audit: context.audit()?,
        client,
    })
    .await
}
