//! What DynamoDB charges, and whether that grows with what is stored.

use std::path::Path;

use serde_json::Value;

use palisade_bench::{Outcome, World, expect_ok, readings};

use crate::{Row, row};

/// What is stored when the costs are taken.
const STEPS: [usize; 3] = [1_000, 31_500, 1_000_000];
const BATCH: usize = 500;
/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;

pub(crate) async fn rows(root: &Path, packages: &Path) -> Outcome<Vec<Row>> {
    let mut rows = vec![batch_cost(root, packages).await?];
    let world = World::start(root).await?;
    let ingest = world.function(packages, "ingest", None)?;
    let query = world.function(packages, "query-readings", None)?;
    let mut stored = 0;
    let (mut writes, mut reads) = (Vec::new(), Vec::new());
    for step in STEPS {
        while stored < step {
            let start = START + i64::try_from(stored)?;
            world.cloud.reset_counts();
            let event = world.event("POST", "/v1/ingest", "", &readings(BATCH, 1, start));
            expect_ok(&ingest.invoke(event).await.map_err(|failure| format!("{failure:?}"))?.body)?;
            stored += BATCH;
        }
        writes.push(world.cloud.units().write);
        world.cloud.reset_counts();
        let event = world.event("GET", "/v1/sensors/sensor-0/readings", "order=desc&limit=100", &Value::Null);
        expect_ok(&query.invoke(event).await.map_err(|failure| format!("{failure:?}"))?.body)?;
        reads.push(world.cloud.units().read);
    }
    let what = |what: &str| format!("{what} with {} readings stored", STEPS.map(|step| step.to_string()).join(" / "));
    rows.push(row(what("write units of a batch of 500, one sensor,"), joined(&writes), "flat"));
    rows.push(row(what("read units of the newest 100 readings"), joined(&reads), "flat"));
    Ok(rows)
}

/// 1,000 readings in two batches of 500 over five sensors, with idempotency keys, audit and all.
async fn batch_cost(root: &Path, packages: &Path) -> Outcome<Row> {
    let world = World::start(root).await?;
    let ingest = world.function(packages, "ingest", None)?;
    world.cloud.reset_counts();
    for batch in 0..2 {
        let body = readings(BATCH, 5, START + batch * 100);
        let mut event: Value = serde_json::from_str(&world.event("POST", "/v1/ingest", "", &body))?;
        if let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) {
            headers.insert("idempotency-key".to_owned(), format!("batch-{batch}").into());
        }
        expect_ok(&ingest.invoke(event.to_string()).await.map_err(|failure| format!("{failure:?}"))?.body)?;
    }
    let units = world.cloud.units().write;
    Ok(row(
        "DynamoDB write units per 1,000 readings, batches of 500 over 5 sensors, all included",
        format!("{units}"),
        "<= 60",
    ))
}

fn joined(units: &[f64]) -> String {
    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ")
}
