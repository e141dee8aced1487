//! The half of Lambda that nobody calls: it follows streams, polls queues and keeps schedules, and invokes functions.
//!
//! Streams are followed as event source mappings do it. Each function has one batch under way, in order. What fails is
//! tried again from the first record that failed, or in halves, and at last described to a queue and left behind.
//! How far a function is outlives the process when the cloud has a data folder; the records that were under way when
//! it ended are delivered again.
//!
//! Queues are polled by event source mappings too. Each function has one batch under way of each queue. What is done
//! is deleted; what failed comes back when its visibility timeout is over, until the queue's redrive policy, if it has
//! one, moves it to the dead-letter queue.
//!
//! | room | what is there |
//! |---|---|
//! | `follower` | one stream for one function |
//! | `stream` | records, as they are read |
//! | `filter` | which of them a function wants |
//! | `work` | a batch: what became of it, what is next |
//! | `letter` | what a dead-letter queue is told |
//! | `poller` | one queue for one function |
//! | `answer` | which items of a batch a function says have failed |
//! | `line` | how whoever waits learns that everything is delivered |
//! | `clock` | what a scheduled function is told |
//! | `invoker` | how functions are reached |
//!
//! Deliberately absent: more than one batch at a time, tumbling windows, batching windows and filters of queues, the
//! MD5 sums of message attributes, other sources, retries of scheduled events.

mod answer;
mod clock;
mod filter;
mod follower;
mod invoker;
mod letter;
mod line;
mod poller;
mod stream;
mod work;

pub(crate) use filter::Pattern;
pub use invoker::Invoker;

use crate::cloud::{Cloud, Services};
use crate::error::CloudError;
use crate::host::Failure;
use crate::provision::{Schedule, Stack};
use axum::body::Bytes;
use follower::Follower;
use line::Line;
use poller::Poller;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use stream::Shard;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The last record that each follower is done with.
pub(crate) type Positions = BTreeMap<String, String>;

/// How patient the events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Tries again within milliseconds, also what came from a queue; schedules come round only on demand.
    Tests,
    /// Tries again within seconds, because a function may be compiling, and what came from a queue after its visibility
    /// timeout; schedules come round by their rates.
    Development,
}

impl Pace {
    /// How long to wait after so many failures in a row.
    fn delay(self, setbacks: u32) -> Duration {
        let (first, longest) = match self {
            Self::Tests => (Duration::from_millis(1), Duration::from_millis(20)),
            Self::Development => (Duration::from_millis(500), Duration::from_secs(30)),
        };
        first.saturating_mul(2_u32.saturating_pow(setbacks.saturating_sub(1))).min(longest)
    }

    /// How long a message that failed stays hidden after so many failures in a row; `None` is for its queue's
    /// visibility timeout.
    fn return_delay(self, setbacks: u32) -> Option<Duration> {
        match self {
            Self::Tests => Some(self.delay(setbacks)),
            Self::Development => None,
        }
    }
}

/// The events of a stack. Dropping it ends the delivery; the functions finish what they have.
pub struct Events {
    services: Arc<Services>,
    invoker: Invoker,
    schedules: Vec<Schedule>,
    lines: Vec<Arc<Line>>,
    pauses: watch::Sender<usize>,
    tasks: Vec<AbortHandle>,
}

/// Holds the delivery up. Dropping it lets it go on.
#[must_use = "dropping a pause ends it"]
pub struct Pause(watch::Sender<usize>);

