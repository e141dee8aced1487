//! Wires `GET /v1/transactions/imports/{import_id}`.

use get_import::GetImport;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let imports = Entities::new(context.dynamo().clone(), variable("LEDGER_TABLE")?);
    gate::serve(GetImport { imports }, context.door()?).await
}
