//! Measures the deployed binaries against the targets: starts, warm requests, DynamoDB units, package sizes.
//!
//! `make bench` builds the binaries with the profile that is deployed and runs this. Everything is measured in one
//! run on one machine, and starts are given as a ratio to a hello-world function started beside them, so that the
//! figures mean something on another machine.

mod bundles;
mod growth;
mod ledger;
mod starts;
mod warm;

use std::path::PathBuf;

use palisade_bench::Outcome;

/// One line of the table.
struct Row {
    what: String,
    measured: String,
    target: &'static str,
}

fn row(what: impl Into<String>, measured: impl Into<String>, target: &'static str) -> Row {
    Row { what: what.into(), measured: measured.into(), target }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let root = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let packages = root.join("target/lambda");
    let mut rows = starts::rows(&root, &packages).await?;
    rows.extend(warm::rows(&root, &packages).await?);
    rows.extend(ledger::rows(&root, &packages).await?);
    rows.extend(growth::rows(&root, &packages).await?);
    rows.extend(bundles::rows(&packages)?);
    println!("| what | measured | target |\n|---|---|---|");
    for Row { what, measured, target } in rows {
        println!("| {what} | {measured} | {target} |");
    }
    Ok(())
}
