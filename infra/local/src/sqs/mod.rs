//! SQS, as far as dead letters and event sources need it: standard queues, whose messages are sent, received, hidden
//! for a while, and deleted, or moved to another queue when they were received too often.
//!
//! Deliberately absent: FIFO queues, batches, delays, retention, moving messages back, and the MD5 sums in answers.

mod queue;

pub use queue::Message;
pub(crate) use queue::RedrivePolicy;

use crate::error::CloudError;
use crate::random;
use crate::saved::Saved;
use crate::wire::{self, ACCOUNT, Refusal, Service, now, read};
use axum::response::Response;
use http::StatusCode;
use queue::Queue;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The service.
pub(crate) struct Sqs {
    shelf: Saved<Queues>,
    /// Where the cloud is, for the URLs of queues.
    endpoint: String,
    /// How many messages have come into any queue. It also notifies when messages go or become visible early.
    pub(crate) arrivals: watch::Sender<u64>,
}

/// By name.
type Queues = BTreeMap<String, Queue>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueUrl {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    message_attributes: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    queue_url: String,
    #[serde(default = "one")]
    max_number_of_messages: usize,
    visibility_timeout: Option<u32>,
    #[serde(default)]
    wait_time_seconds: u64,
    #[serde(default, alias = "AttributeNames")]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

impl Sqs {
    pub(crate) fn open(folder: Option<&Path>, endpoint: String) -> Result<Self, CloudError> {
        Ok(Self { shelf: Saved::open(folder, "sqs.json")?, endpoint, arrivals: watch::Sender::default() })
    }

    pub(crate) async fn call(&self, operation: &str, body: &[u8]) -> Response {
        let result = match operation {
            "CreateQueue" => self.create_queue(body),
            "GetQueueUrl" => self.get_queue_url(body),
            "SendMessage" => self.send_message(body),
            "ReceiveMessage" => self.receive_message(body).await,
            "DeleteMessage" => self.delete_message(body),
            "GetQueueAttributes" => self.get_queue_attributes(body),
            _ => Err(Refusal::new("UnknownOperationException", "the local cloud has no such operation")),
        };
        match result {
            Ok(json) => wire::answer(Service::Sqs, StatusCode::OK, json.to_string()),
            Err(refusal) => refusal.into_response(Service::Sqs),
        }
    }

    /// Makes a queue unless it is there, and returns its URL.
    pub(crate) fn create(
        &self,
        name: &str,
        visibility_timeout: u32,
        redrive_policy: Option<RedrivePolicy>,
    ) -> Result<String, Refusal> {
        self.shelf.change(|queues: &mut Queues| {
            check_target(queues, redrive_policy.as_ref())?;
            queues.entry(name.to_owned()).or_insert_with(|| Queue::new(visibility_timeout, redrive_policy));
            Ok::<_, Refusal>(())
        })?;
        Ok(format!("{}/{ACCOUNT}/{name}", self.endpoint))
    }

    /// Sets the redrive policy of the queue with this URL, ARN or name.
    pub(crate) fn set_redrive_policy(&self, queue: &str, policy: Option<RedrivePolicy>) -> Result<(), Refusal> {
        self.shelf.change(|queues: &mut Queues| {
            check_target(queues, policy.as_ref())?;
            find(queues, queue)?.redrive_policy = policy;
            Ok(())
        })
    }

    /// Puts a message into the queue with this URL, ARN or name, and returns its id.
    pub(crate) fn send(&self, queue: &str, body: String, attributes: Map<String, Json>) -> Result<String, Refusal> {
        let id = random::uuid_text(&random::uuid()?);
        let message = Message::new(id.clone(), body, attributes, now());
        self.change(queue, |queue| queue.messages.push(message))?;
        self.arrivals.send_modify(|count| *count += 1);
        Ok(id)
    }

    /// Receives at most so many messages, and hides them for as long or for the queue's visibility timeout. Those that
    /// were received as often as the redrive policy allows are moved instead.
    pub(crate) fn receive(&self, queue: &str, most: usize, hidden_for: Option<u32>) -> Result<Vec<Message>, Refusal> {
        let (now, receipt) = (now(), random::uuid_text(&random::uuid()?));
        let (received, moved) = self.shelf.change(|queues: &mut Queues| {
            let queue = find(queues, queue)?;
            let spent = queue.redrive(now);
            let received = queue.receive(most, hidden_for, &receipt, now);
            let moved = spent.is_some();
            if let Some((target, spent)) = spent {
                find(queues, &target)?.messages.extend(spent);
            }
            Ok::<_, Refusal>((received, moved))
        })?;
        if moved {
            self.arrivals.send_modify(|count| *count += 1);
        }
        Ok(received)
    }

    /// Deletes the messages with these receipts. A receipt of an earlier receive deletes nothing, and that is not an
    /// error.
    pub(crate) fn delete(&self, queue: &str, receipts: &[&str]) -> Result<(), Refusal> {
        self.change(queue, |queue| queue.messages.retain(|message| !receipts.contains(&message.receipt.as_str())))?;
        self.arrivals.send_modify(|_| {});
        Ok(())
    }

    /// Makes the messages with these receipts visible, which may be received again then.
    pub(crate) fn unhide(&self, queue: &str, receipts: &[&str]) -> Result<(), Refusal> {
        let now = now();
        self.change(queue, |queue| {
            for message in &mut queue.messages {
                if receipts.contains(&message.receipt.as_str()) {
                    message.hidden_until = now;
                }
            }
        })?;
        self.arrivals.send_modify(|_| {});
        Ok(())
    }

    /// How long it is until a message of the queue is visible: no time if one is, `None` if it has none at all.
    pub(crate) fn next_visible(&self, queue: &str) -> Option<Duration> {
        let first = self.shelf.look(|queues| {
            let times = queues.get(name(queue))?.messages.iter().map(|message| message.hidden_until);
            times.min_by(f64::total_cmp)
        })?;
        Some(Duration::try_from_secs_f64(first - now()).unwrap_or_default())
    }

    /// Everything in the queue with this URL, ARN or name, hidden or not, oldest first; `None` without such a queue.
    pub(crate) fn messages(&self, queue: &str) -> Option<Vec<Message>> {
        self.shelf.look(|queues| Some(queues.get(name(queue))?.messages.clone()))
    }

    fn change<R>(&self, queue: &str, change: impl FnOnce(&mut Queue) -> R) -> Result<R, Refusal> {
        self.shelf.change(|queues: &mut Queues| Ok(change(find(queues, queue)?)))
    }

    fn create_queue(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: CreateQueue = read(body)?;
        let attribute = |name: &str| asked.attributes.get(name);
        let timeout = attribute("VisibilityTimeout").and_then(|text| text.parse().ok()).unwrap_or(VISIBILITY_TIMEOUT);
        let policy = attribute("RedrivePolicy").map(|text| serde_json::from_str(text)).transpose();
        let policy = policy.map_err(|error| invalid_policy(&error.to_string()))?;
        Ok(json!({ "QueueUrl": self.create(&asked.queue_name, timeout, policy)? }))
    }

    fn get_queue_url(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: GetQueueUrl = read(body)?;
        match self.messages(&asked.queue_name) {
            Some(_) => Ok(json!({ "QueueUrl": format!("{}/{ACCOUNT}/{}", self.endpoint, asked.queue_name) })),
            None => Err(no_queue()),
        }
    }

    fn send_message(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: SendMessage = read(body)?;
        let id = self.send(&asked.queue_url, asked.message_body, asked.message_attributes)?;
        Ok(json!({ "MessageId": id }))
    }

    /// Waits for a message no longer than the caller asks.
    async fn receive_message(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: ReceiveMessage = read(body)?;
        if !(1..=10).contains(&asked.max_number_of_messages) {
            return Err(Refusal::new("InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10"));
        }
        let end = Instant::now() + Duration::from_secs(asked.wait_time_seconds);
        let mut arrivals = self.arrivals.subscribe();
        loop {
            arrivals.mark_unchanged();
            let messages = self.receive(&asked.queue_url, asked.max_number_of_messages, asked.visibility_timeout)?;
            if !messages.is_empty() {
                let messages: Vec<Json> = messages.iter().map(|message| message.describe(&asked)).collect();
                return Ok(json!({ "Messages": messages }));
            }
            if tokio::time::timeout_at(end, arrivals.changed()).await.is_err() {
                return Ok(json!({}));
            }
        }
    }

    fn delete_message(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: DeleteMessage = read(body)?;
        if !asked.receipt_handle.contains('/') {
            return Err(Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid."));
        }
        self.delete(&asked.queue_url, &[&asked.receipt_handle])?;
        Ok(json!({}))
    }

    fn get_queue_attributes(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: GetQueueAttributes = read(body)?;
        let (name, now) = (name(&asked.queue_url), now());
        let known = self.shelf.look(|queues| {
            let queue = queues.get(name)?;
            let hidden = queue.messages.iter().filter(|message| message.hidden_until > now).count();
            let policy = queue.redrive_policy.as_ref().map(|policy| ("RedrivePolicy", json!(policy).to_string()));
            let always = [
                ("QueueArn", wire::arn("sqs", name)),
                ("ApproximateNumberOfMessages", (queue.messages.len() - hidden).to_string()),
                ("ApproximateNumberOfMessagesNotVisible", hidden.to_string()),
                ("VisibilityTimeout", queue.visibility_timeout.to_string()),
            ];
            Some(always.into_iter().chain(policy).collect::<Vec<_>>())
        });
        let wanted = |attribute: &str| asked.attribute_names.iter().any(|name| name == "All" || name == attribute);
        let attributes = known.ok_or_else(no_queue)?.into_iter().filter(|(name, _)| wanted(name));
        Ok(json!({ "Attributes": attributes.collect::<BTreeMap<_, _>>() }))
    }
}

/// The default of SQS.
pub(crate) const VISIBILITY_TIMEOUT: u32 = 30;

/// The name in a queue's URL or ARN.
fn name(queue: &str) -> &str {
    queue.rsplit(['/', ':']).next().unwrap_or(queue)
}

fn find<'a>(queues: &'a mut Queues, queue: &str) -> Result<&'a mut Queue, Refusal> {
    queues.get_mut(name(queue)).ok_or_else(no_queue)
}

/// No queue is ever removed, so a target that is there stays there.
fn check_target(queues: &Queues, policy: Option<&RedrivePolicy>) -> Result<(), Refusal> {
    match policy {
        Some(policy) if !queues.contains_key(name(&policy.dead_letter_target_arn)) => {
            Err(invalid_policy("Dead letter target does not exist."))
        }
        _ => Ok(()),
    }
}

fn invalid_policy(reason: &str) -> Refusal {
    Refusal::new("InvalidParameterValue", format!("The value for parameter RedrivePolicy is invalid. Reason: {reason}"))
}

fn no_queue() -> Refusal {
    Refusal::new("QueueDoesNotExist", "The specified queue does not exist.")
}
