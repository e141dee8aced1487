//! Wires what tells people and other systems.

use notify::{Notify, topic::Topic, webhook::Sender};
use store::{Entities, Requests};
use vault::{SigningSecrets, aws::variable};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let context = gate::Context::from_environment()?;
    let table = variable("TELEMETRY_TABLE")?;
    let client = context.dynamo().clone();
    let kms = aws_sdk_kms::Client::new(context.config());
    gate::consume(Notify {
        notifications: Entities::new(client.clone(), &table),
        policies: Entities::new(client.clone(), &table),
        requests: Requests::new(client.clone(), variable("REQUESTS_TABLE")?),
        topic: Topic::new(aws_sdk_sns::Client::new(context.config()), variable("NOTIFICATIONS_TOPIC")?),
        webhooks: Sender::new()?,
        secrets: SigningSecrets::new(kms, variable("WEBHOOK_KEY")?),
        audit: context.audit()?,
        client,
    })
    .await
}
