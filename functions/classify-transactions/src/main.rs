//! Wires `POST /v1/transactions/classify`.

use books::Zones;
use classify_transactions::ClassifyTransactions;
use intake::Reader;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let reader = Reader::from_environment(Zones::new(Entities::new(client.clone(), variable("LEDGER_TABLE")?)))?;
    gate::serve(ClassifyTransactions::new(reader), context.door()?).await
}
