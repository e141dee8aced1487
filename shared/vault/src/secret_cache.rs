//! One secret, fetched when needed and kept for a bounded time.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::Client;

use crate::{Cached, KeySet, Unavailable, aws::reason};

/// The parsed content of one secret, kept as [`Cached`] keeps it.
pub struct SecretCache<T> {
    client: Client,
    id: Box<str>,
    parse: fn(&str) -> Result<T, String>,
    value: Cached<T>,
}

impl<T> SecretCache<T> {
    /// A cache of the secret called `id`. Nothing is fetched yet.
    pub fn new(client: Client, id: impl Into<Box<str>>, parse: fn(&str) -> Result<T, String>) -> Self {
        Self { client, id: id.into(), parse, value: Cached::default() }
    }

    /// The value, at most 30 s old unless Secrets Manager fails.
    ///
    /// # Errors
    /// [`Unavailable`] when it cannot be fetched and no copy is younger than 15 min.
    pub async fn get(&self, now: Instant) -> Result<Arc<T>, Unavailable> {
        self.value.get(now, self.fetch()).await
    }

    /// The value, at most `fresh` old unless Secrets Manager fails.
    ///
    /// # Errors
    /// As [`SecretCache::get`].
    pub async fn get_within(&self, fresh: Duration, now: Instant) -> Result<Arc<T>, Unavailable> {
        self.value.get_within(fresh, now, self.fetch()).await
    }

    async fn fetch(&self) -> Result<T, Unavailable> {
        let answer = self.client.get_secret_value().secret_id(&*self.id).send().await;
        let answer = answer.map_err(|error| self.unavailable(&reason(&error)))?;
        let text = answer.secret_string().ok_or_else(|| self.unavailable(&"it holds no text"))?;
        (self.parse)(text).map_err(|reason| self.unavailable(&reason))
    }

    fn unavailable(&self, reason: &dyn fmt::Display) -> Unavailable {
        Unavailable::new(format_args!("secret {}: {reason}", self.id))
    }
}

impl SecretCache<KeySet> {
    /// A cache of the key set in the secret called `id`.
    pub fn key_set(client: Client, id: impl Into<Box<str>>) -> Self {
        Self::new(client, id, |text| KeySet::parse(text).map_err(|error| error.to_string()))
    }
}
