//! Telemetry into the API, batch by batch.

use std::{fs, time::Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;

use crate::{
    arguments::Readings,
    client::{Answer, Client},
    error::ReplayError,
    report::{Rate, count},
    state::StateFile,
    target::Target,
    telemetry::{self, Row, digest},
    verify,
};

/// How many rejected rows are shown.
const SHOWN: usize = 5;

/// A file to send, and everything that shapes the requests it is sent in.
pub(crate) struct Recording<'a> {
    pub(crate) sensor: &'a str,
    sensor_type: &'a str,
    unit: &'a str,
    pub(crate) rows: Vec<Row>,
    /// The digest of the file and of how it is read: the same bodies have the same.
    identity: String,
    batch: usize,
}

/// The body of a request. In this mode a bad row costs no good one.
#[derive(Serialize)]
struct Batch<'a> {
    mode: &'static str,
    readings: Vec<Reading<'a>>,
}

#[derive(Serialize)]
struct Reading<'a> {
    sensor_id: &'a str,
    sensor_type: &'a str,
    unit: &'a str,
    timestamp: jiff::Timestamp,
    value: f64,
}

#[derive(Deserialize)]
struct Stored {
    accepted: u64,
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    index: usize,
    message: String,
}

/// What became of the rows.
#[derive(Default)]
struct Tally {
    rows: usize,
    batches: usize,
    accepted: u64,
    replayed: usize,
    rejected: u64,
}

/// Sends the file, reports, and reads it back where that is wanted.
pub(crate) async fn run(arguments: &Readings) -> Result<bool, ReplayError> {
    let target = Target::find(&arguments.target)?;
    let recording = Recording::read(arguments)?;
    let state = StateFile::new(&arguments.state_dir, &recording.run(&target));
    if arguments.restart {
        state.forget()?;
    }
    let start = state.next()?.min(recording.rows.len());
    if start > 0 {
        println!("going on at row {} of {}; --restart begins anew", count(start + 1), count(recording.rows.len()));
    }
    let mut client = Client::new(&target)?;
    let began = Instant::now();
    let tally = send(&mut client, &recording, &state, start).await?;
    let rate = Rate { rows: tally.rows, took: began.elapsed() };
    println!("sent       {} rows in {} batches, {rate}", count(tally.rows), count(tally.batches));
    println!("accepted   {} readings", count(tally.accepted));
    println!("replayed   {} batches, which had been stored before", count(tally.replayed));
    println!("rejected   {} readings", count(tally.rejected));
    println!("retries    {}", count(client.retries));
    let verified = !arguments.verify || verify::run(&mut client, &recording).await?;
    Ok(tally.rejected == 0 && verified)
}

async fn send(
    client: &mut Client,
    recording: &Recording<'_>,
    state: &StateFile,
    start: usize,
) -> Result<Tally, ReplayError> {
    let url = client.url(&["v1", "ingest"]);
    let bar = progress(recording.rows.len(), start);
    let mut tally = Tally::default();
    let rest = recording.rows.get(start..).unwrap_or_default();
    for (index, rows) in rest.chunks(recording.batch).enumerate() {
        let offset = start + index * recording.batch;
        let body = to_raw_value(&recording.body(rows)).map_err(ReplayError::Body)?;
        let key = recording.idempotency_key(offset);
        let sent = client.post(url.clone(), &body, Some(&key)).await;
        let Answer { value: Stored { accepted, rejected }, replayed } = sent.inspect_err(|_| bar.abandon())?;
        state.remember(offset + rows.len())?;
        for Rejected { index, message } in rejected.iter().take(SHOWN.saturating_sub(tally.shown())) {
            let line = rows.get(*index).map_or(0, |row| row.line);
            bar.suspend(|| eprintln!("line {line} was rejected: {message}"));
        }
        tally.rows += rows.len();
        tally.batches += 1;
        tally.accepted += accepted;
        tally.replayed += usize::from(replayed);
        tally.rejected += rejected.len() as u64;
        bar.inc(rows.len() as u64);
    }
    state.forget()?;
    bar.finish_and_clear();
    Ok(tally)
}

