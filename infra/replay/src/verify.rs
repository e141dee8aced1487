//! Reads back what was sent and compares it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    client::{Answer, Client},
    error::ReplayError,
    readings::{Recording, progress},
    report::count,
    telemetry::Row,
};

/// How many differences are shown.
const SHOWN: usize = 5;
/// The largest page.
const PAGE: &str = "1000";

#[derive(Deserialize)]
struct Page {
    readings: Vec<Sample>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Sample {
    timestamp: Timestamp,
    value: f64,
}

/// How what was read back differs from the file.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    Missing(Timestamp),
    Unexpected(Timestamp),
    Repeated(Timestamp),
    Value(Timestamp),
}

/// Reads everything between the first and the last time of the file back, page by page. Says what
/// it finds, and whether all is equal.
pub(crate) async fn run(client: &mut Client, recording: &Recording<'_>) -> Result<bool, ReplayError> {
    let expected = expected(&recording.rows);
    let (Some((first, _)), Some((last, _))) = (expected.first_key_value(), expected.last_key_value()) else {
        return Ok(true);
    };
    let mut url = client.url(&["v1", "sensors", recording.sensor, "readings"]);
    url.query_pairs_mut().extend_pairs([
        ("from", first.to_string().as_str()),
        ("to", last.to_string().as_str()),
        ("limit", PAGE),
    ]);
    let bar = progress(expected.len(), 0);
    let mut found = Vec::new();
    let mut pages = 0_usize;
    let mut cursor: Option<String> = None;
    loop {
        let mut url = url.clone();
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let Answer { value: Page { readings, next_cursor }, .. } = client.get(url).await?;
        pages += 1;
        bar.inc(readings.len() as u64);
        found.extend(readings.into_iter().map(|sample| (sample.timestamp, sample.value)));
        match next_cursor {
            Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
            Some(_) => return Err(ReplayError::Answer { status: 200 }),
            None => break,
        }
    }
    bar.finish_and_clear();
    let repeated = recording.rows.len() - expected.len();
    println!("read back  {} readings in {} pages", count(found.len()), count(pages));
    println!(
        "expected   {} times; {} rows repeat one, and the last row counts",
        count(expected.len()),
        count(repeated)
    );
    let differences = compare(&expected, &found);
    if differences.is_empty() {
        println!("verified   every time and every value is equal, bit by bit");
        return Ok(true);
    }
    println!("DIFFERENT  {} readings:", count(differences.len()));
    for difference in differences.iter().take(SHOWN) {
        println!("  {difference:?}");
    }
    Ok(false)
}

/// The value of each time; of several rows with one time the last counts.
fn expected(rows: &[Row]) -> BTreeMap<Timestamp, f64> {
    rows.iter().map(|row| (row.time, row.value)).collect()
}

fn compare(expected: &BTreeMap<Timestamp, f64>, found: &[(Timestamp, f64)]) -> Vec<Difference> {
    let mut missing = expected.clone();
    let mut differences = Vec::new();
    for (time, value) in found {
        match (missing.remove(time), expected.contains_key(time)) {
            (Some(sent), _) if sent.to_bits() == value.to_bits() => {}
            (Some(_), _) => differences.push(Difference::Value(*time)),
            (None, true) => differences.push(Difference::Repeated(*time)),
            (None, false) => differences.push(Difference::Unexpected(*time)),
        }
    }
    differences.extend(missing.into_keys().map(Difference::Missing));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or_default()
    }

    #[test]
    fn of_rows_with_one_time_the_last_counts() {
        let row = |second, value| Row { line: 0, time: at(second), value };
        let expected = expected(&[row(1, 1.0), row(2, 2.0), row(1, 3.0)]);
        assert_eq!(expected, BTreeMap::from([(at(1), 3.0), (at(2), 2.0)]));
    }

    #[test]
    fn every_difference_is_found() {
        let expected = BTreeMap::from([(at(1), 0.1), (at(2), 0.0), (at(3), 3.0), (at(4), 4.0)]);
        assert_eq!(compare(&expected, &[(at(1), 0.1), (at(2), 0.0), (at(3), 3.0), (at(4), 4.0)]), []);
        let next = f64::from_bits(0.1_f64.to_bits() + 1);
        let found = [(at(1), next), (at(2), -0.0), (at(3), 3.0), (at(3), 3.0), (at(5), 5.0)];
        assert_eq!(
            compare(&expected, &found),
            [
                Difference::Value(at(1)),
                Difference::Value(at(2)),
                Difference::Repeated(at(3)),
                Difference::Unexpected(at(5)),
                Difference::Missing(at(4)),
            ]
        );
    }
}
