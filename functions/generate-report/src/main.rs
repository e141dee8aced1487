//! Wires `POST /v1/reports`.

use generate_report::GenerateReport;
use history::{History, Summaries};
use store::{Beside, Documents, Entities, Telemetry};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let table = variable("TELEMETRY_TABLE")?;
    let client = context.dynamo().clone();
    let report = GenerateReport {
        telemetry: Telemetry::new(client.clone(), &table),
        summaries: Summaries::new(
            History::new(Telemetry::new(client.clone(), &table)),
            Beside::new(client.clone(), &table),
        ),
        alerts: Entities::new(client.clone(), &table),
        tasks: Entities::new(client.clone(), &table),
        policies: Entities::new(client.clone(), &table),
        reports: Entities::new(client.clone(), &table),
        documents: Documents::new(client, &table),
        limit_per_minute: variable("COMPUTE_LIMIT_PER_MINUTE")?.parse()?,
    };
    gate::serve(report, context.door()?).await
}
