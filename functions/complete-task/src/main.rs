//! Wires `POST /v1/tasks/{task_id}/complete`.

use complete_task::CompleteTask;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let table = variable("TELEMETRY_TABLE")?;
    let tasks = Entities::new(client.clone(), &table);
    let alerts = Entities::new(client.clone(), &table);
    let agendas = Entities::new(client.clone(), &table);
    gate::serve(CompleteTask::new(tasks, alerts, agendas), context.door()?).await
}
