//! One notification: every pending delivery is tried, and what became of it is stored.

use gate::{Consumer, Deadline, commit_unattended};
use kernel::{Fault, Identifier, Tenant};
use maintenance::work::{
    Attempt, Channel, Delivery, Notification, NotificationRecord, NotificationRules, NotificationStatus, Policy,
    policy_id,
};
use serde::Deserialize;
use store::{AuditTrail, Entities, Requests, UnitOfWork};
use vault::{Moment, SigningSecrets};

use crate::{
    topic::Topic,
    webhook::{Sender, Sent},
};

/// The length of the window in which notifications are counted, in seconds.
const HOUR: u32 = 60 * 60;

/// Delivers notifications.
pub struct Notify {
    /// What is told.
    pub notifications: Entities<NotificationRecord>,
    /// Who wants to be told.
    pub policies: Entities<Policy>,
    /// How much was told in this hour.
    pub requests: Requests,
    /// One channel.
    pub topic: Topic,
    /// The other.
    pub webhooks: Sender,
    /// What webhooks are signed with.
    pub secrets: SigningSecrets,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every delivery is entered.
    pub audit: AuditTrail,
}

/// A message of the queue.
#[derive(Deserialize)]
pub struct Message {
    tenant: String,
    notification_id: String,
}

impl Consumer for Notify {
    const NAME: &'static str = "notify";
    type Message = Message;

    async fn consume(&self, message: Message, now: Moment, _: Deadline) -> Result<&'static [&'static str], Fault> {
        let tenant = Tenant::parse(&message.tenant).map_err(Fault::internal)?;
        let id = Identifier::parse(&message.notification_id).map_err(Fault::internal)?;
        let Some(read) = self.notifications.get(&tenant, &id).await? else { return Ok(&[]) };
        if read.value.status() == NotificationStatus::Settled {
            return Ok(&["repeats"]);
        }
        let policy = self.policies.get(&tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let mut record = read.value.clone();
        let body = serde_json::to_string(&record.notification).map_err(Fault::internal)?;
        // What was not taken is in the log with its cause; what became of the other channel is stored all the same.
        let (mut failed, mut is_tried) = (None, false);
        for delivery in record.deliveries.iter_mut().filter(|delivery| delivery.is_pending()) {
            let told = (&record.notification, body.as_str());
            match self.attempt(&tenant, told, delivery, &policy.notifications, now).await {
                Ok((attempt, cause)) => {
                    delivery.note(attempt, now.wall);
                    is_tried = true;
                    failed = cause.map(Fault::unavailable).or(failed);
                }
                Err(fault) => failed = Some(fault),
            }
        }
        if is_tried {
            let mut work = UnitOfWork::default();
            let expires = policy.retention.aggregates_until(now.wall);
            self.notifications.replace(&mut work, &tenant, &read, &record, Some(expires))?;
            commit_unattended(Self::NAME, &tenant, work, (&self.client, &self.audit), now).await?;
        }
        match (failed, record.status()) {
            (Some(fault), _) => Err(fault),
            (None, NotificationStatus::Settled) => Ok(&["notifications"]),
            (None, NotificationStatus::Pending) => {
                Err(Fault::unavailable("a delivery was not taken; it is tried again"))
            }
        }
    }
}

impl Notify {
    /// Tries a delivery, and says why it failed when that is for the log.
    async fn attempt(
        &self,
        tenant: &Tenant,
        (notification, body): (&Notification, &str),
        delivery: &Delivery,
        rules: &NotificationRules,
        now: Moment,
    ) -> Result<(Attempt, Option<String>), Fault> {
        // A delivery counts once, however often it is tried.
        if delivery.attempts == 0 {
            let counted = ("notify", delivery.channel.as_str());
            let window = self.requests.admit(tenant, counted, rules.max_per_hour, HOUR, now.wall).await?;
            if window.remaining.is_none() {
                return Ok((Attempt::RateLimited, None));
            }
        }
        match (delivery.channel, &rules.webhook) {
            (Channel::Sns, _) => Ok(match self.topic.publish(tenant, notification, body).await {
                Ok(()) => (Attempt::Delivered(None), None),
                Err(cause) => (Attempt::Failed(None), Some(cause)),
            }),
            (Channel::Webhook, None) => Ok((Attempt::Refused, None)),
            (Channel::Webhook, Some(url)) => {
                let secret = match self.secrets.of(tenant).await {
                    Ok(secret) => secret,
                    Err(cause) => return Ok((Attempt::Failed(None), Some(cause.to_string()))),
                };
                let attempt = match self.webhooks.send(url, &notification.id, now.wall, body, &secret).await {
                    Sent::Delivered(status) => Attempt::Delivered(Some(status)),
                    Sent::NotTaken(status) => Attempt::Failed(Some(status)),
                    Sent::NotPublic => Attempt::Refused,
                    Sent::Unreachable => Attempt::Failed(None),
                };
                Ok((attempt, None))
            }
        }
    }
}
