//! Wires `POST /v1/tasks`.

use create_task::CreateTask;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let table = variable("TELEMETRY_TABLE")?;
    let tasks = Entities::new(client.clone(), &table);
    let alerts = Entities::new(client.clone(), &table);
    let policies = Entities::new(client.clone(), &table);
    gate::serve(CreateTask::new(tasks, alerts, policies), context.door()?).await
}
