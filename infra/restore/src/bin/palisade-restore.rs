//! `palisade-restore`: restores tables beside the ones in use.
//!
//! Answers go to standard output and failures to standard error. Exit codes: 0 the tables may be used, 1 something speaks
//! against it, 2 wrong usage, 3 failed.

use std::{process::ExitCode, time::Duration};

use aws_smithy_types::timeout::TimeoutConfig;
use clap::Parser;
use jiff::Timestamp;
use palisade_restore::{Label, Restorer};

/// Restores the tables of a deployment to one moment, beside the ones in use.
///
/// The tables palisade-<stage>-audit, -issuers, -ledger, -requests and -telemetry come back under their names with -<label>
/// at the end, with the settings of the ones in use, and with the receipts of all erasures. Nothing in use is changed, and doing it again
/// goes on where it stopped. Credentials are taken from the environment (AWS_REGION, AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN). docs/restoring.md says what to do next.
#[derive(Parser)]
#[command(name = "palisade-restore", version)]
struct Arguments {
    /// The deployment.
    #[arg(long, env = "PALISADE_STAGE", default_value = "dev")]
    stage: String,
    /// What the names of the restored tables end with.
    #[arg(long, value_parser = Label::parse)]
    label: Label,
    /// The moment, in RFC 3339: 2030-01-31T12:00:00Z. The last possible one by default.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("palisade-restore: {}", vault::aws::reason(&*failure));
            ExitCode::from(3)
        }
    }
}

/// Whether the tables may be used.
async fn run(Arguments { stage, label, at, json }: Arguments) -> Result<bool, Failure> {
    // The configuration of the functions, with more patience: no client waits for an operator.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_secs(120))
        .build();
    let config = vault::aws::configuration()?.into_builder().timeout_config(timeouts).build();
    let report = Restorer::new(&config, stage, label).run(at).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.findings.is_empty())
}
