//! Wires `GET /v1/settings`.

use show_settings::ShowSettings;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let stored = Entities::new(context.dynamo().clone(), variable("LEDGER_TABLE")?);
    gate::serve(ShowSettings { stored }, context.door()?).await
}
