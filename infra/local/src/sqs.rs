//! SQS, as far as dead letters need it: standard queues, whose messages are sent, received, hidden for a while, and
//! deleted.
//!
//! Deliberately absent: FIFO queues, batches, redrive policies, and the MD5 sums of messages.

use crate::error::CloudError;
use crate::random;
use crate::saved::Saved;
use crate::wire::{self, ACCOUNT, Refusal, Service, now, read};
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The service.
pub(crate) struct Sqs {
    shelf: Saved<BTreeMap<String, Queue>>,
    /// Where the cloud is, for the URLs of queues.
    endpoint: String,
    /// Changes with every message that is sent.
    arrivals: watch::Sender<()>,
}

#[derive(Serialize, Deserialize)]
struct Queue {
    /// How long a received message stays hidden, in seconds.
    visibility_timeout: u32,
    messages: Vec<Message>,
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The id that SQS gave it.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// Message attributes, by name, as they travel.
    pub attributes: Map<String, Json>,
    /// How often it was received.
    pub receives: u32,
    /// Seconds since 1970, like the other times.
    sent: f64,
    first_received: Option<f64>,
    hidden_until: f64,
    receipt: String,
}

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
    pub(crate) fn create(&self, name: &str, visibility_timeout: u32) -> Result<String, Refusal> {
        self.shelf.change(|queues: &mut BTreeMap<String, Queue>| {
            queues.entry(name.to_owned()).or_insert(Queue { visibility_timeout, messages: Vec::new() });
            Ok::<_, Refusal>(())
        })?;
        Ok(format!("{}/{ACCOUNT}/{name}", self.endpoint))
    }

    /// Puts a message into the queue with this URL, ARN or name, and returns its id.
    pub(crate) fn send(&self, queue: &str, body: String, attributes: Map<String, Json>) -> Result<String, Refusal> {
        let id = random::uuid_text(&random::uuid()?);
        let sent = now();
        self.change(queue, |queue| {
            queue.messages.push(Message {
                id: id.clone(),
                body,
                attributes,
                receives: 0,
                sent,
                first_received: None,
                hidden_until: sent,
                receipt: String::new(),
            });
            Ok(())
        })?;
        self.arrivals.send_replace(());
        Ok(id)
    }

    /// Everything in the queue with this URL, ARN or name, hidden or not, oldest first; `None` without such a queue.
    pub(crate) fn messages(&self, queue: &str) -> Option<Vec<Message>> {
        self.shelf.look(|queues| Some(queues.get(name(queue))?.messages.clone()))
    }

    fn change<R>(&self, queue: &str, change: impl FnOnce(&mut Queue) -> Result<R, Refusal>) -> Result<R, Refusal> {
        self.shelf.change(|queues: &mut BTreeMap<String, Queue>| match queues.get_mut(name(queue)) {
            Some(queue) => change(queue),
            None => Err(no_queue()),
        })
    }

    fn create_queue(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: CreateQueue = read(body)?;
        let timeout = asked.attributes.get("VisibilityTimeout").and_then(|text| text.parse().ok());
        Ok(json!({ "QueueUrl": self.create(&asked.queue_name, timeout.unwrap_or(VISIBILITY_TIMEOUT))? }))
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
        let end = Instant::now() + Duration::from_secs(asked.wait_time_seconds);
        let mut arrivals = self.arrivals.subscribe();
        loop {
            arrivals.mark_unchanged();
            let messages = self.take(&asked)?;
            if !messages.is_empty() {
                return Ok(json!({ "Messages": messages }));
            }
            if tokio::time::timeout_at(end, arrivals.changed()).await.is_err() {
                return Ok(json!({}));
            }
        }
    }

    fn take(&self, asked: &ReceiveMessage) -> Result<Vec<Json>, Refusal> {
        if !(1..=10).contains(&asked.max_number_of_messages) {
            return Err(Refusal::new("InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10"));
        }
        let (now, receipt) = (now(), random::uuid_text(&random::uuid()?));
        self.change(&asked.queue_url, |queue| {
            let hidden_for = asked.visibility_timeout.unwrap_or(queue.visibility_timeout);
            let visible = queue.messages.iter_mut().filter(|message| message.hidden_until <= now);
            let taken = visible.take(asked.max_number_of_messages);
            Ok(taken
                .map(|message| {
                    message.receives += 1;
                    message.first_received.get_or_insert(now);
                    message.hidden_until = now + f64::from(hidden_for);
                    message.receipt = format!("{}/{receipt}", message.id);
                    message.describe(asked)
                })
                .collect())
        })
    }

    fn delete_message(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: DeleteMessage = read(body)?;
        if !asked.receipt_handle.contains('/') {
            return Err(Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid."));
        }
        self.change(&asked.queue_url, |queue| {
            // A receipt of an earlier receive deletes nothing, and that is not an error.
            queue.messages.retain(|message| message.receipt != asked.receipt_handle);
            Ok(json!({}))
        })
    }

    fn get_queue_attributes(&self, body: &[u8]) -> Result<Json, Refusal> {
        let asked: GetQueueAttributes = read(body)?;
        let (name, now) = (name(&asked.queue_url), now());
        let known = self.shelf.look(|queues| {
            let queue = queues.get(name)?;
            let hidden = queue.messages.iter().filter(|message| message.hidden_until > now).count();
            Some([
                ("QueueArn", wire::arn("sqs", name)),
                ("ApproximateNumberOfMessages", (queue.messages.len() - hidden).to_string()),
                ("ApproximateNumberOfMessagesNotVisible", hidden.to_string()),
                ("VisibilityTimeout", queue.visibility_timeout.to_string()),
            ])
        });
        let wanted = |attribute: &str| asked.attribute_names.iter().any(|name| name == "All" || name == attribute);
        let attributes = known.ok_or_else(no_queue)?.into_iter().filter(|(name, _)| wanted(name));
        Ok(json!({ "Attributes": attributes.collect::<BTreeMap<_, _>>() }))
    }
}

/// The default of SQS.
pub(crate) const VISIBILITY_TIMEOUT: u32 = 30;

impl Message {
    fn describe(&self, asked: &ReceiveMessage) -> Json {
        let milliseconds = |seconds: f64| format!("{:.0}", seconds * 1000.0);
        let system = [
            ("ApproximateReceiveCount", self.receives.to_string()),
            ("SentTimestamp", milliseconds(self.sent)),
            ("ApproximateFirstReceiveTimestamp", milliseconds(self.first_received.unwrap_or(self.sent))),
        ];
        let wanted = |names: &[String], name: &str| names.iter().any(|asked| asked == "All" || asked == name);
        let system = system.into_iter().filter(|(name, _)| wanted(&asked.message_system_attribute_names, name));
        let own = self.attributes.iter().filter(|(name, _)| wanted(&asked.message_attribute_names, name));
        json!({
            "MessageId": self.id,
            "ReceiptHandle": self.receipt,
            "Body": self.body,
            "Attributes": system.collect::<BTreeMap<_, _>>(),
            "MessageAttributes": own.collect::<BTreeMap<_, _>>(),
        })
    }
}

/// The name in a queue's URL or ARN.
fn name(queue: &str) -> &str {
    queue.rsplit(['/', ':']).next().unwrap_or(queue)
}

fn no_queue() -> Refusal {
    Refusal::new("QueueDoesNotExist", "The specified queue does not exist.")
}
