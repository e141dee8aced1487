//! Wires `POST /v1/tasks/{task_id}/cancel`.

use cancel_task::CancelTask;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo(), variable("TELEMETRY_TABLE")?);
    let tasks = Entities::new(client.clone(), &table);
    let agendas = Entities::new(client.clone(), &table);
    gate::serve(CancelTask::new(tasks, agendas), context.door()?).await
}
