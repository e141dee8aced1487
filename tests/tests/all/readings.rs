//! `GET /v1/sensors/{sensor_id}/readings`: every reading once, in order, at any resolution, on any page.

use crate::ingest::{T, ingest};
use crate::world::{SHAPES, World, reading};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A reading of `sensor` so many seconds after `T`.
pub fn after(sensor: &str, seconds: i64, value: f64) -> Value {
    let mut reading = reading(sensor, value);
    reading["timestamp"] = json!(time(seconds));
    reading
}

fn time(seconds: i64) -> String {
    (T.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)).to_string()
}

pub async fn ingest_all(world: &World, readings: &[Value]) {
    let answer = ingest(world, &json!({"readings": readings})).await.expect(200);
    assert_eq!(answer["accepted"], readings.len());
}

async fn page(world: &World, sensor: &str, query: &str) -> Value {
    let path = format!("/v1/sensors/{sensor}/readings?{query}");
    world.get(&path).key(&world.keys.read_only).send().await.expect(200)
}

/// Every point, page by page; no page but the last is short, and none is too long.
async fn pages(world: &World, sensor: &str, limit: usize, query: &str) -> Vec<Value> {
    let query = format!("limit={limit}&{query}");
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(world, sensor, &format!("{query}{cursor}")).await;
        let points = page["readings"].as_array().unwrap().clone();
        assert!(points.len() <= limit, "{} of {limit}", points.len());
        all.extend(points.iter().cloned());
        match page["next_cursor"].as_str() {
            None => return all,
            Some(next) => {
                assert_eq!(points.len(), limit, "a short page that is not the last");
                cursor = format!("&cursor={next}");
            }
        }
    }
}

fn samples(expected: &BTreeMap<i64, f64>) -> Vec<Value> {
    let sample = |(second, value): (&i64, &f64)| json!({"timestamp": time(*second), "value": value, "quality": null});
    expected.iter().map(sample).collect()
}

fn reversed(mut points: Vec<Value>) -> Vec<Value> {
    points.reverse();
    points
}

/// Readings over more than three hours in interleaved writes, so that each hour has several segments
/// that overlap, and some of them twice.
async fn scattered(world: &World, sensor: &str) -> BTreeMap<i64, f64> {
    let all: BTreeMap<i64, f64> = (0..120).map(|index| (index * 97, index as f64 / 4.0)).collect();
    for part in [7, 2, 11, 0, 5, 9, 1, 3, 10, 4, 8, 6] {
        let mine = all.iter().skip(part).step_by(12);
        let mine: Vec<_> = mine.map(|(second, value)| after(sensor, *second, *value)).rev().collect();
        ingest_all(world, &mine).await;
    }
    let mut all = all;
    let mut again = Vec::new();
    for (second, value) in all.iter_mut().step_by(7) {
        *value += 1000.0;
        again.push(after(sensor, *second, *value));
    }
    ingest_all(world, &again).await;
    all
}

#[tokio::test]
async fn paging_gives_every_reading_exactly_once_in_either_order() {
    let world = World::start().await;
    let expected = samples(&scattered(&world, "pump").await);
    for limit in [1, 7, 37, 119, 120, 1000] {
        assert_eq!(pages(&world, "pump", limit, "order=asc").await, expected, "{limit}");
        assert_eq!(pages(&world, "pump", limit, "order=desc").await, reversed(expected.clone()), "{limit}");
    }
    let page = page(&world, "pump", "").await;
    assert_eq!(page["readings"].as_array().unwrap().len(), 100, "the default limit");
    assert_eq!(page["readings"][0], expected[0], "the default order");
}

#[tokio::test]
async fn a_later_write_neither_repeats_nor_hides_what_a_cursor_still_leads_to() {
    let world = World::start().await;
    let expected = samples(&scattered(&world, "pump").await);
    for (order, expected) in [("asc", expected.clone()), ("desc", reversed(expected))] {
        let first = page(&world, "pump", &format!("limit=50&order={order}")).await;
        let next = first["next_cursor"].as_str().unwrap();
        // Beside the first of all and beside the last of all, and once more on both.
        let beside = [after("pump", 1, -1.0), after("pump", 119 * 97 - 1, -2.0)];
        ingest_all(&world, &beside).await;
        let rest = page(&world, "pump", &format!("limit=1000&order={order}&cursor={next}")).await;
        let of = |page: &Value| page["readings"].as_array().unwrap().clone();
        let mut found = [of(&first), of(&rest)].concat();
        let new = found.iter().filter(|point| point["value"].as_f64().unwrap() < 0.0).count();
        assert!((1..=3).contains(&new), "{order}: {new}");
        found.retain(|point| point["value"].as_f64().unwrap() >= 0.0);
        assert_eq!(found, expected, "{order}");
    }
}

#[tokio::test]
async fn a_range_includes_both_ends_and_may_be_empty() {
    let world = World::start().await;
    let expected = samples(&scattered(&world, "pump").await);
    let query = |from: i64, to: i64| format!("limit=1000&from={}&to={}", time(from), time(to));
    let second = |index: usize| i64::try_from(index * 97).unwrap();
    for (first, last) in [(0, 119), (3, 3), (36, 38), (1, 118), (50, 80)] {
        let (from, to) = (second(first), second(last));
        let found = page(&world, "pump", &query(from, to)).await;
        assert_eq!(found["readings"], json!(expected[first..=last]), "{first} {last}");
        if last > first {
            let inside = page(&world, "pump", &query(from + 1, to - 1)).await;
            assert_eq!(inside["readings"], json!(expected[first + 1..last]), "{first} {last}");
        }
        let found = pages(&world, "pump", 10, &format!("order=desc&to={}", time(to))).await;
        assert_eq!(found, reversed(expected[..=last].to_vec()));
        let found = pages(&world, "pump", 10, &format!("from={}", time(from))).await;
        assert_eq!(found, expected[first..]);
    }
    for empty in [query(-5000, -1), query(119 * 97 + 1, 1 << 30), query(1, 96), query(1, 1)] {
        assert_eq!(page(&world, "pump", &empty).await, json!({"readings": [], "next_cursor": null}), "{empty}");
    }
}

