//! Which bytes of an object a read asks for, and under which condition.

use super::address::{header, without};
use super::{Object, precondition_failed};
use crate::wire::Refusal;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::ops::Range;

/// What a read asks for.
pub(super) struct Wanted<'a> {
    range: Option<Asked>,
    if_match: Option<&'a str>,
}

/// A range before the size of the object is known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    /// `bytes=2-`, `bytes=2-5`
    From(usize, Option<usize>),
    /// `bytes=-3`
    Last(usize),
}

impl<'a> Wanted<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        without(headers, &["if-none-match", "if-modified-since", "if-unmodified-since", "if-range"])?;
        Ok(Self { range: header(headers, "range").and_then(parse), if_match: header(headers, "if-match") })
    }

    /// The range of this object; `None` is all of it.
    pub(super) fn of_object(&self, object: &Object) -> Result<Option<Range<usize>>, Refusal> {
        let is_its = |tag: &str| tag == "*" || tag.trim_matches('"') == object.etag.trim_matches('"');
        if self.if_match.is_some_and(|tags| !tags.split(',').map(str::trim).any(is_its)) {
            return Err(precondition_failed());
        }
        self.range.map(|asked| satisfy(asked, object.size).ok_or_else(invalid_range)).transpose()
    }
}

/// `None` is a range that means nothing, which S3 answers with the whole object; it does so also for several ranges.
fn parse(text: &str) -> Option<Asked> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = match last {
        "" => None,
        digits => Some(digits.parse().ok()?),
    };
    match (first, last) {
        ("", last) => last.map(Asked::Last),
        (digits, last) => {
            let first = digits.parse().ok()?;
            last.is_none_or(|last| first <= last).then_some(Asked::From(first, last))
        }
    }
}

/// `None` if the object has no byte of the range.
fn satisfy(asked: Asked, size: usize) -> Option<Range<usize>> {
    let range = match asked {
        Asked::From(first, last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
        Asked::Last(count) => size.saturating_sub(count)..size,
    };
    (!range.is_empty()).then_some(range)
}

fn invalid_range() -> Refusal {
    Refusal::new("InvalidRange", "The requested range is not satisfiable")
        .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
}

/// `Thu, 01 Jan 1970 00:00:00 GMT`. It fails only for years before 0.
pub(super) fn http_date(time: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{parse, satisfy};

    #[test]
    fn a_range_is_cut_to_the_object() {
        for (text, size, range) in [
            ("bytes=0-3", 10, Some(0..4)),
            ("bytes=8-20", 10, Some(8..10)),
            ("bytes=4-", 10, Some(4..10)),
            ("bytes=-3", 10, Some(7..10)),
            ("bytes=-30", 10, Some(0..10)),
            ("bytes=10-", 10, None),
            ("bytes=-0", 10, None),
            ("bytes=0-", 0, None),
            ("bytes=0-18446744073709551615", 10, Some(0..10)),
        ] {
            assert_eq!(parse(text).and_then(|asked| satisfy(asked, size)), range, "{text} of {size}");
        }
    }

    #[test]
    fn what_is_not_a_range_asks_for_nothing() {
        for text in ["bytes=5-2", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
