//! The command against an API that fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod api;
mod predicting;
mod storing;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// A folder to run in, with a file of telemetry: `rows` readings, a minute apart.
pub(crate) fn folder(rows: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lines = (0..rows).map(|row| format!("2020-01-01 {:02}:{:02}:00,{}", row / 60, row % 60, value(row)));
    let text: Vec<String> = lines.collect();
    fs::write(folder.path().join("telemetry.csv"), format!("timestamp,value\n{}\n", text.join("\n"))).unwrap();
    folder
}

/// Values of all lengths up to the 17 digits that some need.
pub(crate) fn value(row: usize) -> f64 {
    (row as f64 + 0.1).sqrt() * 12.3
}

pub(crate) const KEY: &str = "pal_dev_0abcdefghijk_secret";

pub(crate) fn replay(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_palisade-replay"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("PALISADE_BASE")
        .env_remove("PALISADE_KEY")
        .output()
        .unwrap()
}

pub(crate) fn readings(folder: &Path, base: &str, more: &[&str]) -> Output {
    let arguments = [
        "readings",
        "telemetry.csv",
        "--sensor",
        "machine-1",
        "--sensor-type",
        "temperature",
        "--unit",
        "C",
        "--base",
        base,
        "--key",
        KEY,
    ];
    replay(folder, &[&arguments, more].concat())
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}
