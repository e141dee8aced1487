//! Buckets, and the queues that learn of their new objects.

use super::resources::{name, physical, refused};
use crate::cloud::Services;
use crate::error::CloudError;
use crate::s3::{self, Notification};
use crate::template::{Physical, Resolver, Resource};
use serde::Deserialize;

/// What a template may say of notifications; anything else is refused, not passed over.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NotificationConfiguration {
    queue_configurations: Vec<QueueConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueueConfiguration {
    /// Both names are of the same event, because nothing else makes an object here.
    #[serde(rename = "Event")]
    _event: Event,
    queue: String,
    filter: Option<Filter>,
}

#[derive(Deserialize)]
enum Event {
    #[serde(rename = "s3:ObjectCreated:*")]
    Created,
    #[serde(rename = "s3:ObjectCreated:Put")]
    Put,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    #[serde(rename = "S3Key")]
    key: KeyFilter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyFilter {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    name: End,
    value: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum End {
    Prefix,
    Suffix,
}

pub(super) fn create_bucket(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    // Only a name of CloudFormation's own making is in small letters whatever it is made of.
    let is_named = resolver.property(resource, "BucketName")?.is_some();
    let name = name(resolver, resource, "BucketName")?;
    let name = if is_named { name } else { name.to_lowercase() };
    let (place, _) = resource.property("NotificationConfiguration");
    let said = resolver.property(resource, "NotificationConfiguration")?.map(serde_json::from_value).transpose();
    let said: NotificationConfiguration =
        said.map_err(|error| CloudError::template(&place, error.to_string()))?.unwrap_or_default();
    let notifications: Vec<Notification> = said.queue_configurations.into_iter().map(notification).collect();
    let is_queue = |arn: &str| arn.starts_with("arn:aws:sqs:") && services.sqs.messages(arn).is_some();
    if let Some(lost) = notifications.iter().find(|notification| !is_queue(&notification.queue)) {
        return Err(CloudError::template(place, format!("{} is not the ARN of a queue", lost.queue)));
    }
    let made = services.s3.create(&name).and_then(|()| services.s3.notify(&name, notifications));
    made.map_err(|refusal| refused(resource, &refusal))?;
    Ok(physical(name.clone(), &[("Arn", s3::arn(&name))]))
}

fn notification(said: QueueConfiguration) -> Notification {
    let rules = said.filter.map(|filter| filter.key.rules).unwrap_or_default();
    let value = |end: End| {
        let rule = rules.iter().find(|rule| rule.name == end);
        rule.map(|rule| rule.value.clone()).unwrap_or_default()
    };
    Notification { prefix: value(End::Prefix), suffix: value(End::Suffix), queue: said.queue }
}
