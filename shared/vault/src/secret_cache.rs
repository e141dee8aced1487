//! One secret, fetched when needed and kept for a bounded time.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::Client;
use tokio::sync::Mutex;

use crate::{KeySet, aws::reason};

/// A value younger than this is used without asking.
const FRESH: Duration = Duration::from_secs(30);
/// A value older than this is not used even while Secrets Manager fails.
const STALE: Duration = Duration::from_secs(15 * 60);
/// After a failed fetch the stale value serves this long before the next attempt, so that an
/// outage does not add a timeout to every request.
const PAUSE: Duration = Duration::from_secs(5);

/// The secret cannot be had, and no copy of it is young enough. `Display` is for the log.
#[derive(Clone, Debug)]
pub struct SecretUnavailable(Arc<str>);

impl fmt::Display for SecretUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parsed content of one secret.
///
/// Fresh for 30 s; then fetched again, by one caller at a time. While Secrets Manager fails
/// the last good value serves until it is 15 min old; after that nobody is let in on it.
pub struct SecretCache<T> {
    client: Client,
    id: Box<str>,
    parse: fn(&str) -> Result<T, String>,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<(Arc<T>, Instant)>,
    failed: Option<(SecretUnavailable, Instant)>,
}

impl<T> SecretCache<T> {
    /// A cache of the secret called `id`. Nothing is fetched yet.
    pub fn new(client: Client, id: impl Into<Box<str>>, parse: fn(&str) -> Result<T, String>) -> Self {
        Self { client, id: id.into(), parse, state: Mutex::new(State { value: None, failed: None }) }
    }

    /// The value, at most 30 s old unless Secrets Manager fails.
    ///
    /// # Errors
    /// [`SecretUnavailable`] when it cannot be fetched and no copy is younger than 15 min.
    pub async fn get(&self, now: Instant) -> Result<Arc<T>, SecretUnavailable> {
        self.get_within(FRESH, now).await
    }

    /// The value, at most `fresh` old unless Secrets Manager fails.
    ///
    /// # Errors
    /// As [`SecretCache::get`].
    pub async fn get_within(&self, fresh: Duration, now: Instant) -> Result<Arc<T>, SecretUnavailable> {
        // Holding the lock over the fetch is the single flight: whoever waits finds the result.
        let mut state = self.state.lock().await;
        if let Some(value) = state.younger_than(fresh, now) {
            return Ok(value);
        }
        if let Some((reason, at)) = &state.failed
            && now.saturating_duration_since(*at) < PAUSE
        {
            let reason = reason.clone();
            return state.younger_than(STALE, now).ok_or(reason);
        }
        match self.fetch().await {
            Ok(value) => {
                let value = Arc::new(value);
                *state = State { value: Some((Arc::clone(&value), now)), failed: None };
                Ok(value)
            }
            Err(reason) => {
                state.failed = Some((reason.clone(), now));
                state.younger_than(STALE, now).ok_or(reason)
            }
        }
    }

    async fn fetch(&self) -> Result<T, SecretUnavailable> {
        let answer = self.client.get_secret_value().secret_id(&*self.id).send().await;
        let answer = answer.map_err(|error| self.unavailable(&reason(&error)))?;
        let text = answer.secret_string().ok_or_else(|| self.unavailable(&"it holds no text"))?;
        (self.parse)(text).map_err(|reason| self.unavailable(&reason))
    }

    fn unavailable(&self, reason: &dyn fmt::Display) -> SecretUnavailable {
        SecretUnavailable(format!("secret {}: {reason}", self.id).into())
    }
}

impl SecretCache<KeySet> {
    /// A cache of the key set in the secret called `id`.
    pub fn key_set(client: Client, id: impl Into<Box<str>>) -> Self {
        Self::new(client, id, |text| KeySet::parse(text).map_err(|error| error.to_string()))
    }
}

impl<T> State<T> {
    fn younger_than(&self, age: Duration, now: Instant) -> Option<Arc<T>> {
        self.value
            .as_ref()
            .filter(|(_, at)| now.saturating_duration_since(*at) < age)
            .map(|(value, _)| Arc::clone(value))
    }
}
