//! `palisade-local`: runs the local cloud.

use clap::{Args, Parser, Subcommand};
use palisade_local::{Cloud, CloudError, CloudOptions};
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
    /// Runs DynamoDB, Secrets Manager and KMS on one port of 127.0.0.1 until it is told to stop.
    Cloud(CloudArguments),
}

#[derive(Args)]
struct CloudArguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "CLOUD_PORT", default_value_t = 4566)]
    port: u16,
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
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("palisade-local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn cloud(arguments: CloudArguments) -> Result<(), CloudError> {
    let stop = stop_signal()?;
    let options = CloudOptions { port: arguments.port, data: arguments.data };
    let cloud = Cloud::start(options).await?;
    cloud.provision(&arguments.template, &arguments.stage)?;
    println!("local cloud ready: AWS_ENDPOINT_URL={}", cloud.endpoint());
    stop.await;
    cloud.stop().await;
    Ok(())
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
