//! Wires `POST /v1/ingest`.

use ingest::{Ingest, retention::Retentions};
use store::{Entities, Telemetry};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo(), variable("TELEMETRY_TABLE")?);
    let retentions = Retentions::new(Entities::new(client.clone(), &table));
    gate::serve(Ingest::new(Telemetry::new(client.clone(), &table), retentions), context.door()?).await
}
