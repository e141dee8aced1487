//! Wires `DELETE /v1/goals/{goal_id}`.

use books::Books;
use delete_goal::DeleteGoal;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let books = Books::from_environment(client, aws_sdk_kms::Client::new(context.config()))?;
    gate::serve(DeleteGoal { books }, context.door()?).await
}
