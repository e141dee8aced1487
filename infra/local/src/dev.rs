//! `palisade-local dev`: the whole product on this machine, until it is told to stop.
//!
//! It starts the local cloud, mints demo keys, lets `cargo lambda watch` serve the functions, waits until every one
//! of them answers, delivers the streams and queues to them, and prints one screen. What `cargo lambda
//! watch` and the functions print goes to a log file.

mod keys;
mod ready;
mod screen;
mod watch;

use crate::StackArguments;
use clap::Args;
use keys::Keys;
use palisade_local::issuer::TokenIssuer;
use palisade_local::{Cloud, CloudError, CloudOptions, Events, Invoker, Pace, Stack};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use watch::Watch;

/// Everything this command writes, none of it for git.
const FOLDER: &str = ".local";
/// What scripts need to know.
const FACTS: &str = ".local/dev.json";
/// What the functions need to know, for `cargo lambda watch --env-file`.
const FUNCTIONS_ENV: &str = ".local/functions.env";
/// The certificate of the demo issuer of tokens, for what asks for its keys.
const ISSUER: &str = ".local/issuer.pem";
/// Held while it runs, because two would write the same files.
const LOCK: &str = ".local/dev.lock";
/// What `cargo lambda watch` and the functions print.
const LOG: &str = ".local/dev.log";

#[derive(Args)]
pub(crate) struct DevArguments {
    /// The port of the API on 127.0.0.1.
    #[arg(long, env = "PORT", default_value_t = 9000)]
    port: u16,
    /// The port of the local cloud on 127.0.0.1.
    #[arg(long, env = "CLOUD_PORT", default_value_t = 4566)]
    cloud_port: u16,
    #[command(flatten)]
    stack: StackArguments,
    /// The cargo-lambda to use.
    #[arg(long, default_value = ".tools/bin/cargo-lambda")]
    cargo_lambda: PathBuf,
}

/// Why the product does not run.
pub(crate) enum DevError {
    /// It runs already.
    Running,
    /// Someone else listens there.
    PortTaken { port: u16, variable: &'static str },
    /// The cloud does not start.
    Cloud(CloudError),
    /// The operating system refused something.
    Io { doing: String, source: io::Error },
    /// No demo key could be minted.
    Keys(String),
    /// `cargo lambda watch` or a function does not work.
    Watch(String),
}

impl fmt::Display for DevError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("it runs already in this folder; one at a time"),
            Self::PortTaken { port, variable } => {
                write!(f, "port {port} is taken on 127.0.0.1; choose another with {variable}=<port>")
            }
            Self::Cloud(error) => write!(f, "{error}"),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Keys(problem) => write!(f, "minting demo keys: {problem}"),
            Self::Watch(problem) => write!(f, "{problem}; the last lines of {LOG}:\n{}", watch::last_lines(LOG)),
        }
    }
}

impl DevError {
    fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        |source| Self::Io { doing, source }
    }
}

