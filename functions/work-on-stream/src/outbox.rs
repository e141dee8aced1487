//! What is to be told leaves by a queue, so that a slow web address holds nobody's work up.

use aws_sdk_sqs::Client;
use kernel::{Fault, Identifier, Tenant};
use serde_json::json;
use vault::aws::reason;

/// The queue of notifications.
pub struct Outbox {
    client: Client,
    queue: String,
}

impl Outbox {
    /// The queue at this URL.
    #[must_use]
    pub const fn new(client: Client, queue: String) -> Self {
        Self { client, queue }
    }

    /// Puts the notification of this name into it. The queue holds names alone: what is told stays in the table.
    ///
    /// # Errors
    /// 503 when the queue does not take it.
    pub async fn put(&self, tenant: &Tenant, notification: &Identifier) -> Result<(), Fault> {
        let body = json!({"tenant": &**tenant, "notification_id": &**notification}).to_string();
        let sent = self.client.send_message().queue_url(&self.queue).message_body(body).send().await;
        sent.map(drop).map_err(|error| Fault::unavailable(reason(&error)))
    }
}
