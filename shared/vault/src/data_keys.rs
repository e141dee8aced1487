//! The keys of data subjects: made and unwrapped by KMS, kept in memory for a bounded time.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_kms::{Client, operation::decrypt::DecryptError, primitives::Blob, types::DataKeySpec};
use kernel::{Fault, Identifier, Tenant};
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::{DataKey, Moment, aws::reason};

/// How long a key is used without asking KMS again.
const KEPT: Duration = Duration::from_secs(300);
/// How many keys are kept.
const MOST_KEYS: usize = 1_000;
/// A key with fewer uses left is fetched anew, so that no request is refused half-way.
const RESERVE: u32 = 50_000;

/// The key of a data subject as it is stored: only KMS can read it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which key it is. A subject that is erased and comes back has another.
    pub id: Identifier,
    /// What KMS made of it.
    pub blob: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedKey(***)")
    }
}

/// Why there is no key to work with. `Display` is for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUnavailable {
    /// KMS does not answer, or not now: throttled, failing, its key disabled. A retry may succeed.
    NotNow(String),
    /// KMS did not wrap this for this tenant and purpose, or it was changed since. No retry will succeed.
    NotOurs(String),
}

impl fmt::Display for KeyUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNow(reason) => write!(f, "no data key now: {reason}"),
            Self::NotOurs(reason) => write!(f, "a wrapped key is not ours: {reason}"),
        }
    }
}

impl std::error::Error for KeyUnavailable {}

impl From<KeyUnavailable> for Fault {
    fn from(error: KeyUnavailable) -> Self {
        match error {
            KeyUnavailable::NotNow(_) => Self::unavailable(error),
            KeyUnavailable::NotOurs(_) => Self::internal(error),
        }
    }
}

/// Makes and unwraps the keys of data subjects.
///
/// A key serves for at most 300 s after KMS gave it, [`DataKey::MOST_USES`] times, and only for the tenant and the very
/// bytes that KMS unwrapped; at most 1,000 are kept. What has expired is forgotten by the next call. Two callers that
/// miss the same key at once both ask KMS: an execution environment serves one request at a time.
///
/// The cache saves the call to KMS and not the read of the wrapped key: who reads that before each request stops using
/// an erased key everywhere at once.
pub struct DataKeys {
    client: Client,
    key: String,
    purpose: &'static str,
    /// Oldest first.
    cache: Mutex<VecDeque<Cached>>,
}

struct Cached {
    tenant: Tenant,
    wrapped: WrappedKey,
    key: Arc<DataKey>,
    since: Instant,
}

impl DataKeys {
    /// Keys wrapped by the symmetric KMS key of this id, ARN or alias, for one purpose.
    #[must_use]
    pub const fn new(client: Client, key: String, purpose: &'static str) -> Self {
        Self { client, key, purpose, cache: Mutex::new(VecDeque::new()) }
    }

    /// A new key for a data subject of the tenant.
    ///
    /// # Errors
    /// [`KeyUnavailable::NotNow`].
    pub async fn mint(&self, tenant: &Tenant, now: Moment) -> Result<(WrappedKey, Arc<DataKey>), KeyUnavailable> {
        let answer = self
            .client
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(self.context(tenant)))
            .send()
            .await
            .map_err(|error| KeyUnavailable::NotNow(reason(&error)))?;
        let id = Identifier::parse(&Ulid::generate().to_string()).map_err(|_| nonsense())?;
        let blob = answer.ciphertext_blob.ok_or_else(nonsense)?.into_inner();
        let wrapped = WrappedKey { id, blob };
        let key = self.keep(tenant, &wrapped, answer.plaintext, now.monotonic)?;
        Ok((wrapped, key))
    }

    /// The key that was wrapped for a data subject of the tenant.
    ///
    /// # Errors
    /// [`KeyUnavailable::NotOurs`] when it was wrapped for another tenant or purpose, under another KMS key, or was
    /// changed; [`KeyUnavailable::NotNow`] otherwise.
    pub async fn unwrap(
        &self,
        tenant: &Tenant,
        wrapped: &WrappedKey,
        now: Moment,
    ) -> Result<Arc<DataKey>, KeyUnavailable> {
        if let Some(key) = self.kept(tenant, wrapped, now.monotonic) {
            return Ok(key);
        }
        let answer = self
            .client
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(wrapped.blob.as_slice()))
            .set_encryption_context(Some(self.context(tenant)))
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(DecryptError::InvalidCiphertextException(_) | DecryptError::IncorrectKeyException(_)) => {
                    KeyUnavailable::NotOurs(reason(&error))
                }
                _ => KeyUnavailable::NotNow(reason(&error)),
            })?;
        self.keep(tenant, wrapped, answer.plaintext, now.monotonic)
    }

    /// What KMS binds a wrapped key to. It appears in CloudTrail, so it names no data subject.
    fn context(&self, tenant: &Tenant) -> HashMap<String, String> {
        [("tenant", &**tenant), ("purpose", self.purpose)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn kept(&self, tenant: &Tenant, wrapped: &WrappedKey, now: Instant) -> Option<Arc<DataKey>> {
        let mut cache = self.cache();
        cache.retain(|cached| now.saturating_duration_since(cached.since) < KEPT);
        let cached = cache.iter().find(|cached| cached.tenant == *tenant && cached.wrapped == *wrapped)?;
        (cached.key.uses_left() >= RESERVE).then(|| Arc::clone(&cached.key))
    }

    fn keep(
        &self,
        tenant: &Tenant,
        wrapped: &WrappedKey,
        plaintext: Option<Blob>,
        since: Instant,
    ) -> Result<Arc<DataKey>, KeyUnavailable> {
        let plaintext = Zeroizing::new(plaintext.ok_or_else(nonsense)?.into_inner());
        let bytes = plaintext.as_slice().try_into().map_err(|_| nonsense())?;
        let key = DataKey::new(wrapped.id.clone(), bytes).map_err(|error| KeyUnavailable::NotNow(error.to_string()))?;
        let key = Arc::new(key);
        let mut cache = self.cache();
        cache.retain(|cached| cached.tenant != *tenant || cached.wrapped != *wrapped);
        if cache.len() >= MOST_KEYS {
            cache.pop_front();
        }
        cache.push_back(Cached { tenant: tenant.clone(), wrapped: wrapped.clone(), key: Arc::clone(&key), since });
        Ok(key)
    }

    fn cache(&self) -> MutexGuard<'_, VecDeque<Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nonsense() -> KeyUnavailable {
    KeyUnavailable::NotNow("KMS answered without a key of 32 bytes".to_owned())
}
