//! Wires what is done every few minutes.

use resume_tasks::ResumeTasks;
use store::{Entities, Tenants};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    let tenants = Tenants::new(client.clone(), &table);
    let tasks = Entities::new(client.clone(), &table);
    gate::run_routine(ResumeTasks { tasks, audit: context.audit()?, client }, tenants).await
}
