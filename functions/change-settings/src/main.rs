//! Wires `PUT /v1/settings`.

use change_settings::ChangeSettings;
use store::Entities;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let stored = Entities::new(context.dynamo().clone(), variable("LEDGER_TABLE")?);
    gate::serve(ChangeSettings { stored }, context.door()?).await
}
