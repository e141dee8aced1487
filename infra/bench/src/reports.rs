//! A report on a month of a hundred sensors, from what is stored to the answer.

use std::{path::Path, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, Tenant};
use maintenance::{Bucket, HourSummary, SensorType};
use palisade_bench::{Outcome, World, expect_ok, median, milliseconds};
use serde_json::json;
use store::{Beside, UnitOfWork};

use crate::{Row, row};

const SENSORS: usize = 100;
const HOURS: i64 = 30 * 24;
const TABLE: &str = "palisade-bench-telemetry";
const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-03-31T00:00:00Z";
const RUNS: usize = 5;

pub(crate) async fn rows(root: &Path, packages: &Path) -> Outcome<Vec<Row>> {
    let world = World::start(root).await?;
    store_hours(&world).await?;
    let generate = world.function(packages, "generate-report", None)?;
    generate.set_environment("COMPUTE_LIMIT_PER_MINUTE", "1000000");
    let mut rows = Vec::new();
    for (report_type, format) in [("system_health", "html"), ("performance_summary", "json")] {
        let body = json!({"report_type": report_type, "format": format, "from": FROM, "to": TO});
        let event = world.event("POST", "/v1/reports", "", &body);
        let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
        let mut size = 0;
        for _ in 0..RUNS {
            let answer = generate.invoke(event.clone()).await.map_err(|failure| format!("{failure:?}"))?;
            times.push(answer.took);
            size = expect_ok(&answer.body)?.get("content").map_or(0, |content| content.to_string().len());
        }
        rows.push(row(
            format!("{report_type} as {format}, 30 days of {SENSORS} sensors, local DynamoDB, median of {RUNS}"),
            format!("{:.0} ms, {} kB", milliseconds(median(&mut times)), size / 1000),
            "",
        ));
    }
    Ok(rows)
}

/// What the pipeline would have stored of a month.
async fn store_hours(world: &World) -> Outcome<()> {
    let client = Client::new(&world.cloud.sdk_config());
    let tenant = Tenant::parse("bench")?;
    let beside = Beside::new(client.clone(), TABLE);
    let start: Timestamp = FROM.parse()?;
    let expires = Timestamp::now() + SignedDuration::from_hours(24);
    for number in 0..SENSORS {
        let sensor = Identifier::parse(&format!("sensor-{number}"))?;
        let name = |text: &str| AttributeValue::S(text.to_owned());
        let listed = client.put_item().table_name(TABLE);
        listed.item("pk", name("bench#!sensors")).item("sk", name(&sensor)).send().await?;
        let hours: Vec<i64> = (0..HOURS).collect();
        for part in hours.chunks(UnitOfWork::MOST_ITEMS) {
            let mut work = UnitOfWork::default();
            for hour in part {
                let timestamp = start + SignedDuration::from_hours(*hour);
                let mean = 20.0 + (*hour as f64 / 4.0).sin() * 3.0;
                let summary = HourSummary {
                    sensor_type: SensorType::Temperature,
                    unit: "C".to_owned(),
                    bucket: Bucket { timestamp, min: mean - 0.7, max: mean + 0.9, mean, count: 60 },
                    last_at: timestamp + SignedDuration::from_mins(59),
                    last_value: mean,
                };
                let data = serde_json::to_vec(&summary)?;
                beside.write_hour(&mut work, (&tenant, &sensor), timestamp, data, expires)?;
            }
            let token = format!("{number}-{}", part.first().copied().unwrap_or_default());
            work.commit_unaudited(&client, &token).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
