//! Demo keys, minted as an operator mints them, by `palisade-keys`; and an issuer of tokens that it trusts.

use super::{DevError, private};
use jiff::{SignedDuration, Timestamp};
use palisade_local::host::binaries;
use palisade_local::issuer::{Algorithm, TokenIssuer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use tokio::process::Command;

/// The keys of a demonstration.
#[derive(Serialize, Deserialize)]
pub(super) struct Keys {
    /// Tenant `demo`, every scope.
    pub(super) all: String,
    /// Tenant `demo`, the scopes that read.
    pub(super) read_only: String,
    /// Tenant `other`, every scope.
    pub(super) other_tenant: String,
}

const READS: &str = "data:read,maintenance:read,transactions:read,goals:read";
const READ: &[&str] = &["--scope", READS];
const ALL: &[&str] = &["--all-scopes"];
/// What the tokens of the demo issuer are meant for.
const AUDIENCE: &str = "palisade";
/// Beside the data they belong to.
const KEPT: &str = "demo-keys.json";

impl Keys {
    /// The keys that were kept with the data, or new ones.
    pub(super) async fn of(
        environment: &BTreeMap<String, String>,
        stage: &str,
        data: Option<&Path>,
    ) -> Result<Self, DevError> {
        let kept = data.map(|folder| folder.join(KEPT));
        let known = kept.as_ref().and_then(|path| std::fs::read(path).ok());
        if let Some(keys) = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(keys);
        }
        let keys = Self {
            all: mint(environment, stage, "demo", "demo, everything", ALL).await?,
            read_only: mint(environment, stage, "demo", "demo, read only", READ).await?,
            other_tenant: mint(environment, stage, "other", "other tenant", ALL).await?,
        };
        if let Some(path) = kept {
            private(&path, &serde_json::json!(keys).to_string())?;
        }
        Ok(keys)
    }
}

/// Trusts `issuer` with what tenant `demo` may read. Gives a token of a person of that tenant, good for twelve hours.
pub(super) async fn trust(
    environment: &BTreeMap<String, String>,
    stage: &str,
    issuer: &TokenIssuer,
) -> Result<String, DevError> {
    let jwks_uri = issuer.jwks_uri();
    let addresses = ["--url", issuer.url(), "--jwks-uri", &jwks_uri, "--audience", AUDIENCE];
    let rights = ["--tenant", "demo", "--scope", READS];
    run(environment, &[&["issuer", "trust", "--stage", stage], &addresses[..], &rights[..]].concat()).await?;
    let expires = Timestamp::now() + SignedDuration::from_hours(12);
    let claims = serde_json::json!({
        "iss": issuer.url(), "aud": AUDIENCE, "sub": "demo-person", "exp": expires.as_second(),
        "scope": READS.replace(',', " "),
    });
    Ok(issuer.token(Algorithm::ES256, &claims)?)
}

async fn mint(
    environment: &BTreeMap<String, String>,
    stage: &str,
    tenant: &str,
    name: &str,
    scopes: &[&str],
) -> Result<String, DevError> {
    #[derive(Deserialize)]
    struct Minted {
        key: String,
    }
    let arguments = ["mint", "--json", "--stage", stage, "--tenant", tenant, "--name", name];
    let output = run(environment, &[&arguments, scopes].concat()).await?;
    let minted: Minted = serde_json::from_slice(&output).map_err(|error| DevError::Keys(error.to_string()))?;
    Ok(minted.key)
}

/// What `palisade-keys` prints.
async fn run(environment: &BTreeMap<String, String>, arguments: &[&str]) -> Result<Vec<u8>, DevError> {
    let program = binaries()?.join("palisade-keys");
    let output =
        Command::new(&program).args(arguments).env_clear().envs(environment).output().await.map_err(|error| {
            DevError::Keys(format!("{}: {error}; run `cargo build --workspace --bins`", program.display()))
        })?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(DevError::Keys(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}
