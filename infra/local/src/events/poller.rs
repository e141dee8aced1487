//! Polls one queue for one function, as Lambda's event source mapping does.

use super::line::Line;
use super::{Invoker, Pace, answer};
use crate::cloud::Services;
use crate::provision::QueueMapping;
use crate::sqs::Message;
use crate::wire::{REGION, Refusal};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long to wait when the queue's state could not be kept.
const RECOVERY: Duration = Duration::from_secs(1);

/// Everything that polling one queue takes.
pub(super) struct Poller {
    pub(super) mapping: QueueMapping,
    pub(super) services: Arc<Services>,
    pub(super) invoker: Invoker,
    pub(super) pace: Pace,
    /// How many hold the delivery up.
    pub(super) pauses: watch::Receiver<usize>,
    pub(super) line: Arc<Line>,
}

impl Poller {
    /// Polls until it is dropped.
    pub(super) async fn poll(mut self) {
        let mut arrivals = self.services.sqs.arrivals.subscribe();
        let mut asked = self.line.questions();
        let mut setbacks = 0;
        loop {
            let question = *asked.borrow_and_update();
            let is_paused = *self.pauses.borrow_and_update() > 0;
            arrivals.mark_unchanged();
            let wait = match self.services.sqs.next_visible(&self.mapping.queue) {
                None => {
                    self.line.delivered(question);
                    None
                }
                Some(_) if is_paused => None,
                Some(wait) if wait.is_zero() => match self.deliver(&mut setbacks).await {
                    Ok(()) => continue,
                    Err(refusal) => {
                        eprintln!("events: {}: {}", self.mapping.queue, refusal.message);
                        Some(RECOVERY)
                    }
                },
                wait => wait,
            };
            // The senders outlive the pollers, so waiting cannot fail.
            tokio::select! {
                _ = arrivals.changed() => {}
                _ = asked.changed() => {}
                _ = self.pauses.changed() => {}
                () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            }
        }
    }

    /// Hands one batch over. What failed comes back, unless its queue's redrive policy moves it.
    async fn deliver(&self, setbacks: &mut u32) -> Result<(), Refusal> {
        let (sqs, queue) = (&self.services.sqs, &self.mapping.queue);
        let messages = sqs.receive(queue, self.mapping.batch_size, None)?;
        if messages.is_empty() {
            return Ok(());
        }
        let failed = self.attempt(&messages).await;
        let (mut done, mut left) = (Vec::new(), Vec::new());
        for (place, message) in messages.iter().enumerate() {
            let is_done = failed.as_ref().is_some_and(|failed| !failed.contains(&place));
            if is_done { &mut done } else { &mut left }.push(message.receipt.as_str());
        }
        *setbacks = if done.is_empty() { *setbacks + 1 } else { 0 };
        sqs.delete(queue, &done)?;
        match self.pace.return_delay(*setbacks) {
            Some(delay) if !left.is_empty() => {
                sleep(delay).await;
                sqs.unhide(queue, &left)
            }
            _ => Ok(()),
        }
    }

    /// The places of the messages that failed; `None` is all.
    async fn attempt(&self, messages: &[Message]) -> Option<Vec<usize>> {
        let function = &self.mapping.target.function;
        let records: Vec<Json> = messages.iter().map(|message| self.record(message)).collect();
        let event = json!({ "Records": records }).to_string();
        match self.invoker.invoke(&function.binary, event).await {
            Ok(_) if !self.mapping.reports => Some(Vec::new()),
            Ok(answer) => {
                let ids: Vec<&str> = messages.iter().map(|message| message.id.as_str()).collect();
                answer::failures(&answer, &ids)
            }
            Err(failure) => {
                eprintln!("events: {} with {} messages: {failure}", function.logical_id, messages.len());
                None
            }
        }
    }

    /// A message as the function gets it.
    fn record(&self, message: &Message) -> Json {
        let attributes = message.attributes.iter().map(|(name, value)| (name, attribute(value)));
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": BTreeMap::from(message.system_attributes()),
            "messageAttributes": attributes.collect::<BTreeMap<_, _>>(),
            "md5OfBody": format!("{:x}", md5::compute(&message.body)),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.mapping.queue,
            "awsRegion": REGION,
        })
    }
}

/// A message attribute, whose members Lambda writes with a small letter: `StringValue` is `stringValue`.
fn attribute(value: &Json) -> Json {
    let mut written =
        Map::from_iter([("stringListValues".to_owned(), json!([])), ("binaryListValues".to_owned(), json!([]))]);
    for (name, value) in value.as_object().into_iter().flatten() {
        let (first, rest) = name.split_at_checked(1).unwrap_or_default();
        written.insert(first.to_lowercase() + rest, value.clone());
    }
    Json::Object(written)
}
