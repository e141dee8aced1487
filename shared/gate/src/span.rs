//! A span of time in a query.

use jiff::Timestamp;
use kernel::{BEGINNING, Violation, parse_timestamp};

/// The times from `from` to `to`, both included; without bounds when absent. What is wrong with them goes to `broken`.
pub fn span(from: Option<&str>, to: Option<&str>, broken: &mut Vec<Violation>) -> (Timestamp, Timestamp) {
    let mut time = |pointer: &'static str, text: Option<&str>, absent: Timestamp| {
        text.map_or(Some(absent), parse_timestamp).unwrap_or_else(|| {
            broken.push(Violation::new(pointer, "invalid", "must be an RFC 3339 time with an offset"));
            absent
        })
    };
    let (from, to) = (time("/from", from, BEGINNING), time("/to", to, Timestamp::MAX));
    if to < from {
        broken.push(Violation::new("/to", "out_of_range", "must not be before from"));
    }
    (from, to)
}
