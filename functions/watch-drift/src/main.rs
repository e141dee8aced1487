//! Wires what is done every hour.

use history::{Baselines, History};
use store::{Beside, Entities, Telemetry, Tenants};
use vault::aws::variable;
use watch_drift::WatchDrift;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    let history = || History::new(Telemetry::new(client.clone(), &table));
    let watch = WatchDrift {
        history: history(),
        baselines: Baselines::new(history(), Beside::new(client.clone(), &table)),
        beside: Beside::new(client.clone(), &table),
        alerts: Entities::new(client.clone(), &table),
        policies: Entities::new(client.clone(), &table),
        client: client.clone(),
        audit: context.audit()?,
    };
    gate::run_routine(watch, Tenants::new(client, &table)).await
}
