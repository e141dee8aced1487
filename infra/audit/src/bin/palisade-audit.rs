//! `palisade-audit`: verifies the audit trail.
//!
//! Answers go to standard output and failures to standard error. Exit codes: 0 all is as it was written, 1 something is
//! not, 2 wrong usage, 3 nobody can tell.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use palisade_audit::{Evidence, Sources};

/// Verifies the audit trail of a deployment.
///
/// Reads the table palisade-<stage>-audit, the secret palisade/<stage>/audit, the bucket of checkpoints and the public half
/// of the key alias/palisade-<stage>-audit, with the credentials in the environment (AWS_REGION, AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN); AWS_ENDPOINT_URL points it at a local cloud. Changes nothing.
#[derive(Parser)]
#[command(name = "palisade-audit", version)]
struct Arguments {
    /// The deployment.
    #[arg(long, global = true, env = "PALISADE_STAGE", default_value = "dev")]
    stage: String,
    /// Answers in JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Names the first entry of each chain that was changed, removed, rewritten or cut off.
    Verify {
        /// The bucket of checkpoints: the stack's output CheckpointsBucketName.
        #[arg(long)]
        bucket: String,
        /// The table, when it is another than palisade-<stage>-audit: one that was restored.
        #[arg(long)]
        table: Option<String>,
        /// The moment that the table was restored to, in RFC 3339. What was signed since is left out.
        #[arg(long, requires = "table")]
        at: Option<Timestamp>,
        /// The public half of the signing key (DER) from a file, so that not even KMS is trusted.
        #[arg(long)]
        public_key: Option<PathBuf>,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            let chain = std::iter::successors(Some(&*failure as &dyn std::error::Error), |error| error.source());
            let chain: Vec<String> = chain.map(ToString::to_string).collect();
            eprintln!("palisade-audit: {}", chain.join(": "));
            ExitCode::from(3)
        }
    }
}

/// Whether everything is as it was written.
async fn run(
    Arguments { stage, json, command: Command::Verify { bucket, table, at, public_key } }: Arguments,
) -> Result<bool, Failure> {
    let public_key = public_key.map(std::fs::read).transpose()?;
    let sources = Sources { stage, table, bucket, public_key };
    // The configuration of the functions, with more patience: no client waits for an operator.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_secs(120))
        .build();
    let config = vault::aws::configuration()?.into_builder().timeout_config(timeouts).build();
    let mut evidence = Evidence::gather(&config, sources).await?;
    if let Some(at) = at {
        evidence.as_of(at);
    }
    let report = evidence.verify();
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.findings.is_empty())
}
