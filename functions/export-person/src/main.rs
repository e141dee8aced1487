//! Wires `GET /v1/users/{user_id}/export`.

use books::Books;
use export_person::ExportPerson;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let books = Books::from_environment(client, aws_sdk_kms::Client::new(context.config()))?;
    let imports = Entities::new(client.clone(), variable("LEDGER_TABLE")?);
    gate::serve(ExportPerson { books, imports, cursors: context.cursors()? }, context.door()?).await
}
