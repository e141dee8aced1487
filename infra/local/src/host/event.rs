//! A request as it arrived, before a gateway writes it down as an event.

use crate::random;
use axum::body::Bytes;
use http::HeaderMap;
use http::request::Parts;
use serde_json::{Map, Value as Json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A request for one route.
pub(super) struct Request<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a Bytes,
    /// The gateway's own id of it.
    pub(super) id: &'a str,
    pub(super) stage: &'a str,
    /// The route's path, with its parameters in braces.
    pub(super) resource: &'a str,
    /// The parameters, decoded.
    pub(super) parameters: &'a [(String, String)],
    /// Since 1970.
    pub(super) time: Duration,
}

impl Request<'_> {
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The query, decoded, in order.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        let query = self.parts.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(super) fn header(&self, name: &str) -> String {
        values(&self.parts.headers, name).next_back().unwrap_or_default()
    }

    pub(super) fn path_parameters(&self) -> Json {
        match self.parameters {
            [] => Json::Null,
            all => {
                all.iter().map(|(name, value)| (name.clone(), Json::from(value.as_str()))).collect::<Map<_, _>>().into()
            }
        }
    }

    /// `22/Nov/2026:08:16:44 +0000`
    pub(super) fn common_log_time(&self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let seconds = self.time.as_secs();
        let (year, month, day) = date(seconds / 86_400);
        let month = MONTHS.get(month).unwrap_or(&"Jan");
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
    }
}

/// Year, month from zero, and day from one, of a day since 1970.
fn date(mut day: u64) -> (u64, usize, u64) {
    let mut year = 1970;
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

/// The values of a header, as text.
pub(super) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl DoubleEndedIterator<Item = String> + use<'a> {
    headers.get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A new id, and the time.
pub(super) fn stamp() -> (String, Duration) {
    // Without randomness the id is all zeros, which is still an id.
    let id = random::uuid_text(&random::uuid().unwrap_or_default());
    (id, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        assert_eq!(date(0), (1970, 0, 1));
        assert_eq!(date(19_782), (2024, 1, 29));
        assert_eq!(date(20_779), (2026, 10, 22));
    }
}
