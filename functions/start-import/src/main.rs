//! Wires `POST /v1/transactions/imports`.

use start_import::StartImport;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let imports = Entities::new(context.dynamo().clone(), variable("LEDGER_TABLE")?);
    let (s3, bucket) = (aws_sdk_s3::Client::new(context.config()), variable("IMPORTS_BUCKET")?);
    gate::serve(StartImport { imports, s3, bucket }, context.door()?).await
}
