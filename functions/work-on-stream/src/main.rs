//! Wires the second stage of the pipeline.

use history::History;
use store::{Entities, Telemetry, Tenants};
use vault::aws::variable;
use work_on_stream::{WorkOnStream, outbox::Outbox};

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
        history: History::new(Telemetry::new(client.clone(), &table)),
        notifications: Entities::new(client.clone(), &table),
        outbox: Outbox::new(aws_sdk_sqs::Client::new(context.config()), variable("NOTIFICATIONS_QUEUE")?),
        tenants: Tenants::new(client.clone(), &table),
        audit: context.audit()?,
        client,
    })
    .await
}
