//! Follows one stream for one function, as Lambda's event source mapping does.

use super::letter::{self, Reason};
use super::line::Line;
use super::stream::{Record, Shard};
use super::work::{Outcome, Rest, Work};
use super::{Invoker, Pace};
use crate::cloud::Services;
use crate::host::Failure;
use crate::provision::{Start, StreamMapping};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// What Lambda puts into one event at most, in bytes.
const LARGEST: usize = 6 * 1024 * 1024;

/// How often a stream is read without any sign of a write, for what was written before or by other ways.
const POLL: Duration = Duration::from_secs(1);

/// Everything that following one stream takes.
pub(super) struct Follower {
    pub(super) mapping: StreamMapping,
    pub(super) shard: Shard,
    pub(super) services: Arc<Services>,
    pub(super) invoker: Invoker,
    pub(super) pace: Pace,
    /// How many hold the delivery up.
    pub(super) pauses: watch::Receiver<usize>,
    pub(super) line: Arc<Line>,
}

/// What is next in the stream.
struct Next {
    records: Vec<Record>,
    /// The last record that was looked at, also when it is not wanted.
    through: String,
    /// Whether there is no room for more.
    is_full: bool,
}

impl Follower {
    /// Under which name the position is kept. The ARN tells a table from one that had its name before.
    fn key(&self) -> String {
        let target = &self.mapping.target;
        format!("{}.{} {}", target.function.logical_id, target.event, self.mapping.stream)
    }

    /// Where the stream is followed from, if it was not followed before.
    pub(super) fn place(&self, last: Option<String>) {
        let is_new = self.services.positions.look(|positions| !positions.contains_key(&self.key()));
        if let (true, Start::Latest, Some(last)) = (is_new, self.mapping.start, last) {
            self.checkpoint(last);
        }
    }

    /// Follows until it is dropped.
    pub(super) async fn follow(mut self) {
        let mut writes = self.services.dynamo.writes.subscribe();
        let line = Arc::clone(&self.line);
        let mut asked = line.questions();
        let mut closes = None;
        loop {
            let question = *asked.borrow_and_update();
            writes.mark_unchanged();
            let wait_until = match self.next().await {
                Ok(None) => {
                    line.delivered(question);
                    Instant::now() + POLL
                }
                Ok(Some(next)) if next.records.is_empty() => {
                    self.checkpoint(next.through);
                    continue;
                }
                Ok(Some(_)) if *self.pauses.borrow() > 0 => {
                    self.unpaused().await;
                    continue;
                }
                Ok(Some(next)) => {
                    let closes_at = *closes.get_or_insert_with(|| Instant::now() + self.mapping.window);
                    let is_asked = line.is_open(question);
                    if next.is_full || is_asked || closes_at <= Instant::now() {
                        closes = None;
                        self.deliver(next).await;
                        continue;
                    }
                    closes_at
                }
                Err(problem) => {
                    eprintln!("events: {}: {problem}", self.mapping.stream);
                    Instant::now() + POLL
                }
            };
            // Both senders live in what we hold, so waiting cannot fail.
            tokio::select! {
                _ = writes.changed() => {}
                _ = asked.changed() => {}
                () = sleep_until(wait_until) => {}
            }
        }
    }

    /// Reads from where the function is; `None` at the end of the stream.
    async fn next(&self) -> Result<Option<Next>, String> {
        let position = self.services.positions.look(|positions| positions.get(&self.key()).cloned());
        // Enough to find some that are wanted, also for small batches.
        let (shard, most) = (self.shard.clone(), self.mapping.batch_size.clamp(100, 1000));
        let read = tokio::task::spawn_blocking(move || shard.after(position.as_deref(), most));
        let records = read.await.map_err(|error| error.to_string())??;
        let mut next = Next { records: Vec::new(), through: String::new(), is_full: false };
        let mut bytes = 0;
        for record in records {
            let number = record.number.clone();
            if self.wants(&record) {
                bytes += record.bytes;
                if bytes > LARGEST && !next.records.is_empty() {
                    next.is_full = true;
                    break;
                }
                next.records.push(record);
            }
            next.through = number;
            if next.records.len() == self.mapping.batch_size {
                next.is_full = true;
                break;
            }
        }
        Ok((!next.through.is_empty()).then_some(next))
    }

    fn wants(&self, record: &Record) -> bool {
        let patterns = &self.mapping.patterns;
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.fits(Some(&record.json)))
    }

    /// Hands records over until each is done or given up.
    async fn deliver(&mut self, next: Next) {
        let mut rest = vec![Work::new(next.records)];
        let mut setbacks = 0;
        while let Some(mut work) = rest.pop() {
            self.unpaused().await;
            if let Some(expired) = work.expire(self.mapping.oldest, Timestamp::now().as_second()) {
                self.give_up(&expired, Reason::RecordAgeExceeded, None);
            }
            if work.records.is_empty() {
                continue;
            }
            let (outcome, failure) = self.attempt(&work).await;
            let (done, remains) = work.after(outcome, &self.mapping);
            if let Rest::GivenUp(work) = &remains {
                self.give_up(work, Reason::RetryAttemptsExhausted, failure.as_ref());
            }
            setbacks = if done.is_some() { 0 } else { setbacks + 1 };
            if let Some(done) = done {
                self.checkpoint(done);
            }
            if let Rest::Again(works) = remains {
                rest.extend(works.into_iter().rev());
                sleep(self.pace.delay(setbacks)).await;
            }
        }
        self.checkpoint(next.through);
    }

    async fn attempt(&self, work: &Work) -> (Outcome, Option<Failure>) {
        let function = &self.mapping.target.function;
        match self.invoker.invoke(&function.binary, work.event()).await {
            Ok(answer) => (Outcome::of(&answer, &work.records, self.mapping.reports), None),
            Err(failure) => {
                let (count, attempt) = (work.records.len(), work.attempts + 1);
                eprintln!("events: {}, attempt {attempt} with {count} records: {failure}", function.logical_id);
                (Outcome::Failed, Some(failure))
            }
        }
    }

    /// Tells the queue, if there is one.
    fn give_up(&self, work: &Work, reason: Reason, failure: Option<&Failure>) {
        let Some(queue) = &self.mapping.dead_letters else { return };
        let letter = letter::write(&self.mapping, &self.shard.id, work, reason, failure);
        if let Err(refusal) = self.services.sqs.send(queue, letter, serde_json::Map::new()) {
            eprintln!("events: {queue} did not take a letter: {}", refusal.message);
        }
    }

    fn checkpoint(&self, number: String) {
        if self.services.positions.look(|positions| positions.get(&self.key()) == Some(&number)) {
            return;
        }
        let moved = self.services.positions.change(|positions: &mut super::Positions| {
            positions.insert(self.key(), number);
            Ok::<_, std::io::Error>(())
        });
        if let Err(error) = moved {
            eprintln!("events: the position in {} could not be kept: {error}", self.mapping.stream);
        }
    }

    async fn unpaused(&mut self) {
        // The sender outlives the followers, so waiting cannot fail.
        let _ = self.pauses.wait_for(|pauses| *pauses == 0).await;
    }
}