impl Events {
    /// Follows every stream and polls every queue that are event sources of the stack's functions, from here on. For
    /// one stack, once at a time.
    ///
    /// # Errors
    /// When a stream cannot be read, and when a queue is not there.
    pub fn start(cloud: &Cloud, stack: &Stack, invoker: &Invoker, pace: Pace) -> Result<Self, CloudError> {
        let services = Arc::clone(&cloud.services);
        let pauses = watch::Sender::new(0);
        let mut events = Self {
            services: Arc::clone(&services),
            invoker: invoker.clone(),
            schedules: stack.schedules.clone(),
            lines: Vec::new(),
            pauses,
            tasks: Vec::new(),
        };
        for mapping in &stack.streams {
            let unreadable = |problem| CloudError::Table { table: mapping.stream.clone(), problem };
            let (shard, last) = Shard::open(services.dynamo.database.clone(), &mapping.stream).map_err(unreadable)?;
            let line = Arc::<Line>::default();
            let follower = Follower {
                mapping: mapping.clone(),
                shard,
                services: Arc::clone(&services),
                invoker: invoker.clone(),
                pace,
                pauses: events.pauses.subscribe(),
                line: Arc::clone(&line),
            };
            follower.place(last);
            events.lines.push(line);
            events.tasks.push(tokio::spawn(follower.follow()).abort_handle());
        }
        for mapping in &stack.queues {
            if services.sqs.messages(&mapping.queue).is_none() {
                return Err(CloudError::template(&mapping.queue, "is not a queue"));
            }
            let line = Arc::<Line>::default();
            let poller = Poller {
                mapping: mapping.clone(),
                services: Arc::clone(&services),
                invoker: invoker.clone(),
                pace,
                pauses: events.pauses.subscribe(),
                line: Arc::clone(&line),
            };
            events.lines.push(line);
            events.tasks.push(tokio::spawn(poller.poll()).abort_handle());
        }
        if pace == Pace::Development {
            for schedule in &stack.schedules {
                events.tasks.extend(come_round(schedule.clone(), invoker.clone()));
            }
        }
        Ok(events)
    }

    /// Waits until every record that is in a stream now, and every one that functions add meanwhile, was delivered or
    /// given up, every queue that is an event source has no message left, visible or hidden, and no batch is under way.
    /// A pause makes it wait for as long as there is something to deliver.
    pub async fn settled(&self) {
        let mut writes = self.services.dynamo.writes.subscribe();
        let arrivals = self.services.sqs.arrivals.subscribe();
        loop {
            // The sender lives in what we hold, so waiting cannot fail.
            let before = writes.wait_for(|writes| writes.are_over()).await.map(|writes| *writes);
            let arrived = *arrivals.borrow();
            let questions: Vec<u64> = self.lines.iter().map(|line| line.ask()).collect();
            for (line, question) in self.lines.iter().zip(questions) {
                line.answer(question).await;
            }
            // Nothing came in since before each of them had nothing to do, so now none has.
            let is_quiet = before.is_ok_and(|before| before == *writes.borrow()) && arrived == *arrivals.borrow();
            if is_quiet {
                return;
            }
        }
    }

    /// Hands out no batch from now on, until the pause ends. A batch that is under way goes on.
    pub fn pause(&self) -> Pause {
        self.pauses.send_modify(|pauses| *pauses += 1);
        Pause(self.pauses.clone())
    }

    /// Delivers everything that is in the streams once more, from the beginning, also to those that followed from
    /// later on: Lambda promises to deliver at least once. Returns when all is settled.
    pub async fn deliver_again(&self) {
        self.settled().await;
        let forgotten = self.services.positions.change(|positions: &mut Positions| {
            positions.clear();
            Ok::<_, std::io::Error>(())
        });
        if let Err(error) = forgotten {
            eprintln!("events: the positions could not be kept: {error}");
        }
        self.settled().await;
    }

    /// Delivers nothing more; the functions finish what they have.
    pub(crate) fn end(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }

    /// Lets a schedule come round now, and returns what the function answers. It goes by the logical id of its
    /// function or the name of its event, which must be one schedule's alone.
    ///
    /// # Errors
    /// When there is not exactly one such schedule, and when the function fails.
    pub async fn run_schedule(&self, name: &str) -> Result<Bytes, Failure> {
        let is_meant = |schedule: &&Schedule| {
            let target = &schedule.target;
            target.function.logical_id == name || target.event == name
        };
        let mut meant = self.schedules.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(schedule), None) => run(schedule, &self.invoker).await,
            _ => Err(Failure::NoSchedule(name.to_owned())),
        }
    }
}

async fn run(schedule: &Schedule, invoker: &Invoker) -> Result<Bytes, Failure> {
    invoker.invoke(&schedule.target.function.binary, clock::event(schedule)).await
}

/// Lets a schedule with a rate come round by it.
fn come_round(schedule: Schedule, invoker: Invoker) -> Option<AbortHandle> {
    let every = schedule.every?;
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            if let Err(failure) = run(&schedule, &invoker).await {
                eprintln!("events: {}: {failure}", schedule.target.function.logical_id);
            }
        }
    });
    Some(task.abort_handle())
}

impl Drop for Events {
    fn drop(&mut self) {
        self.end();
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.send_modify(|pauses| *pauses -= 1);
    }
}
