//! Wires what is done every few minutes.

use erasure::Eraser;
use finish_erasures::FinishErasures;
use store::{Entities, Tenants};
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let client = context.dynamo();
    let table = variable("LEDGER_TABLE")?;
    let eraser = Eraser::from_environment(client, aws_sdk_s3::Client::new(context.config()), context.audit()?)?;
    let routine = FinishErasures {
        eraser,
        erasures: Entities::new(client.clone(), &table),
        client: client.clone(),
        audit: context.audit()?,
    };
    gate::run_routine(routine, Tenants::new(client.clone(), &table)).await
}
