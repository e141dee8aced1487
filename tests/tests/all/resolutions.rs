//! What readings look like when they come back: bit for bit, or condensed to a minute, an hour or a day.

use crate::ingest::{T, ingest};
use crate::readings::{after, ingest_all};
use crate::world::{SHAPES, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn page(world: &World, query: &str) -> Value {
    let path = format!("/v1/sensors/pump/readings?{query}");
    world.get(&path).key(&world.keys.all).send().await.expect(200)
}

/// Min, max, sum and count by the start of the interval.
type Buckets = BTreeMap<i64, (f64, f64, f64, u32)>;

fn buckets(readings: &[(i64, f64)], width: i64) -> Buckets {
    let mut buckets = Buckets::new();
    for (second, value) in readings {
        let bucket = buckets.entry(second.div_euclid(width) * width).or_insert((f64::MAX, f64::MIN, 0.0, 0));
        *bucket = (bucket.0.min(*value), bucket.1.max(*value), bucket.2 + value, bucket.3 + 1);
    }
    buckets
}

fn assert_buckets<'a>(found: &[Value], expected: impl ExactSizeIterator<Item = (&'a i64, &'a (f64, f64, f64, u32))>) {
    assert_eq!(found.len(), expected.len());
    for (found, (start, (min, max, sum, count))) in found.iter().zip(expected) {
        let start = T.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(*start);
        let mean = found["mean"].as_f64().unwrap();
        assert!((mean - sum / f64::from(*count)).abs() < 1e-9, "{found}");
        let expected = json!({"timestamp": start, "min": min, "max": max, "mean": mean, "count": count});
        assert_eq!(*found, expected);
    }
}

