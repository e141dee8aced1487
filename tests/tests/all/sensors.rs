//! `GET /v1/sensors`: what is said of each sensor is exact, whatever was written how often.

use crate::ingest::ingest;
use crate::readings::{after, ingest_all};
use crate::world::World;
use serde_json::{Value, json};

async fn page(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/sensors{query}")).key(&world.keys.read_only).send().await.expect(200)
}

/// What is said of the only sensor.
async fn only(world: &World) -> Value {
    let page = page(world, "").await;
    let [sensor] = page["sensors"].as_array().unwrap().as_slice() else { panic!("{page}") };
    sensor.clone()
}

#[tokio::test]
async fn a_tenant_without_readings_has_no_sensors() {
    let world = World::start().await;
    assert_eq!(page(&world, "").await, json!({"sensors": [], "next_cursor": null}));
    assert_eq!(page(&world, "?limit=200").await, json!({"sensors": [], "next_cursor": null}));
}

#[tokio::test]
async fn one_reading_is_the_first_and_the_last() {
    let world = World::start().await;
    ingest(&world, &after("pump", 0, 71.5)).await.expect(200);
    let expected = json!({
        "sensor_id": "pump", "sensor_type": "temperature", "unit": "C", "count": 1, "last_value": 71.5,
        "first_timestamp": "2026-01-01T00:00:00Z", "last_timestamp": "2026-01-01T00:00:00Z",
    });
    assert_eq!(page(&world, "").await, json!({"sensors": [expected], "next_cursor": null}));
}

#[tokio::test]
async fn the_count_is_exact_under_duplicates_overlaps_and_late_readings() {
    let world = World::start().await;
    let mut expected = std::collections::BTreeMap::new();
    // Ranges of minutes over three hours, as they might arrive: repeated, nested, overlapping, older than what is there.
    let ranges =
        [(60, 90), (60, 90), (70, 80), (85, 130), (0, 5), (40, 61), (130, 131), (129, 180), (10, 20), (0, 180)];
    for (write, (from, to)) in (0..).zip(ranges) {
        let step = if write == 9 { 7 } else { 1 };
        let mut readings = Vec::new();
        for minute in (from..to).step_by(step).rev() {
            let value = f64::from(write * 1000 + minute);
            readings.push(after("pump", i64::from(minute) * 60, -1.0));
            readings.push(after("pump", i64::from(minute) * 60, value));
            expected.insert(minute, value);
        }
        ingest_all(&world, &readings).await;
        let sensor = only(&world).await;
        let (last, value) = expected.last_key_value().unwrap();
        let time = |minute: &i32| after("x", i64::from(*minute) * 60, 0.0)["timestamp"].clone();
        assert_eq!(sensor["count"], expected.len(), "write {write}");
        assert_eq!(sensor["first_timestamp"], time(expected.first_key_value().unwrap().0), "write {write}");
        assert_eq!(sensor["last_timestamp"], time(last), "write {write}");
        assert_eq!(sensor["last_value"], *value, "write {write}");
    }
}

#[tokio::test]
async fn type_and_unit_are_those_last_written() {
    let world = World::start().await;
    let in_unit = |seconds: i64, unit: &str| {
        let mut reading = after("pump", seconds, seconds as f64);
        reading["unit"] = json!(unit);
        reading
    };
    ingest(&world, &in_unit(60, "C")).await.expect(200);
    ingest(&world, &in_unit(120, "F")).await.expect(200);
    assert_eq!(only(&world).await["unit"], "F");
    let mut late = in_unit(0, "K");
    late["sensor_type"] = json!("other");
    ingest(&world, &late).await.expect(200);
    let sensor = only(&world).await;
    assert_eq!(
        [&sensor["unit"], &sensor["sensor_type"], &sensor["last_value"]],
        [&json!("K"), &json!("other"), &json!(120.0)]
    );
    // In one request too, however many units it has.
    let units: Vec<_> = (0..12).map(|index| in_unit(200 + index, &format!("u{index}"))).collect();
    ingest_all(&world, &units).await;
    let sensor = only(&world).await;
    assert_eq!([&sensor["unit"], &sensor["last_value"], &sensor["count"]], [&json!("u11"), &json!(211.0), &json!(15)]);
}

#[tokio::test]
async fn a_batch_that_ends_with_an_older_hour_leaves_the_unit_of_its_end() {
    let world = World::start().await;
    let (newer, mut older) = (after("pump", 7200, 1.0), after("pump", 0, 2.0));
    older["unit"] = json!("F");
    ingest_all(&world, &[newer, older]).await;
    let sensor = only(&world).await;
    assert_eq!([&sensor["unit"], &sensor["last_value"]], [&json!("F"), &json!(1.0)]);
}

#[tokio::test]
async fn paging_lists_every_sensor_once_by_name() {
    let world = World::start().await;
    let mut names: Vec<String> = (0..23).map(|index| format!("s{index}")).collect();
    names.extend(["A", "a", "a.b", "a-b", "a:b", "a_b", "Z"].map(str::to_owned));
    let readings: Vec<_> = names.iter().map(|name| after(name, 0, 1.0)).collect();
    ingest_all(&world, &readings).await;
    names.sort();
    for limit in [1, 4, 10, 29, 30, 31, 200] {
        let (mut found, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = page(&world, &query).await;
            let sensors = page["sensors"].as_array().unwrap();
            assert!(sensors.len() <= limit);
            found.extend(sensors.iter().map(|sensor| sensor["sensor_id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            assert_eq!(sensors.len(), limit);
            query = format!("?limit={limit}&cursor={next}");
        }
        assert_eq!(found, names, "{limit}");
    }
}

#[tokio::test]
async fn a_list_query_that_breaks_a_rule_is_refused() {
    let world = World::start().await;
    ingest_all(&world, &[after("a", 0, 1.0), after("b", 0, 1.0)]).await;
    let ask = |query: &str| world.get(&format!("/v1/sensors?{query}")).key(&world.keys.all).send();
    for query in ["limit=0", "limit=201", "limit=abc", "limit=-1", "limit=", "limit=70000"] {
        let problem = ask(query).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/limit", "{query}");
    }
    let cursor = page(&world, "?limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    let tampered = format!("cursor=B{}", &cursor[1..]);
    for query in ["colour=red", "limit=5&limit=5", "cursor=", "cursor=b", &tampered, &format!("cursor={cursor}A")] {
        ask(query).await.refused(400, "invalid_request");
    }
    let foreign = world.get(&format!("/v1/sensors?cursor={cursor}")).key(&world.keys.other_tenant).send().await;
    foreign.refused(400, "invalid_request");
}
