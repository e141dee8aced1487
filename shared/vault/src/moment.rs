//! One point in time on both clocks.

use std::time::Instant;

use jiff::Timestamp;

/// When a request is served: on the monotonic clock that ages caches and on the wall clock that
/// expires keys. Passed in rather than read, so that ageing is tested without waiting.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// For durations.
    pub monotonic: Instant,
    /// For dates.
    pub wall: Timestamp,
}

impl Moment {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self { monotonic: Instant::now(), wall: Timestamp::now() }
    }
}
