//! Wires `POST /v1/transactions/bulk`.

use books::{Books, Zones};
use intake::Reader;
use record_in_bulk::{RecordInBulk, rows::Shelves};
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let reader = Reader::from_environment(Zones::new(Entities::new(client.clone(), variable("LEDGER_TABLE")?)))?;
    let books = Books::from_environment(client, aws_sdk_kms::Client::new(context.config()))?;
    let shelves = Shelves { reader, books, client: client.clone(), audit: context.audit()? };
    gate::serve(RecordInBulk { shelves }, context.door()?).await
}
