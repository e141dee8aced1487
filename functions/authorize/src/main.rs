//! Wires the request authorizer.

use authorize::{Request, judge};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let authenticator = &gate::Context::from_environment()?.authenticator()?;
    let service = service_fn(move |event: LambdaEvent<Request>| judge(authenticator, event.payload));
    lambda_runtime::run(service).await
}
