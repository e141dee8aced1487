//! Demo keys, minted as an operator mints them: by `palisade-keys`.

use super::{DevError, private};
use palisade_local::host::binaries;
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

const READ: &[&str] = &["--scope", "data:read,maintenance:read,transactions:read,goals:read"];
const ALL: &[&str] = &["--all-scopes"];
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
    let program = binaries()?.join("palisade-keys");
    let output = Command::new(&program)
        .args(["mint", "--json", "--stage", stage, "--tenant", tenant, "--name", name])
        .args(scopes)
        .env_clear()
        .envs(environment)
        .output()
        .await
        .map_err(|error| {
            DevError::Keys(format!("{}: {error}; run `cargo build --workspace --bins`", program.display()))
        })?;
    let minted: Result<Minted, _> = serde_json::from_slice(&output.stdout);
    minted
        .map(|minted| minted.key)
        .map_err(|_| DevError::Keys(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
