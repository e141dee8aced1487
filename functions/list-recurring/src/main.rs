//! Wires `GET /v1/users/{user_id}/recurring`.

use books::{Books, Zones};
use list_recurring::ListRecurring;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let books = Books::from_environment(client, aws_sdk_kms::Client::new(context.config()))?;
    let zones = Zones::new(Entities::new(client.clone(), variable("LEDGER_TABLE")?));
    gate::serve(ListRecurring { books, zones }, context.door()?).await
}
