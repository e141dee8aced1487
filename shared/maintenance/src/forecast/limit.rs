//! When a forecast reaches a limit.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::ForecastPoint;

/// Values that should not be passed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The value not to fall to.
    pub low: Option<f64>,
    /// The value not to rise to.
    pub high: Option<f64>,
}

/// When each limit is reached. Null where there is no such limit, or where the forecast does not reach it within the
/// horizon: what is further off is not foreseeable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TimeToLimit {
    /// When the lower limit is reached.
    pub low: Option<Crossing>,
    /// When the upper limit is reached.
    pub high: Option<Crossing>,
}

/// When the forecast reaches a limit first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Crossing {
    /// When the expected value reaches it; the present when the last reading already has.
    pub timestamp: Timestamp,
    /// The same in minutes from the present.
    #[schemars(range(min = 0.0))]
    pub minutes: f64,
    /// When the nearer end of the 95 % band reaches it.
    pub earliest: Timestamp,
    /// When the whole 95 % band has reached it; null when that is beyond the horizon.
    pub latest: Option<Timestamp>,
}

impl Limits {
    /// When the forecast reaches the limits, from the last reading on.
    pub(super) fn reached(self, last: (Timestamp, f64), points: &[ForecastPoint], now: Timestamp) -> TimeToLimit {
        // A fall to the lower limit is a rise to its negative.
        let low = self.low.and_then(|low| {
            let turned = |point: &ForecastPoint| [-point.low95, -point.value, -point.high95];
            crossing((last.0, -last.1), points, turned, -low, now)
        });
        let high = self.high.and_then(|high| {
            crossing(last, points, |point: &ForecastPoint| [point.high95, point.value, point.low95], high, now)
        });
        TimeToLimit { low, high }
    }
}

/// The crossing of a limit from below; of a point `curves` gives the near end of the band, the value and the far end.
fn crossing(
    (start, last): (Timestamp, f64),
    points: &[ForecastPoint],
    curves: impl Fn(&ForecastPoint) -> [f64; 3],
    limit: f64,
    now: Timestamp,
) -> Option<Crossing> {
    let first = |index: usize| {
        let (mut before, mut time) = (last, start);
        if before >= limit {
            return Some(now);
        }
        for point in points {
            let [near, value, far] = curves(point);
            let next = [near, value, far].get(index).copied()?;
            if next >= limit {
                let share = (limit - before) / (next - before);
                let way = point.timestamp.duration_since(time).mul_f64(if share.is_finite() { share } else { 1.0 });
                return Some((time + way).max(now));
            }
            (before, time) = (next, point.timestamp);
        }
        None
    };
    let timestamp = first(1)?;
    let minutes = timestamp.duration_since(now).as_secs_f64() / 60.0;
    Some(Crossing { timestamp, minutes, earliest: first(0)?, latest: first(2) })
}
