//! Wires what is done every minute.

use refresh_issuers::RefreshIssuers;
use serde::de::IgnoredAny;
use store::Issuers;
use vault::aws::variable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let issuers = Issuers::new(context.dynamo().clone(), variable("ISSUERS_TABLE")?);
    let refresh = RefreshIssuers { issuers, client: refresh_issuers::client()? };
    gate::run_unattended("refresh-issuers", |_: IgnoredAny, now, deadline| refresh.run(now, deadline)).await
}
