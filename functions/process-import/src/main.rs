//! Wires what is uploaded.

use books::{Books, Zones};
use intake::Reader;
use process_import::{ProcessImport, handler::Continuations};
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let table = variable("LEDGER_TABLE")?;
    let config = context.config();
    gate::consume(ProcessImport {
        imports: Entities::new(client.clone(), &table),
        reader: Reader::from_environment(Zones::new(Entities::new(client.clone(), &table)))?,
        books: Books::from_environment(client, aws_sdk_kms::Client::new(config))?,
        s3: aws_sdk_s3::Client::new(config),
        bucket: variable("IMPORTS_BUCKET")?,
        queue: Continuations { client: aws_sdk_sqs::Client::new(config), url: variable("IMPORTS_QUEUE")? },
        client: client.clone(),
        audit: context.audit()?,
    })
    .await
}
