//! Wires `GET /health/ready`.

use ready::Ready;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let ready = Ready {
        dynamo: context.dynamo().clone(),
        table: variable("REQUESTS_TABLE")?,
        secrets: context.secrets().clone(),
        secret: variable("PEPPER_SECRET")?,
        kms: aws_sdk_kms::Client::new(context.config()),
        key: variable("APPLICATION_KEY")?,
        minimum_version: variable("MODEL_MINIMUM_VERSION")?,
        allowed_sha256: variable("MODEL_ALLOWED_SHA256")?,
    };
    gate::serve(ready, context.door()?).await
}
