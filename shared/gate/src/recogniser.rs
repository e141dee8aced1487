//! Who asks, for the gateway's authorizer: it lets nobody do anything yet, but what it refuses reaches no function, so it
//! writes down what they would.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use kernel::Fault;
use vault::{Moment, Principal};

use crate::{
    Door, Incoming,
    endpoint::{Body, Demand, Method, Route},
    log::{self, Ended, Record},
};

const ROUTE: Route = Route {
    name: "authorize",
    method: Method::Get,
    path: "*",
    siblings: &[],
    demand: Demand::AnyKey,
    body: Body::None,
    stores: false,
};

/// A key that ends within this time is counted, so that somebody is told while it still works: 14 days.
const WARNING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Recognises the holders of keys.
pub struct Recogniser {
    door: Door,
    warm: AtomicBool,
}

impl Recogniser {
    /// At this door.
    #[must_use]
    pub const fn new(door: Door) -> Self {
        Self { door, warm: AtomicBool::new(false) }
    }

    /// The holder of the request's key. A denial of a known key is audited; every request has its log line.
    ///
    /// # Errors
    /// 401 when there is no valid key, 503 when that cannot be known.
    pub async fn recognise(&self, incoming: &Incoming) -> Result<Principal, Fault> {
        let now = Moment::now();
        let mut record = Record::default();
        // Boxed, because the types of nested futures grow beyond what the compiler follows.
        let admit: BoxFuture<'_, _> = Box::pin(self.door.admit(&ROUTE, incoming, now, &mut record));
        let outcome = admit.await;
        let ends = outcome.as_ref().ok().and_then(|principal| principal.expires);
        let is_ending = ends.is_some_and(|end| is_soon(end, now.wall));
        log::write(
            &record,
            &Ended {
                function: ROUTE.name,
                request_id: &incoming.request_id,
                traceparent: incoming.traceparent.as_deref(),
                gateway_request_id: incoming.gateway_request_id.as_ref(),
                method: log::method(&incoming.method),
                status: outcome.as_ref().map_or_else(|fault| fault.code.status(), |_| 200),
                fault: outcome.as_ref().err(),
                counts: if is_ending { &[("keys_ending", 1)] } else { &[] },
                milliseconds: now.monotonic.elapsed().as_secs_f64() * 1_000.0,
                cold: !self.warm.swap(true, Ordering::Relaxed),
            },
        );
        outcome
    }
}

/// Whether a key that ends then is to be renewed now.
fn is_soon(end: Timestamp, now: Timestamp) -> bool {
    end.duration_since(now) < WARNING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_of_while_less_than_the_time_of_warning_is_left() {
        let now = Timestamp::UNIX_EPOCH;
        let second = SignedDuration::from_secs(1);
        let told = [second, WARNING - second, WARNING, WARNING + second].map(|left| is_soon(now + left, now));
        assert_eq!(told, [true, true, false, false]);
    }
}
