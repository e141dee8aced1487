//! The secret of one keyring shard, changed without losing what another operator changes meanwhile.
//!
//! Secrets Manager has no conditional write, but it moves a staging label only from the version the caller names. So
//! a change reads the current version, stores its successor under a label of its own, and moves `AWSCURRENT` from the
//! one to the other. The move fails when `AWSCURRENT` is elsewhere by then; the change starts over from what is there.

use aws_sdk_secretsmanager::Client;
use vault::keyring::{LARGEST_SHARD, Shard};

use crate::Error;

const CURRENT: &str = "AWSCURRENT";
/// Where successors wait. Every writer uses the same label, so an abandoned one leaves nothing to clean up: the next
/// takes its label, and Secrets Manager forgets versions without one.
const NEXT: &str = "PALISADE_NEXT";
/// Each lost attempt is another operator's success, so this many in a row is not bad luck.
const ATTEMPTS: usize = 16;

pub(crate) struct ShardSecret<'a> {
    client: &'a Client,
    id: String,
}

/// A shard as it was read.
pub(crate) struct Version {
    id: String,
    pub(crate) shard: Shard,
    pub(crate) bytes: usize,
}

impl<'a> ShardSecret<'a> {
    pub(crate) fn new(client: &'a Client, id: String) -> Self {
        Self { client, id }
    }

    pub(crate) async fn read(&self) -> Result<Version, Error> {
        let answer = self.client.get_secret_value().secret_id(&self.id).version_stage(CURRENT).send().await;
        let answer = answer.map_err(|error| Error::of_secret("reading", &self.id, &error))?;
        let malformed = || Error::MalformedSecret(self.id.clone());
        let text = answer.secret_string().ok_or_else(malformed)?;
        let shard = serde_json::from_str(text).map_err(|_| malformed())?;
        let id = answer.version_id.clone().ok_or_else(malformed)?;
        Ok(Version { id, shard, bytes: text.len() })
    }

    /// Applies `change` and stores the result, unless it would leave less than `reserve` bytes free.
    ///
    /// `change` is applied again when another operator was faster, or when it cannot be known whether the first
    /// time took effect; so it must leave a shard that it has changed already as it is.
    pub(crate) async fn change<T>(
        &self,
        reserve: fn(&Shard) -> usize,
        change: impl Fn(&mut Shard) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut old = self.read().await?;
        for _ in 0..ATTEMPTS {
            let mut shard = old.shard.clone();
            let outcome = change(&mut shard)?;
            if shard == old.shard {
                return Ok(outcome);
            }
            let text = serde_json::to_string(&shard).map_err(|_| Error::MalformedSecret(self.id.clone()))?;
            if text.len() + reserve(&shard) > LARGEST_SHARD {
                return Err(Error::ShardFull(self.id.clone()));
            }
            let successor = self.store(text).await?;
            match self.succeed(&old.id, &successor).await? {
                Succession::Done => return Ok(outcome),
                Succession::Overtaken(current) => old = current,
            }
        }
        Err(Error::Contended(self.id.clone()))
    }

    async fn store(&self, text: String) -> Result<String, Error> {
        let call = self.client.put_secret_value().secret_id(&self.id).secret_string(text).version_stages(NEXT);
        let answer = call.send().await.map_err(|error| Error::of_secret("writing", &self.id, &error))?;
        answer.version_id.ok_or_else(|| Error::MalformedSecret(self.id.clone()))
    }

    /// Makes `new` the current version if `old` still is.
    async fn succeed(&self, old: &str, new: &str) -> Result<Succession, Error> {
        let call = self.client.update_secret_version_stage().secret_id(&self.id).version_stage(CURRENT);
        let Err(error) = call.remove_from_version_id(old).move_to_version_id(new).send().await else {
            return Ok(Succession::Done);
        };
        // The answer may be lost, or be the answer to a repetition of a call that had succeeded.
        let current = self.read().await?;
        let refused = error.as_service_error().is_some_and(|error| error.is_invalid_parameter_exception());
        match current.id == new {
            true => Ok(Succession::Done),
            // Even if the read still shows `old`: reads may lag behind.
            false if refused => Ok(Succession::Overtaken(current)),
            false => Err(Error::of_secret("writing", &self.id, &error)),
        }
    }
}

enum Succession {
    Done,
    Overtaken(Version),
}