#[tokio::test]
async fn buckets_hold_what_the_readings_of_their_interval_say() {
    let world = World::start().await;
    // Three days, the last short; several readings in some minutes; a night without any.
    let mut readings: Vec<(i64, f64)> =
        (0..450).map(|index| (index * 400 + index % 7, (index * 37 % 101) as f64 / 8.0 - 5.0)).collect();
    readings.extend((0..40).map(|index| (90_000 + index * 11, index as f64)));
    readings.retain(|(second, _)| !(30_000..60_000).contains(second));
    readings.sort_by_key(|(second, _)| *second);
    readings.dedup_by_key(|(second, _)| *second);
    for part in [2, 0, 1] {
        let mine = readings.iter().skip(part).step_by(3);
        ingest_all(&world, &mine.map(|(second, value)| after("pump", *second, *value)).collect::<Vec<_>>()).await;
    }
    for (resolution, width) in [("1m", 60), ("1h", 3600), ("1d", 86_400)] {
        let expected = buckets(&readings, width);
        for limit in [1_usize, 2, 13, 1000] {
            for order in ["asc", "desc"] {
                if limit < 10 && expected.len() > 100 {
                    continue;
                }
                let mut query = format!("resolution={resolution}&order={order}&limit={limit}");
                let mut found = Vec::new();
                loop {
                    let page = page(&world, &query).await;
                    found.extend(page["readings"].as_array().unwrap().clone());
                    let Some(next) = page["next_cursor"].as_str() else { break };
                    query = format!("resolution={resolution}&order={order}&limit={limit}&cursor={next}");
                }
                match order {
                    "asc" => assert_buckets(&found, expected.iter()),
                    _ => assert_buckets(&found, expected.iter().rev()),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_bucket_at_the_end_of_a_range_holds_only_what_is_in_the_range() {
    let world = World::start().await;
    let readings: Vec<(i64, f64)> = (0..100).map(|index| (index * 60, index as f64)).collect();
    ingest_all(&world, &readings.iter().map(|(second, value)| after("pump", *second, *value)).collect::<Vec<_>>())
        .await;
    let found = page(&world, "resolution=1h&from=2026-01-01T00:30:00Z&to=2026-01-01T01:10:00Z").await;
    let inside: Vec<_> = readings.iter().copied().filter(|(second, _)| (1800..=4200).contains(second)).collect();
    assert_buckets(found["readings"].as_array().unwrap(), buckets(&inside, 3600).iter());
    let empty = page(&world, "resolution=1d&from=2027-01-01T00:00:00Z").await;
    assert_eq!(empty, json!({"readings": [], "next_cursor": null}));
}

#[tokio::test]
async fn values_come_back_bit_for_bit() {
    let world = World::start().await;
    let mut texts: Vec<String> = [
        "0",
        "-0.0",
        "0.1",
        "0.30000000000000004",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "-1.7976931348623157e308",
        "9007199254740993",
        "123456789012345678901234567890",
        "1e21",
        "1E-7",
        "73.96732207",
        "0.000001",
        "1.0000000000000002",
        "179.99999999999997",
    ]
    .map(str::to_owned)
    .to_vec();
    // A plain generator, so that the numbers have no pattern.
    let mut state = 1_u64;
    while texts.len() < 300 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = state ^ (state >> 29);
        let value = f64::from_bits(bits);
        let middling = (bits >> 11) as f64 / (1_u64 << 53) as f64 * 1000.0;
        texts
            .extend([middling].into_iter().chain(value.is_finite().then_some(value)).map(|value| format!("{value:e}")));
    }
    let readings: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| after("pump", index as i64, 1.5).to_string().replace(":1.5", &format!(":{text}")))
        .collect();
    let body = format!("{{\"readings\":[{}]}}", readings.join(","));
    world.post("/v1/ingest").key(&world.keys.all).body(body).send().await.expect(200);
    let path = "/v1/sensors/pump/readings?limit=1000";
    let answer = world.get(path).key(&world.keys.all).send().await;
    let found: Vec<f64> =
        answer.body.split("\"value\":").skip(1).map(|rest| rest.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(found.len(), texts.len());
    for (text, found) in texts.iter().zip(found) {
        let sent: f64 = text.parse().unwrap();
        assert_eq!(sent.to_bits(), found.to_bits(), "{text} came back as {found:e}");
    }
}

#[tokio::test]
async fn quality_is_a_number_or_null_and_times_are_utc() {
    let world = World::start().await;
    let mut readings = Vec::new();
    for (time, quality) in [
        ("2026-01-01T00:00:00Z", json!(null)),
        ("2026-01-01T03:00:00+02:00", json!(0)),
        ("2025-12-31T21:30:00.5-04:30", json!(1)),
        ("2026-01-01T05:30:00.000000001-00:00", json!(0.25)),
    ] {
        let mut reading = after("pump", 0, 1.5);
        reading["timestamp"] = json!(time);
        reading["quality"] = quality;
        readings.push(reading);
    }
    ingest_all(&world, &readings).await;
    let expected = json!([
        {"timestamp": "2026-01-01T00:00:00Z", "value": 1.5, "quality": null},
        {"timestamp": "2026-01-01T01:00:00Z", "value": 1.5, "quality": 0.0},
        {"timestamp": "2026-01-01T02:00:00.5Z", "value": 1.5, "quality": 1.0},
        {"timestamp": "2026-01-01T05:30:00.000000001Z", "value": 1.5, "quality": 0.25},
    ]);
    assert_eq!(page(&world, "").await["readings"], expected);
}

#[tokio::test]
async fn a_sensor_is_found_by_its_name_however_the_path_spells_it() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        ingest(&world, &after("line:3.axis_2-b", 0, 1.5)).await.expect(200);
        for name in ["line:3.axis_2-b", "line%3A3.axis_2-b", "%6Cine%3a3%2Eaxis_2%2Db"] {
            let path = format!("/v1/sensors/{name}/readings?from=2026-01-01T01%3A00%3A00%2b01:00&limit=5");
            let found = world.get(&path).key(&world.keys.all).send().await.expect(200);
            assert_eq!(found["readings"][0]["value"], 1.5, "{shape:?} {name}");
        }
    }
}
