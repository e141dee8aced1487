//! Wires `GET /v1/reports/{report_id}`.

use get_report::GetReport;
use store::{Documents, Entities};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let (client, table) = (context.dynamo().clone(), variable("TELEMETRY_TABLE")?);
    let reports = Entities::new(client.clone(), &table);
    gate::serve(GetReport::new(reports, Documents::new(client, &table)), context.door()?).await
}
