//! What people and other systems are told.

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Alert, AlertKind, Assignment, Evidence, Expected, NotificationRules, Severity, Task, TaskStatus,
    ids::notification_id, machine::words,
};

words! {
    /// What is told.
    NotificationEvent {
        /// A sensor does something unusual.
        AlertOpened = "alert_opened",
        /// It became worse.
        AlertEscalated = "alert_escalated",
        /// A task needs a decision.
        TaskAwaitingApproval = "task_awaiting_approval",
        /// A technician has a task at a time.
        TaskScheduled = "task_scheduled",
        /// No technician fits an approved task.
        TaskUnscheduled = "task_unscheduled",
        /// A task was done.
        TaskCompleted = "task_completed",
    }
}

/// One thing told. Its JSON is the body of a webhook call and of an SNS message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Notification {
    /// Its name. The same event of the same subject always has the same one, so that what was told is
    /// not told again.
    pub id: Identifier,
    /// What happened.
    pub event: NotificationEvent,
    /// To which alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<Identifier>,
    /// To which task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Identifier>,
    /// Of which sensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor_id: Option<Identifier>,
    /// How bad the alert is; of a task, its priority.
    pub severity: Severity,
    /// The same for people.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
}

words! {
    /// How a notification leaves.
    Channel {
        /// The deployment's topic.
        Sns = "sns",
        /// The tenant's web address.
        Webhook = "webhook",
    }
}

words! {
    /// What became of a notification on one channel.
    DeliveryOutcome {
        /// It is on its way, or will be tried again.
        Pending = "pending",
        /// It was taken.
        Delivered = "delivered",
        /// It was not taken, as often as it was tried.
        Failed = "failed",
        /// It was not sent: the host of the address is not, or no longer, on the public internet, or there is no
        /// address any more.
        Refused = "refused",
        /// It was not sent: there had been too many in that hour.
        RateLimited = "rate_limited",
    }
}

words! {
    /// Whether anything is left to be done for a notification.
    NotificationStatus {
        /// A delivery is pending.
        Pending = "pending",
        /// What became of every delivery is known.
        Settled = "settled",
    }
}

/// What became of a notification on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// How it left.
    pub channel: Channel,
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// How often it was tried.
    pub attempts: u32,
    /// What the web address answered last, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// When that was known.
    pub at: Timestamp,
}

/// One attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was taken; a web address answered this.
    Delivered(Option<u16>),
    /// It was not taken; a web address answered this.
    Failed(Option<u16>),
    /// It must not be sent there.
    Refused,
    /// There were too many.
    RateLimited,
}

impl Delivery {
    /// How often a delivery is tried.
    pub const MOST_ATTEMPTS: u32 = 5;

    /// Whether it is still to be tried.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.outcome == DeliveryOutcome::Pending
    }

    /// Notes an attempt.
    pub fn note(&mut self, attempt: Attempt, now: Timestamp) {
        self.attempts += 1;
        self.at = now;
        (self.outcome, self.status) = match attempt {
            Attempt::Delivered(status) => (DeliveryOutcome::Delivered, status),
            Attempt::Failed(status) if self.attempts < Self::MOST_ATTEMPTS => (DeliveryOutcome::Pending, status),
            Attempt::Failed(status) => (DeliveryOutcome::Failed, status),
            Attempt::Refused => (DeliveryOutcome::Refused, None),
            Attempt::RateLimited => (DeliveryOutcome::RateLimited, None),
        };
    }
}

/// A notification and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotificationRecord {
    /// What is told.
    #[serde(flatten)]
    pub notification: Notification,
    /// One for each channel.
    pub deliveries: Vec<Delivery>,
}

impl NotificationRecord {
    /// A notification that is still to be delivered; `None` when nobody wants to be told.
    #[must_use]
    pub fn new(notification: Notification, rules: &NotificationRules) -> Option<Self> {
        if !rules.want(&notification) {
            return None;
        }
        let channels = [rules.sns.then_some(Channel::Sns), rules.webhook.as_ref().map(|_| Channel::Webhook)];
        let deliveries: Vec<Delivery> = channels
            .into_iter()
            .flatten()
            .map(|channel| Delivery {
                channel,
                outcome: DeliveryOutcome::Pending,
                attempts: 0,
                status: None,
                at: notification.at,
            })
            .collect();
        (!deliveries.is_empty()).then_some(Self { notification, deliveries })
    }

