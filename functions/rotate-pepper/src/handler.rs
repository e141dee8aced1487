//! The four steps, each of which may be done again.

use std::collections::BTreeMap;

use aws_lc_rs::rand;
use aws_sdk_secretsmanager::Client;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::{Fault, Secret};
use serde::Deserialize;
use vault::aws::reason;

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
/// How many random bytes a version has; as base64 they are 64 characters.
const LENGTH: usize = 48;

/// What Secrets Manager asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rotation {
    /// Which step.
    pub step: Step,
    /// Of which secret.
    pub secret_id: String,
    /// The name of the version that becomes the current one.
    pub client_request_token: String,
}

/// A step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Make the new version, and let nobody use it yet.
    CreateSecret,
    /// Tell whoever must know it. Functions fetch the secret, so there is nobody to tell.
    SetSecret,
    /// See whether it would do.
    TestSecret,
    /// Let everybody use it.
    FinishSecret,
}

/// Rotates the pepper.
pub struct RotatePepper {
    /// Where secrets are.
    pub secrets: Client,
    /// The only secret that is rotated.
    pub pepper: String,
}

/// The versions of the pepper.
type Versions = Secret<BTreeMap<u32, String>>;

impl RotatePepper {
    /// Does one step.
    ///
    /// # Errors
    /// When Secrets Manager fails, or the secret or its versions are not what the step needs; nothing has changed then that
    /// the step, done again, would not find.
    pub async fn run(&self, rotation: Rotation) -> Result<Vec<&'static str>, Fault> {
        let Rotation { step, secret_id, client_request_token: token } = rotation;
        if secret_id != self.pepper {
            return Err(Fault::internal("this is not the pepper"));
        }
        let stages = self.stages().await?;
        let is = |wanted: &str| stages.get(&token).is_some_and(|stages| stages.iter().any(|stage| stage == wanted));
        if is(CURRENT) {
            return Ok(Vec::new());
        }
        if step != Step::CreateSecret && !is(PENDING) {
            return Err(Fault::internal("the version is not the pending one"));
        }
        match step {
            Step::CreateSecret => self.create(&token).await,
            Step::SetSecret => Ok(Vec::new()),
            Step::TestSecret => self.test(&token).await,
            Step::FinishSecret => self.finish(&token, &stages).await,
        }
    }

    async fn create(&self, token: &str) -> Result<Vec<&'static str>, Fault> {
        if self.read(PENDING, Some(token)).await?.is_some() {
            return Ok(Vec::new());
        }
        let current = self.current().await?;
        let mut versions = current.reveal().clone();
        let newest = versions.keys().next_back().copied().unwrap_or_default();
        let next = newest.checked_add(1).ok_or_else(|| Fault::internal("there are no more versions"))?;
        let mut random = [0; LENGTH];
        rand::fill(&mut random).map_err(|_| Fault::internal("there is no randomness"))?;
        versions.insert(next, BASE64.encode(random));
        let text = serde_json::to_string(&versions).map_err(Fault::internal)?;
        let put = self.secrets.put_secret_value().secret_id(&self.pepper).client_request_token(token);
        let put = put.secret_string(text).version_stages(PENDING).send();
        put.await.map_err(|error| Fault::unavailable(reason(&error)))?;
        Ok(Vec::new())
    }

    /// Every key that is good now must be good under the pending set. That set may also be the current one: so Secrets
    /// Manager tries the function when the schedule is set up.
    async fn test(&self, token: &str) -> Result<Vec<&'static str>, Fault> {
        let (current, pending) = self.both(token).await?;
        if keeps_all(&current, &pending) {
            Ok(Vec::new())
        } else {
            Err(Fault::internal("the pending set would not do"))
        }
    }

    async fn both(&self, token: &str) -> Result<(Versions, Versions), Fault> {
        let current = self.current().await?;
        let pending = self.read(PENDING, Some(token)).await?;
        Ok((current, pending.ok_or_else(|| Fault::internal("nothing is pending"))?))
    }

    async fn finish(&self, token: &str, stages: &BTreeMap<String, Vec<String>>) -> Result<Vec<&'static str>, Fault> {
        // Nothing becomes current that would not pass the test, even when the steps come in another order, and nothing
        // that is no rotation.
        let (old, new) = self.both(token).await?;
        let newest = |versions: &Versions| versions.reveal().keys().next_back().copied();
        let adds_one = new.reveal().len() == old.reveal().len() + 1 && newest(&new) > newest(&old);
        if !keeps_all(&old, &new) || !adds_one {
            return Err(Fault::internal("the pending set would not do"));
        }
        let current = stages.iter().find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        let (current, _) = current.ok_or_else(|| Fault::internal("no version is current"))?;
        let change = self.secrets.update_secret_version_stage().secret_id(&self.pepper).version_stage(CURRENT);
        let change = change.move_to_version_id(token).remove_from_version_id(current).send();
        change.await.map_err(|error| Fault::unavailable(reason(&error)))?;
        Ok(vec!["peppers_rotated"])
    }

    /// The stages of each version, by its name.
    async fn stages(&self) -> Result<BTreeMap<String, Vec<String>>, Fault> {
        let answer = self.secrets.describe_secret().secret_id(&self.pepper).send().await;
        let answer = answer.map_err(|error| Fault::unavailable(reason(&error)))?;
        Ok(answer.version_ids_to_stages.unwrap_or_default().into_iter().collect())
    }

    async fn current(&self) -> Result<Versions, Fault> {
        self.read(CURRENT, None).await?.ok_or_else(|| Fault::internal("there is no current version"))
    }

    /// The set of a stage; `None` when no version of that name has a value.
    async fn read(&self, stage: &str, token: Option<&str>) -> Result<Option<Versions>, Fault> {
        let get = self.secrets.get_secret_value().secret_id(&self.pepper).version_stage(stage);
        let answer = match get.set_version_id(token.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                return Ok(None);
            }
            Err(error) => return Err(Fault::unavailable(reason(&error))),
        };
        let text = Secret::new(answer.secret_string.unwrap_or_default());
        // What is wrong with it is not said: it may be quoted.
        let versions = serde_json::from_str(text.reveal()).map_err(|_| Fault::internal("it is no set of versions"))?;
        Ok(Some(Secret::new(versions)))
    }
}

/// Whether what was hashed with the old set can be verified with the new one, which is a good set itself.
fn keeps_all(old: &Versions, new: &Versions) -> bool {
    let new = new.reveal();
    let is_key_set = serde_json::to_string(new).is_ok_and(|text| vault::KeySet::parse(&text).is_ok());
    is_key_set && old.reveal().iter().all(|(version, key)| new.get(version) == Some(key))
}
