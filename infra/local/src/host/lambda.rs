//! One function: its environments, and which of them takes the next event.

use super::environment::{Environment, Failure, Lines};
use crate::saved::lock;
use crate::wire::{ACCOUNT, REGION};
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// What runs, and how.
#[derive(Clone, Debug)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// What it finds in its environment, beside what Lambda puts there.
    pub environment: BTreeMap<String, String>,
    /// The function's name.
    pub name: String,
    /// How long one event may take.
    pub timeout: Duration,
    /// Only told to the function.
    pub memory_mib: u32,
}

impl Program {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.name)
    }
}

/// What a function made of an event.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it answered.
    pub body: Bytes,
    /// From handing the event to the process to receiving the answer.
    pub took: Duration,
    /// What the start of this process took, until it first asked for an event; it may have been earlier.
    pub init: Duration,
}

/// A function. Clones are the same function.
#[derive(Clone)]
pub struct Lambda {
    pool: Arc<Pool>,
}

struct Pool {
    program: Mutex<Program>,
    state: Mutex<State>,
    lines: Lines,
}

#[derive(Default)]
struct State {
    /// The one that was used last is at the end, and is used next.
    idle: Vec<Arc<Environment>>,
    /// Every process there is, also those with an event.
    all: Vec<Weak<Environment>>,
    generation: u64,
}

impl Lambda {
    /// A function; nothing is started yet.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self { pool: Arc::new(Pool { program: Mutex::new(program), state: Mutex::default(), lines: Lines::default() }) }
    }

    /// Hands an event to a process that is idle, or else to a new one. The function goes on to its end also when
    /// nobody waits for its answer any more.
    ///
    /// # Errors
    /// [`Failure`] says why there is no answer.
    pub async fn invoke(&self, event: impl Into<Bytes>) -> Result<Answer, Failure> {
        let (pool, event) = (Arc::clone(&self.pool), event.into());
        let work = async move {
            let environment = pool.take().await?;
            let limit = lock(&pool.program).timeout;
            let result = environment.invoke(event, limit).await;
            if let Ok(_) | Err(Failure::Function { .. }) = result {
                pool.give_back(environment);
            }
            result
        };
        tokio::spawn(work).await.unwrap_or(Err(Failure::Died))
    }

    /// Starts one more process, which waits for an event; says how long it took until it asked for one.
    ///
    /// # Errors
    /// [`Failure`] says why it does not.
    pub async fn init(&self) -> Result<Duration, Failure> {
        let environment = self.pool.start().await?;
        let took = environment.init().await?;
        self.pool.give_back(environment);
        Ok(took)
    }

    /// Ends every process that is idle now, and those with an event when they have answered: the next event meets a
    /// cold start.
    pub fn restart(&self) {
        let mut state = lock(&self.pool.state);
        state.generation += 1;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    /// Kills every process, whatever it is doing. Their events are not answered.
    pub fn kill(&self) {
        let all = std::mem::take(&mut lock(&self.pool.state).all);
        for environment in all.iter().filter_map(Weak::upgrade) {
            environment.kill();
        }
        self.restart();
    }

    /// Sets one variable for processes started from now on, and ends the idle ones, as deploying it would.
    pub fn set_environment(&self, name: &str, value: &str) {
        lock(&self.pool.program).environment.insert(name.to_owned(), value.to_owned());
        self.restart();
    }

    /// How long one event may take, from now on. Returns how long it could until now.
    pub fn set_timeout(&self, timeout: Duration) -> Duration {
        std::mem::replace(&mut lock(&self.pool.program).timeout, timeout)
    }

    /// How many processes there are.
    #[must_use]
    pub fn processes(&self) -> usize {
        let state = lock(&self.pool.state);
        state.all.iter().filter_map(Weak::upgrade).filter(|environment| environment.is_alive()).count()
    }

    /// Every line its processes printed, to the standard output or error. What was printed before an answer is there
    /// once the answer is.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.pool.lines.all()
    }

    /// Forgets what was printed so far.
    pub fn clear_logs(&self) {
        self.pool.lines.clear();
    }
}

impl Pool {
    async fn take(&self) -> Result<Arc<Environment>, Failure> {
        while let Some(environment) = self.pop() {
            if environment.is_alive() {
                return Ok(environment);
            }
        }
        self.start().await
    }

    fn pop(&self) -> Option<Arc<Environment>> {
        lock(&self.state).idle.pop()
    }

    async fn start(&self) -> Result<Arc<Environment>, Failure> {
        // In this order: a process of an older program must not pass for one of the newer generation.
        let generation = lock(&self.state).generation;
        let program = lock(&self.program).clone();
        let environment = Arc::new(Environment::start(&program, self.lines.clone(), generation).await?);
        let mut state = lock(&self.state);
        state.all.retain(|known| known.strong_count() > 0);
        state.all.push(Arc::downgrade(&environment));
        Ok(environment)
    }

    fn give_back(&self, environment: Arc<Environment>) {
        let mut state = lock(&self.state);
        if environment.generation == state.generation {
            state.idle.push(environment);
        }
    }
}