    /// Whether anything is left to be done.
    #[must_use]
    pub fn status(&self) -> NotificationStatus {
        match self.deliveries.iter().any(Delivery::is_pending) {
            true => NotificationStatus::Pending,
            false => NotificationStatus::Settled,
        }
    }
}

impl Notification {
    /// That an alert was opened.
    #[must_use]
    pub fn alert_opened(alert: &Alert) -> Self {
        let text = format!("{}. {}", headline(alert), measured(alert));
        Self::of_alert(alert, NotificationEvent::AlertOpened, "", text, alert.detected_at)
    }

    /// That the severity of an alert has risen to what it is; `None` when it is as it was when it was opened.
    #[must_use]
    pub fn alert_escalated(alert: &Alert) -> Option<Self> {
        let text = format!("{} became worse. {}", headline(alert), measured(alert));
        let turn = alert.severity.to_string();
        Some(Self::of_alert(alert, NotificationEvent::AlertEscalated, &turn, text, alert.escalated_at?))
    }

    /// What there is to say about a task in its present state; `now` is when it came to be in it. `None`
    /// when nobody needs to be told, as of an approval that is followed by an assignment.
    #[must_use]
    pub fn task(task: &Task, now: Timestamp) -> Option<Self> {
        use NotificationEvent as Event;
        let (event, turn, text) = match (task.status(), task.assignment(), task.unscheduled_reason()) {
            (TaskStatus::AwaitingApproval, ..) => {
                // It awaits approval anew after each deferral.
                let turn = task.decisions.len().to_string();
                (Event::TaskAwaitingApproval, turn, "awaits approval".to_owned())
            }
            (TaskStatus::Scheduled, Some(Assignment { technician_id, start, end, late }), _) => {
                let late = if *late { ", after it is due" } else { "" };
                let text = format!("is scheduled for {technician_id} from {start:.0} to {end:.0}{late}");
                (Event::TaskScheduled, String::new(), text)
            }
            (_, _, Some(reason)) => {
                let text = format!("is approved and has no technician: {}", reason.message);
                (Event::TaskUnscheduled, reason.code.to_string(), text)
            }
            (TaskStatus::Completed, ..) => (Event::TaskCompleted, String::new(), "was completed".to_owned()),
            _ => return None,
        };
        let due = task.due_by.map(|due| format!(", due by {due:.0}")).unwrap_or_default();
        Some(Self {
            id: notification_id(event, task.created_at, &task.id, &turn),
            event,
            alert_id: task.alert_id.clone(),
            task_id: Some(task.id.clone()),
            sensor_id: task.sensor_id.clone(),
            severity: Severity::saturating(i64::from(task.priority.get())),
            text: format!("Task \"{}\" (priority {}{due}) {text}.", task.title, task.priority),
            at: now,
        })
    }

    fn of_alert(alert: &Alert, event: NotificationEvent, turn: &str, text: String, at: Timestamp) -> Self {
        Self {
            id: notification_id(event, alert.detected_at, &alert.id, turn),
            event,
            alert_id: Some(alert.id.clone()),
            task_id: alert.task_id.clone(),
            sensor_id: Some(alert.sensor_id.clone()),
            severity: alert.severity,
            text,
            at,
        }
    }
}

impl NotificationRules {
    /// Whether the tenant wants to be told.
    #[must_use]
    pub fn want(&self, notification: &Notification) -> bool {
        notification.severity >= self.min_severity && self.events.contains(&notification.event)
    }
}

fn headline(alert: &Alert) -> String {
    format!("Severity {}: {} on sensor {}", alert.severity, alert.kind.words(), alert.sensor_id)
}

/// The strongest reading in words.
fn measured(alert: &Alert) -> String {
    let Evidence { timestamp, value, expected: Expected { low, high }, .. } = alert.evidence;
    if alert.kind == AlertKind::DistributionDrift {
        return format!("The readings up to {timestamp} differ from the reference by {}.", rounded(value));
    }
    let (value, low, high) = (rounded(value), rounded(low), rounded(high));
    format!("At {timestamp} it measured {value} {}, expected {low} to {high}.", alert.unit)
}

/// A number as people read it: five significant digits are more than a decision takes.
fn rounded(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e7).contains(&magnitude) {
        return format!("{number:.4e}");
    }
    let text = match magnitude {
        1e4.. => format!("{number:.0}"),
        1e2.. => format!("{number:.2}"),
        1.0.. => format!("{number:.4}"),
        _ => format!("{number:.6}"),
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