#[tokio::test]
async fn a_sensor_that_does_not_exist_is_not_found() {
    let world = World::start().await;
    ingest_all(&world, &[after("pump", 0, 1.0)]).await;
    let refused = ingest(&world, &json!({"sensor_id": "fan", "value": 1, "sensor_type": "flow", "unit": ""})).await;
    refused.refused(422, "validation_failed");
    let long = "x".repeat(65);
    for name in ["fan", "Pump", "pum", "!sensors", "pump%23", "a%20b", "..", "%00", "%C3%BC", "%FF", &long] {
        for query in ["", "?resolution=1h", "?from=2026-01-01T00:00:00Z&order=desc"] {
            let answer = world.get(&format!("/v1/sensors/{name}/readings{query}")).key(&world.keys.all).send().await;
            answer.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_query_that_breaks_a_rule_is_refused_at_its_place() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        ingest_all(&world, &[after("pump", 0, 1.0)]).await;
        let ask = |query: &str| world.get(&format!("/v1/sensors/pump/readings?{query}")).key(&world.keys.all).send();
        let later = format!("from={}&to={}", time(1), time(0));
        for (query, place) in [
            ("limit=0", "/limit"),
            ("limit=1001", "/limit"),
            ("limit=abc", "/limit"),
            ("limit=-1", "/limit"),
            ("limit=1.5", "/limit"),
            ("limit=", "/limit"),
            ("limit=99999999999999999999", "/limit"),
            ("order=up", "/order"),
            ("resolution=2m", "/resolution"),
            ("from=yesterday", "/from"),
            ("from=2026-01-01T00:00:00", "/from"),
            ("to=", "/to"),
            (&later, "/to"),
        ] {
            let problem = ask(query).await.refused(422, "validation_failed");
            let errors = problem["errors"].as_array().unwrap();
            assert_eq!((errors.len(), &errors[0]["pointer"]), (1, &json!(place)), "{shape:?} {query}");
        }
        for query in [
            "colour=red",
            "limits=5",
            "Limit=5",
            "limit=5&limit=5",
            "limit=5&limit=6",
            "order=asc&order=desc",
            "cursor=",
            "cursor=x",
            "cursor=%00",
            "=",
        ] {
            let answer = ask(query).await;
            assert_eq!(answer.status, 400, "{shape:?} {query} {}", answer.body);
            answer.refused(400, "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_query_only() {
    let world = World::start().await;
    for sensor in ["pump", "fan"] {
        ingest_all(&world, &[after(sensor, 0, 1.0), after(sensor, 60, 2.0), after(sensor, 120, 3.0)]).await;
    }
    let other = world.post("/v1/ingest").key(&world.keys.other_tenant).json(&after("pump", 0, 4.0)).send().await;
    other.expect(200);
    let range = format!("from={}&to={}", time(0), time(1000));
    let query = format!("{range}&limit=1");
    let cursor = page(&world, "pump", &query).await["next_cursor"].as_str().unwrap().to_owned();
    // The same query in other words, with another limit.
    let same =
        format!("cursor={cursor}&to=2026-01-01T01:16:40%2B01:00&from=2026-01-01T00:00:00.000Z&order=asc&limit=5");
    assert_eq!(page(&world, "pump", &same).await["readings"].as_array().unwrap().len(), 2);
    let refused = async |key: &str, path: String| {
        let answer = world.get(&path).key(key).send().await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
        answer.refused(400, "invalid_request");
    };
    let all = &*world.keys.all;
    let path = |sensor: &str, query: &str| format!("/v1/sensors/{sensor}/readings?{query}");
    refused(all, path("fan", &format!("{query}&cursor={cursor}"))).await;
    refused(&world.keys.other_tenant, path("pump", &format!("{query}&cursor={cursor}"))).await;
    refused(all, path("pump", &format!("cursor={cursor}"))).await;
    refused(all, path("pump", &format!("{range}&order=desc&cursor={cursor}"))).await;
    refused(all, path("pump", &format!("{range}&resolution=1m&cursor={cursor}"))).await;
    refused(all, path("pump", &format!("from={}&to={}&cursor={cursor}", time(1), time(1000)))).await;
    refused(all, format!("/v1/sensors?cursor={cursor}")).await;
    let sensors = world.get("/v1/sensors?limit=1").key(all).send().await.expect(200);
    refused(all, path("pump", &format!("{query}&cursor={}", sensors["next_cursor"].as_str().unwrap()))).await;
    for at in 0..cursor.len() {
        let mut tampered = cursor.clone().into_bytes();
        tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        refused(all, path("pump", &format!("{query}&cursor={tampered}"))).await;
    }
    for tampered in [&cursor[1..], &cursor[..cursor.len() - 1], &format!("{cursor}A"), &format!("{cursor}%3D")] {
        refused(all, path("pump", &format!("{query}&cursor={tampered}"))).await;
    }
}
