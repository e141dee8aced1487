//! A file of telemetry: a time and a value in every row.

use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use csv::StringRecord;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::error::ReplayError;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    /// Its line in the file.
    pub(crate) line: u64,
    pub(crate) time: Timestamp,
    pub(crate) value: f64,
}

/// Reads every row, or says which one cannot be read.
pub(crate) fn read(path: &Path, bytes: &[u8], time: &str, value: &str) -> Result<Vec<Row>, ReplayError> {
    let csv = |error| ReplayError::Csv { path: path.to_owned(), error };
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(csv)?;
    let (time, value) = (column(path, headers, time)?, column(path, headers, value)?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(csv)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what| ReplayError::Row { path: path.to_owned(), line, what };
        let time = parse_time(record.get(time).unwrap_or_default()).ok_or_else(|| wrong("the time cannot be read"))?;
        let value = parse_value(record.get(value).unwrap_or_default())
            .ok_or_else(|| wrong("the value is not a finite number"))?;
        rows.push(Row { line, time, value });
    }
    if rows.is_empty() {
        return Err(ReplayError::NoRows { path: path.to_owned() });
    }
    Ok(rows)
}

/// Where the column called `name` is.
pub(crate) fn column(path: &Path, headers: &StringRecord, name: &str) -> Result<usize, ReplayError> {
    // Some programs begin a file with a byte order mark.
    let plain = |header: &str| header.trim_start_matches('\u{feff}').trim() == name;
    headers.iter().position(plain).ok_or_else(|| ReplayError::NoColumn { path: path.to_owned(), name: name.to_owned() })
}

/// A date and time; in UTC when it has no offset.
fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// A finite number; rounded to the nearest `f64`, once, here.
pub(crate) fn parse_value(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// The SHA-256 of texts, each with its length before it so that no two lists run together.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    // 128 bits are plenty to tell requests apart.
    context.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, ReplayError> {
        read(Path::new("some.csv"), text.as_bytes(), "timestamp", "value")
    }

    #[test]
    fn a_time_without_an_offset_is_utc() {
        let rows = rows(
            "timestamp,value\n2013-12-02 21:15:00,73.96732207\n2013-12-02T21:20:00.25Z,74.93588199999998\n\
             2013-12-02T22:25:00+01:00,-0.0\n",
        )
        .unwrap();
        let times: Vec<String> = rows.iter().map(|row| row.time.to_string()).collect();
        assert_eq!(times, ["2013-12-02T21:15:00Z", "2013-12-02T21:20:00.25Z", "2013-12-02T21:25:00Z"]);
        assert_eq!(rows[1].value.to_bits(), 74.935_881_999_999_98_f64.to_bits());
        assert_eq!(rows[2].value.to_bits(), (-0.0_f64).to_bits());
        assert_eq!(rows[2].line, 4);
    }

    #[test]
    fn columns_are_found_by_name_wherever_they_are() {
        let rows = rows("\u{feff}timestamp,station,value\n2020-01-01 00:00:00,a,1\n").unwrap();
        assert_eq!(rows[0].value, 1.0);
        let error = read(Path::new("f"), b"time,value\n", "timestamp", "value").unwrap_err();
        assert_eq!(error.to_string(), "f: there is no column \"timestamp\"");
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named_and_nothing_is_left_out() {
        for (row, says) in [
            ("yesterday,1", "the time cannot be read"),
            ("2020-01-01 00:00:00,", "the value is not a finite number"),
            ("2020-01-01 00:00:00,NaN", "the value is not a finite number"),
            ("2020-01-01 00:00:00,1e999", "the value is not a finite number"),
        ] {
            let error = rows(&format!("timestamp,value\n2020-01-01 00:00:00,1\n{row}\n")).unwrap_err();
            assert_eq!(error.to_string(), format!("some.csv, line 3: {says}"), "{row}");
        }
        assert!(matches!(rows("timestamp,value\n2020-01-01 00:00:00\n"), Err(ReplayError::Csv { .. })));
        assert!(matches!(rows("timestamp,value\n"), Err(ReplayError::NoRows { .. })));
    }

    #[test]
    fn digests_are_stable_and_tell_lists_apart() {
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"ab", b"c"]));
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b"ab"]), digest(&[b"ab", b""]));
    }
}
