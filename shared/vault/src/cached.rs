//! One value from elsewhere, fetched when needed and kept for a bounded time.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// A value younger than this is used without asking.
const FRESH: Duration = Duration::from_secs(30);
/// A value older than this is not used even while its source fails.
pub const STALE: Duration = Duration::from_secs(15 * 60);
/// After a failed fetch the stale value serves this long before the next attempt, so that an
/// outage does not add a timeout to every request.
const PAUSE: Duration = Duration::from_secs(5);

/// The value cannot be had, and no copy of it is young enough. `Display` is for the log.
#[derive(Clone, Debug)]
pub struct Unavailable(Arc<str>);

impl Unavailable {
    /// For this reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string().into())
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value that others may change.
///
/// Fresh for 30 s; then fetched again, by one caller at a time. While its source fails
/// the last good value serves until it is 15 min old; after that nobody is let in on it.
pub struct Cached<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<(Arc<T>, Instant)>,
    failed: Option<(Unavailable, Instant)>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { value: None, failed: None }) }
    }
}

impl<T> Cached<T> {
    /// The value, at most 30 s old unless `fetch` fails.
    ///
    /// # Errors
    /// [`Unavailable`] when it cannot be fetched and no copy is younger than 15 min.
    pub async fn get(
        &self,
        now: Instant,
        fetch: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<Arc<T>, Unavailable> {
        self.get_within(FRESH, now, fetch).await
    }

    /// The value, at most `fresh` old unless `fetch` fails. `fetch` is not begun when it is not needed.
    ///
    /// # Errors
    /// As [`Cached::get`].
    pub async fn get_within(
        &self,
        fresh: Duration,
        now: Instant,
        fetch: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<Arc<T>, Unavailable> {
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
        match fetch.await {
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
}

impl<T> State<T> {
    fn younger_than(&self, age: Duration, now: Instant) -> Option<Arc<T>> {
        self.value
            .as_ref()
            .filter(|(_, at)| now.saturating_duration_since(*at) < age)
            .map(|(value, _)| Arc::clone(value))
    }
}
