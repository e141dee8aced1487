//! Wires `POST /v1/drift/check`.

use check_drift::CheckDrift;
use history::{Baselines, History};
use store::{Beside, Telemetry};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo(), variable("TELEMETRY_TABLE")?);
    let history = || History::new(Telemetry::new(client.clone(), &table));
    let baselines = Baselines::new(history(), Beside::new(client.clone(), &table));
    let limit = variable("COMPUTE_LIMIT_PER_MINUTE")?.parse()?;
    gate::serve(CheckDrift::new(history(), baselines, limit), context.door()?).await
}
