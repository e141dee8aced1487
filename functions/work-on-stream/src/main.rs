//! Wires the second stage of the pipeline.

use store::Entities;
use vault::aws::variable;
use work_on_stream::WorkOnStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let table = variable("TELEMETRY_TABLE")?;
    let client = context.dynamo().clone();
    gate::follow(WorkOnStream {
        alerts: Entities::new(client.clone(), &table),
        tasks: Entities::new(client.clone(), &table),
        agendas: Entities::new(client.clone(), &table),
        policies: Entities::new(client.clone(), &table),
        calendars: Entities::new(client.clone(), &table),
        audit: context.audit()?,
        client,
    })
    .await
}