impl From<CloudError> for DevError {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

/// What runs, in the order in which it ends.
struct Session {
    events: Events,
    watch: Watch,
    cloud: Cloud,
    _issuer: TokenIssuer,
    _lock: File,
}

/// Runs the product until `stop` completes.
pub(crate) async fn run(arguments: &DevArguments, stop: impl Future<Output = ()>) -> Result<(), DevError> {
    tokio::pin!(stop);
    let started = tokio::select! {
        session = start(arguments) => Some(session?),
        () = &mut stop => None,
    };
    let Some(Session { events, mut watch, cloud, _issuer, _lock }) = started else { return Ok(()) };
    let result = tokio::select! {
        () = watch.ended() => Err(DevError::Watch("cargo lambda watch has ended".to_owned())),
        () = &mut stop => Ok(()),
    };
    // Scripts take this file for a sign that something runs. It may be gone already.
    let _ = std::fs::remove_file(FACTS);
    drop(events);
    watch.end().await;
    cloud.stop().await;
    result
}

async fn start(arguments: &DevArguments) -> Result<Session, DevError> {
    let DevArguments { port, cloud_port, stack: StackArguments { data, template, stage }, cargo_lambda } = arguments;
    let data = data.as_deref();
    std::fs::create_dir_all(FOLDER).map_err(DevError::io(format!("making the folder {FOLDER}")))?;
    let lock = claim()?;
    check_free(*port)?;
    let _ = std::fs::remove_file(FACTS);
    let cloud = start_cloud(*cloud_port, data.map(Path::to_owned)).await?;
    let stack = cloud.provision(template, stage)?;
    let mut environment = environment(&stack)?;
    let issuer = start_issuer(*cloud_port, &mut environment).await?;
    write_functions_env(FUNCTIONS_ENV.as_ref(), &environment)?;
    let keys = Keys::of(&environment, stage, data).await?;
    let token = keys::trust(&environment, stage, &issuer).await?;
    let mut watch = Watch::start(cargo_lambda, *port)?;
    let base = format!("http://127.0.0.1:{port}");
    println!("The cloud is up; `cargo lambda watch` starts the functions (its log: {LOG}).");
    tokio::select! {
        ready = ready::wait(&base, &stack) => ready?,
        () = watch.ended() => return Err(DevError::Watch("cargo lambda watch has ended".to_owned())),
    }
    let events = Events::start(&cloud, &stack, &Invoker::Watch(base.clone()), Pace::Development)?;
    let facts = serde_json::json!({ "base": base, "keys": keys, "token": token });
    private(FACTS.as_ref(), &format!("{facts:#}\n"))?;
    print!("{}", screen::text(&base, cloud.endpoint(), data, &keys, &token));
    Ok(Session { events, watch, cloud, _issuer: issuer, _lock: lock })
}

/// Starts the cloud, and says so in plain words when its port is taken.
pub(crate) async fn start_cloud(port: u16, data: Option<PathBuf>) -> Result<Cloud, DevError> {
    Cloud::start(CloudOptions { port, data }).await.map_err(|error| match error {
        CloudError::Io { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
            DevError::PortTaken { port, variable: "CLOUD_PORT" }
        }
        error => DevError::Cloud(error),
    })
}

/// Starts the demo issuer beside the cloud's port, and lets what asks for its keys trust its certificate.
async fn start_issuer(cloud_port: u16, environment: &mut BTreeMap<String, String>) -> Result<TokenIssuer, DevError> {
    let port = cloud_port.checked_add(1).unwrap_or_default();
    let issuer = TokenIssuer::start(port).await.map_err(|error| match error {
        CloudError::Io { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
            DevError::PortTaken { port, variable: "CLOUD_PORT" }
        }
        error => DevError::Cloud(error),
    })?;
    private(ISSUER.as_ref(), issuer.certificate())?;
    let path = std::path::absolute(ISSUER).map_err(DevError::io(format!("finding {ISSUER}")))?;
    environment.insert("SSL_CERT_FILE".to_owned(), path.display().to_string());
    Ok(issuer)
}

/// The environment of all functions in one: where two functions have the same variable, it has the same value.
pub(crate) fn environment(stack: &Stack) -> Result<BTreeMap<String, String>, CloudError> {
    let mut all = BTreeMap::new();
    for function in stack.functions() {
        for (name, value) in stack.environment(&function.logical_id)? {
            if all.insert(name.clone(), value.clone()).is_some_and(|other| other != value) {
                let place = format!("Resources.{}.Properties.Environment", function.logical_id);
                let problem = format!("{name} differs from that of another function; here they share one environment");
                return Err(CloudError::Template { place, problem });
            }
        }
    }
    Ok(all)
}

/// Writes what `cargo lambda watch --env-file` takes.
pub(crate) fn write_functions_env(path: &Path, environment: &BTreeMap<String, String>) -> Result<(), DevError> {
    let lines: String = environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(DevError::io(format!("making the folder {}", folder.display())))?;
    }
    private(path, &lines)
}

/// Writes a file for the user alone.
fn private(path: &Path, text: &str) -> Result<(), DevError> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(DevError::io(format!("writing {}", path.display())))
}

/// Makes sure that this is the only one in this folder.
fn claim() -> Result<File, DevError> {
    let file = File::create(LOCK).map_err(DevError::io(format!("writing {LOCK}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DevError::Running),
        Err(TryLockError::Error(error)) => Err(DevError::io(format!("locking {LOCK}"))(error)),
    }
}

/// Says at once, not after a minute of starting, that the port is taken.
fn check_free(port: u16) -> Result<(), DevError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(DevError::PortTaken { port, variable: "PORT" }),
        Err(error) => Err(DevError::io(format!("listening on 127.0.0.1:{port}"))(error)),
    }
}
