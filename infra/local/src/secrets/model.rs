//! Secrets, their versions, and the labels on them.

use crate::wire::{ACCOUNT, Blob, REGION, Refusal, now};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The label of the version that callers get when they name none.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was current before.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// The service's limit on one value: 64 KiB.
const VALUE_LIMIT: usize = 65_536;
/// Versions without a label are deprecated; AWS keeps about a hundred versions of a secret.
const VERSION_LIMIT: usize = 100;

/// Every secret by name.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Shelf {
    secrets: BTreeMap<String, Secret>,
}

/// One secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) kms_key: Option<String>,
    pub(crate) created: f64,
    pub(crate) changed: f64,
    /// When it will be gone for good; such a secret can only be described and listed.
    pub(crate) deleted: Option<f64>,
    pub(crate) versions: BTreeMap<String, Version>,
}

/// One version of a secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) value: Value,
    pub(crate) created: f64,
    pub(crate) stages: BTreeSet<String>,
}

/// What a version holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Value {
    Text(String),
    Bytes(Blob),
}

impl Value {
    /// Exactly one of the two, within the limit; `None` when neither was given.
    pub(crate) fn of(text: Option<String>, bytes: Option<Blob>) -> Result<Option<Self>, Refusal> {
        let value = match (text, bytes) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "You can't specify both a binary secret value and a string secret value in the same secret.",
                ));
            }
            (Some(text), None) => Self::Text(text),
            (None, Some(bytes)) => Self::Bytes(bytes),
        };
        let size = match &value {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.0.len(),
        };
        if size > VALUE_LIMIT {
            return Err(Refusal::new(
                "ValidationException",
                format!(
                    "1 validation error detected: the secret value must have length less than or equal to {VALUE_LIMIT}"
                ),
            ));
        }
        Ok(Some(value))
    }
}

impl Shelf {
    /// Creates a secret; the same name, token and value again is the same creation.
    pub(crate) fn create(
        &mut self,
        name: &str,
        token: String,
        value: Option<Value>,
        description: Option<String>,
        kms_key: Option<String>,
    ) -> Result<(&Secret, Option<String>), Refusal> {
        check_name(name)?;
        check_token(&token)?;
        if let Some(existing) = self.secrets.get(name) {
            existing.check_alive()?;
            let repeated =
                value.is_some() && existing.versions.get(&token).map(|version| &version.value) == value.as_ref();
            if !repeated {
                return Err(Refusal::new(
                    "ResourceExistsException",
                    format!("The operation failed because the secret {name} already exists."),
                ));
            }
        }
        let secret = match self.secrets.entry(name.to_owned()) {
            std::collections::btree_map::Entry::Occupied(repeated) => repeated.into_mut(),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                let time = now();
                let mut secret = Secret {
                    name: name.to_owned(),
                    arn: format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{}", random_suffix()?),
                    description,
                    kms_key,
                    created: time,
                    changed: time,
                    deleted: None,
                    versions: BTreeMap::new(),
                };
                if let Some(value) = value {
                    secret.add_version(&token, value, &BTreeSet::from([CURRENT.to_owned()]));
                }
                vacant.insert(secret)
            }
        };
        let version = secret.versions.contains_key(&token).then_some(token);
        Ok((secret, version))
    }

    /// Finds a secret by name, ARN, or ARN without the six random characters; also one marked for deletion.
    pub(crate) fn find(&self, id: &str) -> Result<&Secret, Refusal> {
        let name = self.name_of(id).ok_or_else(not_found)?;
        self.secrets.get(&name).ok_or_else(not_found)
    }

    /// [`Self::find`], to change it; one marked for deletion refuses.
    pub(crate) fn find_alive_mut(&mut self, id: &str) -> Result<&mut Secret, Refusal> {
        let name = self.name_of(id).ok_or_else(not_found)?;
        let secret = self.secrets.get_mut(&name).ok_or_else(not_found)?;
        secret.check_alive()?;
        Ok(secret)
    }

    /// Removes a secret at once, if it is there.
    pub(crate) fn forget(&mut self, id: &str) -> Option<Secret> {
        let name = self.name_of(id)?;
        self.secrets.remove(&name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.values()
    }

    fn name_of(&self, id: &str) -> Option<String> {
        if !id.starts_with("arn:") {
            return self.secrets.contains_key(id).then(|| id.to_owned());
        }
        let is_meant = |secret: &&Secret| {
            let without_suffix = secret.arn.rsplit_once('-').map(|(front, _)| front);
            secret.arn == id || without_suffix == Some(id)
        };
        self.secrets.values().find(is_meant).map(|secret| secret.name.clone())
    }
}

