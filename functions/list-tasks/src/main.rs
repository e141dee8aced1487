//! Wires `GET /v1/tasks`.

use list_tasks::ListTasks;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let tasks = Entities::new(context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    gate::serve(ListTasks::new(tasks, context.cursors()?), context.door()?).await
}
