//! The operations on the keyring of one stage.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use kernel::{KeyId, Tenant};
use vault::{
    ApiKey, KeySet,
    keyring::{Hash, Record, Shard},
    shard_of,
};

use crate::{
    Entry, Error, LONGEST_LIFE, Order,
    shard_secret::{ShardSecret, Version},
    usage_plan::Registration,
};

/// How many shards the keyring has, as the template declares them.
pub const SHARDS: usize = 4;

/// What revoking one key adds to its shard, in bytes: `,"revoked":"2026-01-01T00:00:00Z"`.
const REVOCATION: usize = 33;
/// What minting leaves free for the second hashes of some twenty rotations that overlap.
const ROTATIONS: usize = 4_096;

/// The keyring of one stage.
///
/// Times are kept in whole seconds. Functions notice a change within 30 s.
pub struct Keyring {
    secrets: Client,
    gateway: aws_sdk_apigateway::Client,
    stage: Box<str>,
}

/// A new secret of a key. It exists here and nowhere else: who drops this without handing it over has to rotate.
pub struct Issued {
    /// The key.
    pub key: ApiKey,
    /// What the keyring now says of it.
    pub entry: Entry,
}

impl Keyring {
    /// The keyring of `stage`.
    #[must_use]
    pub fn new(config: &SdkConfig, stage: &str) -> Self {
        let secrets = Client::new(config);
        Self { secrets, gateway: aws_sdk_apigateway::Client::new(config), stage: stage.into() }
    }

