//! One queue: its messages come, hide and go.

use super::ReceiveMessage;
use crate::wire::ACCOUNT;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// A queue.
#[derive(Serialize, Deserialize)]
pub(super) struct Queue {
    /// How long a received message stays hidden, in seconds.
    pub(super) visibility_timeout: u32,
    pub(super) redrive_policy: Option<RedrivePolicy>,
    /// Oldest first.
    pub(super) messages: Vec<Message>,
}

/// Where a message goes instead of being received too often.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedrivePolicy {
    pub(super) dead_letter_target_arn: String,
    max_receive_count: NonZeroU32,
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
    /// How often it was received, from whichever queue.
    pub receives: u32,
    /// How often it was received from the queue that it is in.
    #[serde(default)]
    receives_here: u32,
    /// Of the last time it was received.
    pub(crate) receipt: String,
    /// Seconds since 1970, like the other times.
    sent: f64,
    first_received: Option<f64>,
    pub(super) hidden_until: f64,
}

impl Queue {
    pub(super) fn new(visibility_timeout: u32, redrive_policy: Option<RedrivePolicy>) -> Self {
        Self { visibility_timeout, redrive_policy, messages: Vec::new() }
    }

    /// Takes out the visible messages that were received as often as they may be, and says where they belong.
    pub(super) fn redrive(&mut self, now: f64) -> Option<(String, Vec<Message>)> {
        let policy = self.redrive_policy.as_ref()?;
        let most = policy.max_receive_count.get();
        let is_spent = |message: &mut Message| message.hidden_until <= now && message.receives_here >= most;
        let spent = self.messages.extract_if(.., is_spent);
        let spent: Vec<Message> = spent.map(|message| Message { receives_here: 0, ..message }).collect();
        (!spent.is_empty()).then(|| (policy.dead_letter_target_arn.clone(), spent))
    }

    /// Hides the first so many visible messages, and returns them as they are then.
    pub(super) fn receive(&mut self, most: usize, hidden_for: Option<u32>, receipt: &str, now: f64) -> Vec<Message> {
        let hidden_until = now + f64::from(hidden_for.unwrap_or(self.visibility_timeout));
        let visible = self.messages.iter_mut().filter(|message| message.hidden_until <= now);
        let received = visible.take(most).map(|message| {
            message.receives += 1;
            message.receives_here += 1;
            message.first_received.get_or_insert(now);
            message.hidden_until = hidden_until;
            message.receipt = format!("{}/{receipt}", message.id);
            message.clone()
        });
        received.collect()
    }
}

impl Message {
    pub(super) fn new(id: String, body: String, attributes: Map<String, Json>, sent: f64) -> Self {
        Self {
            id,
            body,
            attributes,
            receives: 0,
            receives_here: 0,
            receipt: String::new(),
            sent,
            first_received: None,
            hidden_until: sent,
        }
    }

    /// What SQS itself says of a message that was received.
    pub(crate) fn system_attributes(&self) -> [(&'static str, String); 4] {
        let milliseconds = |seconds: f64| format!("{:.0}", seconds * 1000.0);
        [
            ("ApproximateReceiveCount", self.receives.to_string()),
            ("SentTimestamp", milliseconds(self.sent)),
            // The role of whoever sent it; here nobody has one.
            ("SenderId", ACCOUNT.to_owned()),
            ("ApproximateFirstReceiveTimestamp", milliseconds(self.first_received.unwrap_or(self.sent))),
        ]
    }

    pub(super) fn describe(&self, asked: &ReceiveMessage) -> Json {
        let wanted = |names: &[String], name: &str| names.iter().any(|asked| asked == "All" || asked == name);
        let system = self.system_attributes().into_iter();
        let system = system.filter(|(name, _)| wanted(&asked.message_system_attribute_names, name));
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Message, Queue};
    use serde_json::{Map, json};

    #[test]
    fn a_message_that_moved_may_be_received_as_often_as_its_new_queue_allows() {
        let policy = serde_json::from_value(json!({ "deadLetterTargetArn": "next", "maxReceiveCount": 1 })).unwrap();
        let mut queue = Queue::new(0, Some(policy));
        queue.messages.push(Message::new("id".to_owned(), String::new(), Map::new(), 0.0));
        for receives in [1, 2] {
            assert!(queue.redrive(0.0).is_none());
            assert_eq!(queue.receive(10, None, "receipt", 0.0).first().unwrap().receives, receives);
            let (target, moved) = queue.redrive(0.0).unwrap();
            assert_eq!((target.as_str(), moved.len()), ("next", 1));
            queue.messages.extend(moved);
        }
    }

    #[test]
    fn a_hidden_message_stays_however_often_it_was_received() {
        let policy = serde_json::from_value(json!({ "deadLetterTargetArn": "next", "maxReceiveCount": 1 })).unwrap();
        let mut queue = Queue::new(30, Some(policy));
        queue.messages.push(Message::new("id".to_owned(), String::new(), Map::new(), 0.0));
        assert_eq!(queue.receive(10, None, "receipt", 0.0).len(), 1);
        assert!(queue.redrive(29.0).is_none());
        assert!(queue.redrive(30.0).is_some());
    }
}
