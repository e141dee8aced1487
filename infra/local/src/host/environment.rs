//! One process of a function, and what it prints.

use super::desk::{Complaint, Desk, Invocation, Reply};
use super::lambda::{Answer, Program};
use crate::connection::Loopback;
use crate::random;
use crate::saved::lock;
use axum::body::Bytes;
use std::fmt;
use std::fs::File;
use std::io::{self, PipeReader, Read as _};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

/// Far more than Lambda's ten seconds, because a development machine may be compiling meanwhile.
const LONGEST_INIT: Duration = Duration::from_secs(60);

/// Why an event was not answered.
#[derive(Debug)]
pub enum Failure {
    /// There is no such binary.
    NotBuilt(PathBuf),
    /// The process could not be started.
    NotStarted(io::Error),
    /// The process ended, or reported an error, before it asked for an event.
    Init(String),
    /// The process ended while it had the event.
    Died,
    /// The function's time was over; its process was killed.
    TimedOut(Duration),
    /// No schedule has this name, or more than one.
    NoSchedule(String),
    /// The function answered with an error.
    Function {
        /// Its type, as the function names it.
        kind: String,
        /// Its text.
        message: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuilt(path) => {
                write!(f, "there is no {}: run `cargo build --workspace --bins` first", path.display())
            }
            Self::NotStarted(error) => write!(f, "the process could not be started: {error}"),
            Self::Init(problem) => write!(f, "the function could not start: {problem}"),
            Self::Died => f.write_str("the process ended without an answer"),
            Self::TimedOut(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            Self::NoSchedule(name) => write!(f, "{name} does not name one schedule"),
            Self::Function { kind, message } => write!(f, "{kind}: {message}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A process. Dropping it kills it, and returns when it is gone.
pub(super) struct Environment {
    process: Mutex<Child>,
    desk: Arc<Desk>,
    inbox: mpsc::Sender<Invocation>,
    output: Arc<Output>,
    ended: watch::Receiver<bool>,
    tasks: [AbortHandle; 2],
    /// Which restart of the function it belongs to.
    pub(super) generation: u64,
}

impl Environment {
    pub(super) async fn start(program: &Program, lines: Lines, generation: u64) -> Result<Self, Failure> {
        let (inbox, events) = mpsc::channel(1);
        let listener = Loopback::bind(0).await.map_err(Failure::NotStarted)?;
        let port = listener.port().map_err(Failure::NotStarted)?;
        let desk = Arc::new(Desk::new(program.arn(), events));
        let routes = Arc::clone(&desk).routes();
        let (process, printed) = spawn(program, port)?;
        let process = Mutex::new(process);
        let server = tokio::spawn(async move { axum::serve(listener, routes).await }).abort_handle();
        let output = Output::new(printed, lines).map_err(Failure::NotStarted)?;
        let (end, ended) = watch::channel(false);
        let reader = tokio::spawn(Arc::clone(&output).read(end)).abort_handle();
        Ok(Self { process, desk, inbox, output, ended, tasks: [server, reader], generation })
    }

    /// How long the process took from its start to asking for its first event.
    pub(super) async fn init(&self) -> Result<Duration, Failure> {
        let failed = |problem: &str| match self.desk.refusal() {
            Some(Complaint { error_type, error_message }) => Failure::Init(format!("{error_type}: {error_message}")),
            None => Failure::Init(format!("{problem}; it printed: {}", self.output.lines.last(8).join(" | "))),
        };
        tokio::select! {
            init = self.desk.init() => Ok(init),
            () = self.ended() => Err(failed("the process ended")),
            () = tokio::time::sleep(LONGEST_INIT) => Err(failed("the process did not ask for an event")),
        }
    }

    pub(super) async fn invoke(&self, event: Bytes, limit: Duration) -> Result<Answer, Failure> {
        let init = self.init().await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let id = random::uuid().map_err(Failure::NotStarted)?;
        let (reply, answer) = oneshot::channel();
        let deadline = (now + limit).as_millis();
        let invocation = Invocation { id: random::uuid_text(&id), event, deadline, reply };
        self.inbox.send(invocation).await.map_err(|_| Failure::Died)?;
        let answer = tokio::select! {
            answer = answer => answer.map_err(|_| Failure::Died),
            () = self.ended() => Err(Failure::Died),
            () = tokio::time::sleep(limit) => Err(Failure::TimedOut(limit)),
        };
        // What the process printed before it answered is in the pipe by now.
        self.output.drain();
        match answer? {
            Reply { result: Ok(body), took } => Ok(Answer { body, took, init }),
            Reply { result: Err(Complaint { error_type: kind, error_message: message }), .. } => {
                Err(Failure::Function { kind, message })
            }
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        !*self.ended.borrow()
    }

    /// Kills the process, whatever it is doing.
    pub(super) fn kill(&self) {
        let mut process = lock(&self.process);
        // Both fail only when the process has ended by itself and was waited for.
        let _ = process.kill();
        let _ = process.wait();
    }

    async fn ended(&self) {
        // The sender is dropped without a word only when the reading task is, and then all ends.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.kill();
        self.output.drain();
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts the process with exactly the environment that Lambda would give it.
fn spawn(program: &Program, port: u16) -> Result<(Child, PipeReader), Failure> {
    let (reader, writer) = io::pipe().map_err(Failure::NotStarted)?;
    let errors = writer.try_clone().map_err(Failure::NotStarted)?;
    let mut command = Command::new(&program.path);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(&program.environment);
    command
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"))
        .env("AWS_LAMBDA_FUNCTION_NAME", &program.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", program.memory_mib.to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    let child = command.stdin(Stdio::null()).stdout(writer).stderr(errors).spawn().map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing { Failure::NotBuilt(program.path.clone()) } else { Failure::NotStarted(error) }
    })?;
    Ok((child, reader))
}

/// Everything the processes of one function printed, a line each, in the order in which it was read.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub(super) fn all(&self) -> Vec<String> {
        lock(&self.0).clone()
    }

    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let lines = lock(&self.0);
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    fn push(&self, line: &[u8]) {
        lock(&self.0).push(String::from_utf8_lossy(line).into_owned());
    }
}

/// What one process prints. Its end is how the end of the process is noticed.
struct Output {
    readiness: pipe::Receiver,
    /// The same pipe, to be read without asking the event loop whether there is something.
    pipe: Mutex<(File, Vec<u8>)>,
    lines: Lines,
}

impl Output {
    fn new(printed: PipeReader, lines: Lines) -> io::Result<Arc<Self>> {
        let end = OwnedFd::from(printed);
        let copy = File::from(end.try_clone()?);
        // This makes the pipe non-blocking, for the copy too.
        let readiness = pipe::Receiver::from_owned_fd(end)?;
        Ok(Arc::new(Self { readiness, pipe: Mutex::new((copy, Vec::new())), lines }))
    }

    /// Reads until the process ends.
    async fn read(self: Arc<Self>, end: watch::Sender<bool>) {
        loop {
            if self.readiness.readable().await.is_err() || self.drain() {
                end.send_replace(true);
                return;
            }
            // Learns that there is nothing more, and with that waits for the next time. What it may read instead of
            // learning it belongs to the lines.
            let mut pipe = lock(&self.pipe);
            let mut chunk = [0; 4096];
            if let Ok(count) = self.readiness.try_read(&mut chunk) {
                self.split(&mut pipe.1, chunk.get(..count).unwrap_or_default());
            }
        }
    }

    /// Reads what is there; true when nothing more can come.
    fn drain(&self) -> bool {
        let mut pipe = lock(&self.pipe);
        let (file, rest) = &mut *pipe;
        let mut chunk = [0; 4096];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => {
                    if !rest.is_empty() {
                        self.lines.push(&std::mem::take(rest));
                    }
                    return true;
                }
                Ok(count) => self.split(rest, chunk.get(..count).unwrap_or_default()),
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
    }

    fn split(&self, rest: &mut Vec<u8>, chunk: &[u8]) {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            rest.extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
            if piece.ends_with(b"\n") {
                self.lines.push(&std::mem::take(rest));
            }
        }
    }
}