impl Secret {
    pub(crate) fn check_alive(&self) -> Result<(), Refusal> {
        match self.deleted {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            )),
        }
    }

    /// The version a read means: by id, by label, by both if they agree, else the current one.
    pub(crate) fn version(&self, id: Option<&str>, stage: Option<&str>) -> Result<(&String, &Version), Refusal> {
        let missing = |what: &str, name: &str| {
            Refusal::new(
                "ResourceNotFoundException",
                format!("Secrets Manager can't find the specified secret value for {what}: {name}"),
            )
        };
        if let Some(id) = id {
            let found = self.versions.get_key_value(id).ok_or_else(|| missing("VersionId", id))?;
            if stage.is_some_and(|stage| !found.1.stages.contains(stage)) {
                return Err(Refusal::new(
                    "InvalidRequestException",
                    "You provided a VersionStage that is not associated to the provided VersionId.",
                ));
            }
            return Ok(found);
        }
        let stage = stage.unwrap_or(CURRENT);
        self.versions
            .iter()
            .find(|(_, version)| version.stages.contains(stage))
            .ok_or_else(|| missing("staging label", stage))
    }

    /// Stores a value under a token. The same token and value again changes nothing; another value is refused.
    pub(crate) fn put(&mut self, token: &str, value: Value, stages: Option<BTreeSet<String>>) -> Result<(), Refusal> {
        check_token(token)?;
        if let Some(existing) = self.versions.get(token) {
            if existing.value == value {
                return Ok(());
            }
            return Err(Refusal::new(
                "ResourceExistsException",
                "The operation failed because the secret version already exists with another value.",
            ));
        }
        let mut stages = stages.unwrap_or_else(|| BTreeSet::from([CURRENT.to_owned()]));
        if self.versions.is_empty() {
            stages.insert(CURRENT.to_owned());
        }
        self.add_version(token, value, &stages);
        Ok(())
    }

    /// Moves, adds or removes one label. `from` must name where it is now, so two movers cannot both win.
    pub(crate) fn move_stage(&mut self, stage: &str, from: Option<&str>, to: Option<&str>) -> Result<(), Refusal> {
        if from.is_none() && to.is_none() {
            return Err(invalid("You must specify RemoveFromVersionId or MoveToVersionId."));
        }
        for id in [from, to].into_iter().flatten() {
            self.version(Some(id), None)?;
        }
        if stage == CURRENT && to.is_none() {
            return Err(invalid(
                "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
            ));
        }
        let holder = self.versions.iter().find(|(_, version)| version.stages.contains(stage)).map(|(id, _)| id.clone());
        if let Some(holder) = &holder
            && Some(holder.as_str()) != from
            && Some(holder.as_str()) != to
        {
            return Err(invalid(format!(
                "The parameter RemoveFromVersionId must be the version that the staging label {stage} is currently attached to: {holder}."
            )));
        }
        if from.is_some() && holder.as_deref() != from {
            return Err(invalid(format!(
                "The staging label {stage} is not attached to the version in RemoveFromVersionId."
            )));
        }
        match to {
            Some(to) => self.attach(stage, to),
            None => self.detach(stage),
        }
        self.changed = now();
        Ok(())
    }

    fn add_version(&mut self, id: &str, value: Value, stages: &BTreeSet<String>) {
        self.changed = now();
        let version = Version { value, created: self.changed, stages: BTreeSet::new() };
        self.versions.insert(id.to_owned(), version);
        for stage in stages {
            self.attach(stage, id);
        }
        self.drop_deprecated();
    }

    /// Puts a label on one version and takes it off the other. Where AWSCURRENT leaves, AWSPREVIOUS arrives.
    fn attach(&mut self, stage: &str, to: &str) {
        let from = self.versions.iter().find(|(_, version)| version.stages.contains(stage)).map(|(id, _)| id.clone());
        if from.as_deref() == Some(to) {
            return;
        }
        self.detach(stage);
        if let Some(version) = self.versions.get_mut(to) {
            version.stages.insert(stage.to_owned());
        }
        if stage == CURRENT
            && let Some(from) = from
        {
            self.attach(PREVIOUS, &from);
        }
    }

    fn detach(&mut self, stage: &str) {
        for version in self.versions.values_mut() {
            version.stages.remove(stage);
        }
    }

    fn drop_deprecated(&mut self) {
        while self.versions.len() > VERSION_LIMIT {
            let oldest = self
                .versions
                .iter()
                .filter(|(_, version)| version.stages.is_empty())
                .min_by(|a, b| a.1.created.total_cmp(&b.1.created))
                .map(|(id, _)| id.clone());
            let Some(oldest) = oldest else { return };
            self.versions.remove(&oldest);
        }
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

fn not_found() -> Refusal {
    Refusal::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if (1..=512).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(Refusal::new(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    ))
}

/// A token becomes the version's id.
fn check_token(token: &str) -> Result<(), Refusal> {
    if (32..=64).contains(&token.len()) {
        return Ok(());
    }
    Err(invalid("ClientRequestToken must be 32-64 characters long."))
}

/// Six characters as AWS appends, so that a recreated secret is not taken for the old one.
fn random_suffix() -> Result<String, Refusal> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    crate::random::text(ALPHABET, 6).map_err(Refusal::from)
}
