//! `palisade-local`: runs the local cloud, alone or with the functions.

mod dev;

use clap::{Args, Parser, Subcommand};
use dev::{DevArguments, DevError};
use palisade_local::CloudError;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The cloud on your machine, for Palisade.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the services of the cloud on one port of 127.0.0.1 until it is told to stop.
    Cloud(CloudArguments),
    /// Runs the whole product: the cloud, demo keys, and the functions under `cargo lambda watch`.
    Dev(DevArguments),
}

#[derive(Args)]
struct CloudArguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "CLOUD_PORT", default_value_t = 4566)]
    port: u16,
    /// Writes what the functions need to know into this file, for `cargo lambda watch --env-file`.
    #[arg(long, value_name = "FILE")]
    functions_env: Option<PathBuf>,
    #[command(flatten)]
    stack: StackArguments,
}

#[derive(Args)]
struct StackArguments {
    /// Keeps everything in this folder; without it all is gone at the end.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The SAM template that says which tables, keys and secrets there are.
    #[arg(long, default_value = "template.yaml")]
    template: PathBuf,
    /// The template's Stage.
    #[arg(long, default_value = "dev")]
    stage: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Cloud(arguments) => cloud(arguments).await,
        Command::Dev(arguments) => dev(&arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("palisade-local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn cloud(arguments: CloudArguments) -> Result<(), DevError> {
    let stop = stop_signal()?;
    let StackArguments { data, template, stage } = arguments.stack;
    let cloud = dev::start_cloud(arguments.port, data).await?;
    let stack = cloud.provision(&template, &stage)?;
    if let Some(path) = arguments.functions_env {
        dev::write_functions_env(&path, &dev::environment(&stack)?)?;
    }
    println!("local cloud ready: AWS_ENDPOINT_URL={}", cloud.endpoint());
    stop.await;
    cloud.stop().await;
    Ok(())
}

async fn dev(arguments: &DevArguments) -> Result<(), DevError> {
    dev::run(arguments, stop_signal()?).await
}

/// Completes on Ctrl-C or SIGTERM. The handlers are in place when this returns, so no signal is missed.
fn stop_signal() -> Result<impl Future<Output = ()>, CloudError> {
    let listen =
        |kind| signal(kind).map_err(|source| CloudError::Io { doing: "listening for signals".to_owned(), source });
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
