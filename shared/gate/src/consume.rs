//! Functions that work off a queue.
//!
//! Each message stands for itself: what fails is named to Lambda and comes back after the queue's visibility timeout,
//! until the queue gives it up to its dead-letter queue. So a consumer must be able to see a message twice.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use kernel::Fault;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, de::DeserializeOwned};
use vault::Moment;

use crate::{
    follow::{Answer, Failure},
    runtime::quiet_panics,
    unattended::{Deadline, Tally},
};

/// A function that works off a queue.
pub trait Consumer: Send + Sync + 'static {
    /// The function's name.
    const NAME: &'static str;
    /// What a message says, in JSON.
    type Message: DeserializeOwned + Send;

    /// Does what the message asks for, once, however often it comes, as far as the time goes. Gives what it adds to the function's metrics.
    fn consume(
        &self,
        message: Self::Message,
        now: Moment,
        deadline: Deadline,
    ) -> impl Future<Output = Result<&'static [&'static str], Fault>> + Send;
}

/// Messages of the queue.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    body: String,
}

/// Consumes until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn consume<C: Consumer>(consumer: C) -> Result<(), lambda_runtime::Error> {
    quiet_panics();
    let consumer = &consumer;
    let service = service_fn(move |event: LambdaEvent<Batch>| async move {
        let deadline = Deadline::new(event.context.deadline());
        Ok::<_, lambda_runtime::Error>(deadline.keep(batch(consumer, event.payload.records, deadline)).await)
    });
    lambda_runtime::run(service).await
}

async fn batch<C: Consumer>(consumer: &C, messages: Vec<Message>, deadline: Deadline) -> Answer {
    let began = Moment::now();
    let mut tally = Tally::default();
    let mut batch_item_failures = Vec::new();
    for Message { message_id, body } in messages {
        tally.short_of_time = deadline.is_near();
        let outcome = if tally.short_of_time { None } else { Some(one(consumer, &body, deadline).await) };
        match outcome {
            Some(Ok(names)) => tally.done(names),
            Some(Err(fault)) => {
                tally.failed = Some(fault);
                batch_item_failures.push(Failure { item_identifier: message_id });
            }
            None => batch_item_failures.push(Failure { item_identifier: message_id }),
        }
    }
    tally.log(C::NAME, began);
    Answer { batch_item_failures }
}

async fn one<C: Consumer>(consumer: &C, body: &str, deadline: Deadline) -> Result<&'static [&'static str], Fault> {
    // The message of serde's error quotes what it read.
    let message = serde_json::from_str(body).map_err(|_| Fault::internal("a message cannot be read"))?;
    let step: BoxFuture<'_, _> = Box::pin(consumer.consume(message, Moment::now(), deadline));
    AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|_| Err(Fault::internal("panic")))
}