    /// Mints a key into the emptiest shard, and into its usage plan if it names one.
    ///
    /// # Errors
    /// When its expiry is not acceptable, no shard has room, the plan does not exist, or AWS fails.
    pub async fn mint(&self, order: &Order, now: Timestamp) -> Result<Issued, Error> {
        let now = whole_seconds(now);
        let expires = acceptable(order.expires, now)?;
        let pepper = self.pepper().await?;
        for shard in self.emptiest_first().await? {
            let key = ApiKey::mint(&self.stage, shard)?;
            let record = Record {
                tenant: order.tenant.clone(),
                scopes: order.scopes.iter().copied().collect(),
                name: order.name.to_string(),
                created: now,
                expires,
                revoked: None,
                hashes: vec![Hash::of(&key, &pepper)],
            };
            match self.admit(key.kid(), &record, order.usage_plan.as_deref()).await {
                Ok(()) => return Ok(Issued { entry: Entry::of(key.kid(), &record, now), key }),
                Err(Error::ShardFull(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::KeyringFull)
    }

    /// Makes a new secret for a key. The current one is accepted for another `overlap`; one that an earlier rotation
    /// left is not accepted any more, so that at most two are.
    ///
    /// # Errors
    /// When there is no such key, it is over, its shard is full, or AWS fails.
    pub async fn rotate(&self, kid: &KeyId, overlap: SignedDuration, now: Timestamp) -> Result<Issued, Error> {
        let now = whole_seconds(now);
        let overlapped = now.checked_add(overlap).unwrap_or(Timestamp::MAX);
        let shard = self.shard_of(kid)?;
        let key = ApiKey::renew(&self.stage, kid)?;
        let hash = Hash::of(&key, &self.pepper().await?);
        let rotate = |shard: &mut Shard| {
            let record = unrevoked(shard, kid)?;
            if record.expires <= now {
                return Err(Error::Expired { kid: kid.clone(), at: record.expires });
            }
            if record.hashes.iter().all(|known| known.mac != hash.mac) {
                let end = overlapped.min(record.expires);
                record.hashes.retain(|known| known.expires.is_none() && end > now);
                record.hashes.iter_mut().for_each(|known| known.expires = Some(end));
                record.hashes.insert(0, hash.clone());
            }
            Ok(Entry::of(kid, record, now))
        };
        let entry = shard.change(revocations, rotate).await?;
        Ok(Issued { key, entry })
    }

    /// Sets when a key stops being accepted: sooner or later than it was.
    ///
    /// # Errors
    /// When `at` is not acceptable, there is no such key, it was revoked, or AWS fails.
    pub async fn expire(&self, kid: &KeyId, at: Timestamp, now: Timestamp) -> Result<Entry, Error> {
        let now = whole_seconds(now);
        let at = acceptable(at, now)?;
        let expire = |shard: &mut Shard| {
            let record = unrevoked(shard, kid)?;
            record.expires = at;
            Ok(Entry::of(kid, record, now))
        };
        self.shard_of(kid)?.change(revocations, expire).await
    }

    /// Ends a key, for good. One that was revoked before stays so since then.
    ///
    /// # Errors
    /// When there is no such key, or AWS fails.
    pub async fn revoke(&self, kid: &KeyId, now: Timestamp) -> Result<Entry, Error> {
        let now = whole_seconds(now);
        let revoke = |shard: &mut Shard| {
            let record = find(shard, kid)?;
            record.revoked.get_or_insert(now);
            Ok(Entry::of(kid, record, now))
        };
        self.shard_of(kid)?.change(|_| 0, revoke).await
    }

    /// Removes a key's usage identifier from API Gateway, and with it from its usage plan. Whether there was one.
    ///
    /// # Errors
    /// When AWS fails.
    pub async fn unregister(&self, kid: &KeyId) -> Result<bool, Error> {
        Registration::new(&self.gateway, &self.stage, kid).remove().await
    }

    /// The keys, or those of one tenant, the oldest first.
    ///
    /// # Errors
    /// When AWS fails.
    pub async fn list(&self, tenant: Option<&Tenant>, now: Timestamp) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for version in self.read_all().await? {
            let keys = version.shard.keys.iter();
            let wanted = keys.filter(|(_, record)| tenant.is_none_or(|tenant| record.tenant == *tenant));
            entries.extend(wanted.map(|(kid, record)| Entry::of(kid, record, now)));
        }
        entries.sort_by(|a, b| (a.created, &a.kid).cmp(&(b.created, &b.kid)));
        Ok(entries)
    }

    /// One key.
    ///
    /// # Errors
    /// When there is no such key, or AWS fails.
    pub async fn show(&self, kid: &KeyId, now: Timestamp) -> Result<Entry, Error> {
        let mut shard = self.shard_of(kid)?.read().await?.shard;
        find(&mut shard, kid).map(|record| Entry::of(kid, record, now))
    }

    /// Registers first, because a plan may not exist; what was registered for a key that is not stored is taken back.
    async fn admit(&self, kid: &KeyId, record: &Record, plan: Option<&str>) -> Result<(), Error> {
        let registration = Registration::new(&self.gateway, &self.stage, kid);
        if let Some(plan) = plan {
            registration.join(plan).await?;
        }
        let insert = |shard: &mut Shard| {
            shard.keys.entry(kid.clone()).or_insert_with(|| record.clone());
            Ok(())
        };
        let stored = self.shard_of(kid)?.change(|shard| revocations(shard) + ROTATIONS, insert).await;
        match (stored, plan) {
            (Err(error), Some(_)) => Err(registration.after(error).await),
            (stored, _) => stored,
        }
    }

    async fn pepper(&self) -> Result<KeySet, Error> {
        let id = format!("palisade/{}/pepper", self.stage);
        let answer = self.secrets.get_secret_value().secret_id(&id).send().await;
        let answer = answer.map_err(|error| Error::of_secret("reading", &id, &error))?;
        let keys = answer.secret_string().and_then(|text| KeySet::parse(text).ok());
        keys.ok_or(Error::MalformedSecret(id))
    }

    async fn emptiest_first(&self) -> Result<Vec<usize>, Error> {
        let mut shards: Vec<(usize, usize)> =
            self.read_all().await?.iter().enumerate().map(|(index, version)| (version.bytes, index)).collect();
        shards.sort_unstable();
        Ok(shards.into_iter().map(|(_, index)| index).collect())
    }

    async fn read_all(&self) -> Result<Vec<Version>, Error> {
        let mut versions = Vec::with_capacity(SHARDS);
        for index in 0..SHARDS {
            versions.push(self.shard(index).read().await?);
        }
        Ok(versions)
    }

    /// The shard that holds `kid` if any does.
    fn shard_of(&self, kid: &KeyId) -> Result<ShardSecret<'_>, Error> {
        let index = shard_of(kid);
        if index < SHARDS { Ok(self.shard(index)) } else { Err(Error::UnknownKey(kid.clone())) }
    }

    fn shard(&self, index: usize) -> ShardSecret<'_> {
        ShardSecret::new(&self.secrets, format!("palisade/{}/keyring/{index}", self.stage))
    }
}

/// The room a shard must keep, so that the day all its keys leak is not the day it is too full to say so.
fn revocations(shard: &Shard) -> usize {
    REVOCATION * shard.keys.values().filter(|record| record.revoked.is_none()).count()
}

fn find<'a>(shard: &'a mut Shard, kid: &KeyId) -> Result<&'a mut Record, Error> {
    shard.keys.get_mut(kid).ok_or_else(|| Error::UnknownKey(kid.clone()))
}

fn unrevoked<'a>(shard: &'a mut Shard, kid: &KeyId) -> Result<&'a mut Record, Error> {
    let record = find(shard, kid)?;
    match record.revoked {
        Some(at) => Err(Error::Revoked { kid: kid.clone(), at }),
        None => Ok(record),
    }
}

fn acceptable(expires: Timestamp, now: Timestamp) -> Result<Timestamp, Error> {
    let expires = whole_seconds(expires);
    let ahead = now.duration_until(expires);
    if ahead.is_positive() && ahead <= LONGEST_LIFE { Ok(expires) } else { Err(Error::Expiry) }
}

/// Without the fraction, which says nothing and takes ten bytes of a shard each time.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