impl Tally {
    /// How many rejected rows were shown.
    fn shown(&self) -> usize {
        usize::try_from(self.rejected).unwrap_or(usize::MAX)
    }
}

impl<'a> Recording<'a> {
    fn read(arguments: &'a Readings) -> Result<Self, ReplayError> {
        let Readings { file, sensor, sensor_type, unit, time_column, value_column, .. } = arguments;
        let bytes = fs::read(file).map_err(|error| ReplayError::File { path: file.clone(), error })?;
        let rows = telemetry::read(file, &bytes, time_column, value_column)?;
        let batch = usize::from(arguments.batch);
        let shape = [sensor, sensor_type, unit, time_column, value_column].map(String::as_bytes);
        let identity = digest(&[&[bytes.as_slice(), &batch.to_be_bytes()], shape.as_slice()].concat());
        Ok(Self { sensor, sensor_type, unit, rows, identity, batch })
    }

    /// The name under which the run is remembered.
    fn run(&self, target: &Target) -> String {
        digest(&[self.identity.as_bytes(), target.base.as_str().as_bytes(), target.kid().as_bytes()])
    }

    /// The idempotency key of the batch that begins with the row at `offset`.
    fn idempotency_key(&self, offset: usize) -> String {
        format!("replay-{}-{offset}", self.identity)
    }

    fn body(&self, rows: &[Row]) -> Batch<'a> {
        let reading = |row: &Row| Reading {
            sensor_id: self.sensor,
            sensor_type: self.sensor_type,
            unit: self.unit,
            timestamp: row.time,
            value: row.value,
        };
        Batch { mode: "partial", readings: rows.iter().map(reading).collect() }
    }
}

/// A bar for people; on anything but a terminal there is none.
pub(crate) fn progress(rows: usize, done: usize) -> ProgressBar {
    let bar = ProgressBar::new(rows as u64).with_position(done as u64);
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} rows  {per_sec}  {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::arguments::Target as Given;

    fn arguments(file: &Path) -> Readings {
        Readings {
            file: file.to_owned(),
            sensor: "machine-1".to_owned(),
            sensor_type: "temperature".to_owned(),
            unit: "C".to_owned(),
            time_column: "timestamp".to_owned(),
            value_column: "value".to_owned(),
            target: Given { base: None, key: None },
            batch: 2,
            verify: false,
            restart: false,
            state_dir: "unused".into(),
        }
    }

    #[test]
    fn a_batch_has_one_idempotency_key_and_another_batch_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        fs::write(&file, "timestamp,value\n2020-01-01 00:00:00,1\n").unwrap();
        let key = |change: &dyn Fn(&mut Readings), offset| {
            let mut arguments = arguments(&file);
            change(&mut arguments);
            Recording::read(&arguments).unwrap().idempotency_key(offset)
        };
        let first = key(&|_| {}, 0);
        assert_eq!(first, key(&|_| {}, 0));
        assert_eq!(first, key(&|arguments| arguments.verify = true, 0));
        assert!((1..=255).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_graphic()));
        for other in [
            key(&|_| {}, 2),
            key(&|arguments| arguments.sensor.push('1'), 0),
            key(&|arguments| arguments.unit = "K".to_owned(), 0),
            key(&|arguments| arguments.batch = 3, 0),
        ] {
            assert_ne!(first, other);
        }
        fs::write(&file, "timestamp,value\n2020-01-01 00:00:00,2\n").unwrap();
        assert_ne!(first, key(&|_| {}, 0));
    }

    #[test]
    fn a_run_is_another_for_another_api_or_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        fs::write(&file, "timestamp,value\n2020-01-01 00:00:00,1\n").unwrap();
        let arguments = arguments(&file);
        let recording = Recording::read(&arguments).unwrap();
        let target = |base: &str, key: &str| Target { base: base.parse().unwrap(), key: key.to_owned() };
        let run = recording.run(&target("http://a", "pal_dev_0one_x"));
        assert_eq!(run, recording.run(&target("http://a", "pal_dev_0one_rotated")));
        assert_ne!(run, recording.run(&target("http://a", "pal_dev_0two_x")));
        assert_ne!(run, recording.run(&target("http://b", "pal_dev_0one_x")));
    }
}
