//! Which failures are worth another attempt, and when.

use std::time::Duration;

/// After so many attempts of one request it is given up.
pub(crate) const MOST_ATTEMPTS: u32 = 10;
/// The first pause, before jitter; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(200);
/// The longest pause, before jitter, that nobody asked for.
const LONGEST: Duration = Duration::from_secs(20);
/// The longest pause that is granted: a counted minute, and some.
const LONGEST_GRANTED: Duration = Duration::from_secs(90);

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// There was no answer, or only the beginning of one.
    Connection,
    /// There was an answer.
    Status { status: u16, retry_after: Option<u64> },
}

/// How long to wait before attempt `attempt + 1`, or `None` when there is to be none. `random` is
/// from 0 to 1. At least half of a pause is kept, and never less than was asked for: clients that
/// failed together do not come back together, and none comes back too soon.
pub(crate) fn pause(failed: Failed, attempt: u32, random: f64) -> Option<Duration> {
    if attempt >= MOST_ATTEMPTS {
        return None;
    }
    let asked = match failed {
        Failed::Connection => Duration::ZERO,
        // In flight, too many, and what stands between us and a service that is not there.
        Failed::Status { status: 409 | 429 | 502 | 503 | 504, retry_after } => {
            Duration::from_secs(retry_after.unwrap_or(0))
        }
        Failed::Status { .. } => return None,
    };
    if asked > LONGEST_GRANTED {
        return None;
    }
    let backoff = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST);
    let jittered = backoff.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0));
    Some(if asked.is_zero() { jittered } else { asked + FIRST.mul_f64(random.clamp(0.0, 1.0)) }.max(jittered))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn status(status: u16, retry_after: Option<u64>) -> Failed {
        Failed::Status { status, retry_after }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_stays_wrong_is_not() {
        for again in [Failed::Connection, status(409, None), status(429, None), status(502, None), status(503, Some(1))]
        {
            assert!(pause(again, 1, 0.5).is_some(), "{again:?}");
        }
        for never in [400, 401, 403, 404, 413, 415, 422, 500] {
            assert_eq!(pause(status(never, Some(1)), 1, 0.5), None, "{never}");
        }
    }

    #[test]
    fn no_pause_is_shorter_than_asked_for() {
        for attempt in 1..MOST_ATTEMPTS {
            for random in [0.0, 0.5, 1.0] {
                let pause = pause(status(429, Some(7)), attempt, random);
                assert!(pause.is_some_and(|pause| pause >= Duration::from_secs(7)), "{attempt} {random} {pause:?}");
            }
        }
    }

    #[test]
    fn pauses_grow_are_jittered_and_end() {
        assert_eq!(pause(Failed::Connection, 1, 1.0), Some(Duration::from_millis(200)));
        assert_eq!(pause(Failed::Connection, 1, 0.0), Some(Duration::from_millis(100)));
        assert_eq!(pause(Failed::Connection, 4, 1.0), Some(Duration::from_millis(1600)));
        assert_eq!(pause(Failed::Connection, 9, 1.0), Some(LONGEST));
        assert_eq!(pause(Failed::Connection, MOST_ATTEMPTS, 1.0), None);
    }

    #[test]
    fn a_pause_beyond_reason_is_not_waited_for() {
        assert_eq!(pause(status(503, Some(3600)), 1, 0.5), None);
    }
}
