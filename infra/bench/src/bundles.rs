//! How large the packages are.

use std::{fs, path::Path, process::Command};

use palisade_bench::Outcome;

use crate::{Row, row};

pub(crate) fn rows(packages: &Path) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    let with_model = ["predict", "record-transaction"].map(|binary| (binary, "<= 6 MB"));
    let without = ["ingest", "query-readings", "get-transaction"].map(|binary| (binary, "<= 3 MB"));
    for (binary, target) in without.into_iter().chain(with_model) {
        let bootstrap = packages.join(binary).join("bootstrap");
        let plain = fs::metadata(&bootstrap)?.len();
        // What a zip holds is what gzip makes of the one file in it.
        let packed = Command::new("gzip").arg("-9c").arg(&bootstrap).output()?.stdout.len();
        let measured = format!("{:.2} MB ({:.1} MB unpacked)", packed as f64 / 1e6, plain as f64 / 1e6);
        rows.push(row(format!("package of {binary}, compressed"), measured, target));
    }
    Ok(rows)
}
