//! Wires the request authorizer.

use authorize::{Request, judge};
use gate::{Deadline, Recogniser};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let recogniser = &Recogniser::new(gate::Context::from_environment()?.door()?);
    let service = service_fn(move |event: LambdaEvent<Request>| {
        Deadline::new(event.context.deadline()).keep(judge(recogniser, event.payload))
    });
    lambda_runtime::run(service).await
}
