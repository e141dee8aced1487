//! The deployment's topic, to which whoever wants to be told subscribes.

use aws_sdk_sns::{Client, types::MessageAttributeValue};
use kernel::Tenant;
use maintenance::work::Notification;
use vault::aws::reason;

/// The topic.
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic with this ARN.
    #[must_use]
    pub const fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }

    /// Publishes a notification, with attributes to filter subscriptions by.
    ///
    /// # Errors
    /// Why the topic does not take it, for the log.
    pub async fn publish(&self, tenant: &Tenant, notification: &Notification, body: &str) -> Result<(), String> {
        let attribute =
            |kind: &str, value: &str| MessageAttributeValue::builder().data_type(kind).string_value(value).build().ok();
        let severity = notification.severity.to_string();
        let attributes = [
            ("tenant", attribute("String", tenant)),
            ("event", attribute("String", notification.event.as_str())),
            ("severity", attribute("Number", &severity)),
        ];
        let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let publish = self.client.publish().topic_arn(&self.arn).message(body);
        let sent = publish.set_message_attributes(Some(attributes)).send().await;
        sent.map(drop).map_err(|error| reason(&error))
    }
}
