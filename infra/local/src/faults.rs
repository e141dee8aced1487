//! Faults on demand: rules that make matching calls fail, and gates that hold them.
//!
//! Only a test in the same process can set one; nothing on the wire can. Every attempt counts as a call, so a
//! client that retries meets a rule as often as it tries.

use crate::saved::lock;
use crate::wire::Service;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What a matching call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused for its rate: `ProvisionedThroughputExceededException`, `ThrottlingException`, 429 or `SlowDown`.
    Throttle,
    /// The service failed before it did anything: status 500.
    InternalError,
    /// No answer ever; nothing is applied.
    Timeout,
    /// The connection is reset; nothing is applied.
    Reset,
    /// The call is applied, then the connection is reset: the caller cannot know.
    ResetAfter,
    /// `BatchWriteItem` and `BatchGetItem` do the first half of what they are asked for (rounded down) and return the
    /// rest as unprocessed; a batch of one is throttled, as AWS does when nothing can be processed, and so is a call of
    /// S3.
    PartialBatch,
    /// A DynamoDB write loses against another transaction: `TransactionCanceledException` with
    /// `TransactionConflict` for its last item, or `TransactionConflictException` for a single write. The embedded
    /// DynamoDB never does this by itself. A call of S3 gets `OperationAborted`.
    Conflict,
}

/// Which calls a rule is about.
#[derive(Clone, Debug)]
pub struct When {
    service: Service,
    operation: Option<String>,
    containing: Option<String>,
    skip: usize,
    times: usize,
}

impl When {
    /// Calls of one operation: `When::call(Service::DynamoDb, "TransactWriteItems")`.
    pub fn call(service: Service, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::any(service) }
    }

    /// All calls of a service.
    pub fn any(service: Service) -> Self {
        Self { service, operation: None, containing: None, skip: 0, times: usize::MAX }
    }

    /// Only calls whose body contains this text: a table's or a secret's name, say. Of S3, whose path contains it:
    /// a bucket's name, or a part of a key.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.containing = Some(text.to_owned());
        self
    }

    /// Lets the first `calls` matching calls pass.
    #[must_use]
    pub fn skip(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// After those, matches this many calls and no more.
    #[must_use]
    pub fn times(mut self, calls: usize) -> Self {
        self.times = calls;
        self
    }

    fn is_about(&self, service: Service, operation: &str, body: &[u8]) -> bool {
        let holds = |text: &String| {
            let text = text.as_bytes();
            text.is_empty() || body.windows(text.len()).any(|window| window == text)
        };
        self.service == service
            && self.operation.as_ref().is_none_or(|name| name == operation)
            && self.containing.as_ref().is_none_or(holds)
    }
}

/// A call that arrived.
#[derive(Clone, Debug)]
pub struct Met {
    /// Whose operation.
    pub service: Service,
    /// Its name.
    pub operation: String,
    /// What [`When::containing`] looks into.
    pub subject: Vec<u8>,
}

/// The rules of one cloud. Clones share them.
#[derive(Clone, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Arc<Rule>>>>,
    /// While somebody listens, what arrived.
    heard: Arc<Mutex<Option<Vec<Met>>>>,
}

struct Rule {
    when: When,
    seen: AtomicUsize,
    stopped: AtomicBool,
    /// How many calls this rule has caught.
    caught: watch::Sender<usize>,
    action: Action,
}

enum Action {
    Fail(Fault),
    /// Calls wait until this becomes true.
    Hold(watch::Sender<bool>),
}

impl Rule {
    fn catches(&self, service: Service, operation: &str, body: &[u8]) -> bool {
        if self.stopped.load(Ordering::SeqCst) || !self.when.is_about(service, operation, body) {
            return false;
        }
        let turn = self.seen.fetch_add(1, Ordering::SeqCst);
        let caught = turn >= self.when.skip && turn - self.when.skip < self.when.times;
        if caught {
            self.caught.send_modify(|count| *count += 1);
        }
        caught
    }
}

impl Faults {
    /// Makes matching calls fail, until the rule's `times` are used up, it is stopped, or all are cleared. The
    /// oldest rule that catches a call decides.
    pub fn inject(&self, when: When, fault: Fault) -> Injected {
        Injected(self.add(when, Action::Fail(fault)))
    }

    /// Holds matching calls before anything is applied, until the gate is released or dropped. A released call
    /// goes on to meet the fault rules.
    pub fn hold(&self, when: When) -> Gate {
        let (open, _) = watch::channel(false);
        Gate(self.add(when, Action::Hold(open)))
    }

    /// Ends every rule and releases every held call.
    pub fn clear(&self) {
        for rule in lock(&self.rules).drain(..) {
            rule.stop();
        }
    }

    /// Writes every call down from here on.
    pub fn listen(&self) {
        *lock(&self.heard) = Some(Vec::new());
    }

    /// Every call since [`Faults::listen`], in the order in which they arrived. Nothing more is written down.
    pub fn heard(&self) -> Vec<Met> {
        lock(&self.heard).take().unwrap_or_default()
    }

    fn add(&self, when: When, action: Action) -> Arc<Rule> {
        let (caught, _) = watch::channel(0);
        let rule = Arc::new(Rule { when, seen: AtomicUsize::new(0), stopped: AtomicBool::new(false), caught, action });
        let mut rules = lock(&self.rules);
        rules.retain(|rule| !rule.stopped.load(Ordering::SeqCst));
        rules.push(Arc::clone(&rule));
        rule
    }

    /// What a call that has just arrived meets; waits as long as a gate holds it.
    pub(crate) async fn meet(&self, service: Service, operation: &str, body: &[u8]) -> Option<Fault> {
        if let Some(heard) = &mut *lock(&self.heard) {
            heard.push(Met { service, operation: operation.to_owned(), subject: body.to_vec() });
        }
        let rules = lock(&self.rules).clone();
        for rule in &rules {
            if let Action::Hold(open) = &rule.action
                && rule.catches(service, operation, body)
            {
                // The sender lives in the rule we hold, so waiting cannot fail.
                let _ = open.subscribe().wait_for(|open| *open).await;
            }
        }
        rules.iter().find_map(|rule| match rule.action {
            Action::Fail(fault) if rule.catches(service, operation, body) => Some(fault),
            _ => None,
        })
    }
}

impl Rule {
    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        if let Action::Hold(open) = &self.action {
            open.send_replace(true);
        }
    }

    async fn caught(&self, calls: usize) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.caught.subscribe().wait_for(|count| *count >= calls).await;
    }
}

/// A rule that fails calls. Dropping this leaves the rule in force.
pub struct Injected(Arc<Rule>);

impl Injected {
    /// How many calls it has failed.
    pub fn fired(&self) -> usize {
        *self.0.caught.borrow()
    }

    /// Waits until it has failed this many calls.
    pub async fn wait_fired(&self, calls: usize) {
        self.0.caught(calls).await;
    }

    /// Ends the rule.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// A rule that holds calls. Dropping it releases them, so that a failing test does not hang.
#[must_use = "dropping a gate opens it"]
pub struct Gate(Arc<Rule>);

impl Gate {
    /// Waits until this many calls have arrived at the gate.
    pub async fn arrived(&self, calls: usize) {
        self.0.caught(calls).await;
    }

    /// Lets the held calls go on, and later ones through.
    pub fn release(&self) {
        self.0.stop();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.stop();
    }
}
