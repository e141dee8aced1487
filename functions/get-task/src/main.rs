//! Wires `GET /v1/tasks/{task_id}`.

use get_task::GetTask;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let tasks = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(GetTask::new(tasks), context.door()?).await
}
