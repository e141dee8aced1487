//! Cold starts: from starting the process to its first request for an event.

use std::{path::Path, time::Duration};

use palisade_bench::{Outcome, World, median, milliseconds};

use crate::{Row, row};

const RUNS: usize = 41;

pub(crate) async fn rows(root: &Path, packages: &Path) -> Outcome<Vec<Row>> {
    let world = World::start(root).await?;
    let names = ["hello-world", "health", "ingest", "predict"];
    let functions = names.map(|name| world.function(packages, name, None));
    let mut starts: Vec<Vec<Duration>> = vec![Vec::new(); names.len()];
    // Taken in turns, so that whatever else the machine does hits all of them.
    for _ in 0..RUNS {
        for (function, starts) in functions.iter().zip(&mut starts) {
            let function = function.as_ref().map_err(ToString::to_string)?;
            starts.push(function.init().await.map_err(|failure| format!("{failure:?}"))?);
            function.kill();
        }
    }
    let medians: Vec<f64> = starts.iter_mut().map(|starts| milliseconds(median(starts))).collect();
    let hello = medians.first().copied().unwrap_or(1.0);
    let targets = ["", "", "<= 1.5x", "<= 3x"];
    Ok(names
        .iter()
        .zip(medians)
        .zip(targets)
        .map(|((name, median), target)| {
            row(format!("init of {name}, median of {RUNS}"), format!("{median:.2} ms, {:.2}x", median / hello), target)
        })
        .collect())
}
