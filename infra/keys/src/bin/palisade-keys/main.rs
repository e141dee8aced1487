//! `palisade-keys`: mints, lists, shows, rotates, expires and revokes API keys, and tells the secrets of webhooks.
//!
//! Answers go to standard output and failures to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod arguments;
mod report;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use arguments::{Arguments, Command, IssuerCommand};
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use palisade_keys::{Issuers, Keyring, Order};
use vault::{
    ApiKey, Issuer, SigningSecrets,
    aws::{self, MissingVariable},
};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { stage, json, command } = Arguments::parse();
    let configuration = match configuration() {
        Ok(configuration) => configuration,
        Err(missing) => {
            eprintln!("palisade-keys: {missing}\n{CREDENTIALS}");
            return ExitCode::FAILURE;
        }
    };
    let secrets =
        SigningSecrets::new(aws_sdk_kms::Client::new(&configuration), format!("alias/palisade-{stage}-webhook"));
    let (keyring, issuers) = (Keyring::new(&configuration, &stage), Issuers::new(&configuration, &stage));
    match run(&stage, &keyring, &issuers, &secrets, command, json).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("palisade-keys: {failure}");
            ExitCode::FAILURE
        }
    }
}

const CREDENTIALS: &str = "Set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
  AWS:         export AWS_REGION=...; eval \"$(aws configure export-credentials --format env)\"
  local cloud: export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 \\
               AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local";

/// The configuration of the functions, with more patience: no client waits for an operator.
fn configuration() -> Result<SdkConfig, MissingVariable> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build();
    Ok(aws::configuration()?.into_builder().timeout_config(timeouts).build())
}

async fn run(
    stage: &str,
    keyring: &Keyring,
    issuers: &Issuers,
    secrets: &SigningSecrets,
    command: Command,
    json: bool,
) -> Result<(), Failure> {
    let now = Timestamp::now();
    let report = match command {
        Command::Mint(mint) => {
            let order = Order {
                scopes: mint.scopes(),
                tenant: mint.tenant,
                name: mint.name,
                expires: now.checked_add(SignedDuration::from_hours(24 * i64::from(mint.expires_in_days)))?,
                usage_plan: mint.usage_plan,
            };
            report::issued(&keyring.mint(&order, now).await?, json)?
        }
        Command::Rotate { kid, overlap_hours } => {
            let overlap = SignedDuration::from_hours(i64::from(overlap_hours));
            report::rotated(&keyring.rotate(&kid, overlap, now).await?, json)?
        }
        Command::Expire { kid, at } => report::entry(&keyring.expire(&kid, at, now).await?, json)?,
        Command::Revoke { kid, usage_plan } => {
            let entry = keyring.revoke(&kid, now).await?;
            if usage_plan {
                keyring.unregister(&kid).await?;
            }
            report::entry(&entry, json)?
        }
        Command::Issuer(IssuerCommand::Trust(trust)) => {
            let issuer = Issuer {
                // A name as keys have them, of no key.
                id: ApiKey::mint(stage, 0)?.kid().clone(),
                url: trust.url,
                jwks_uri: trust.jwks_uri,
                audience: trust.audience,
                scope_claim: trust.scope_claim,
                tenant: trust.tenant,
                scopes: trust.scope,
            };
            report::issuer(&issuers.trust(issuer, trust.usage_plan.as_deref(), now).await?, json)?
        }
        Command::Issuer(IssuerCommand::List) => report::issuers(&issuers.list().await?, json)?,
        Command::Issuer(IssuerCommand::Remove { url }) => {
            issuers.remove(&url).await?;
            report::issuers(&issuers.list().await?, json)?
        }
        Command::WebhookSecret { tenant } => report::signing_secret(&tenant, &secrets.of(&tenant).await?, json)?,
        Command::List { tenant } => report::entries(&keyring.list(tenant.as_ref(), now).await?, json)?,
        Command::Show { kid } => report::entry(&keyring.show(&kid, now).await?, json)?,
    };
    let mut output = io::stdout().lock();
    output.write_all(report.as_bytes())?;
    output.flush()?;
    Ok(())
}
