//! Ranges of time at the ends of the calendar: nothing is stored there, and every route says so.

use crate::readings::{after, ingest_all};
use crate::transactions::{payment, record};
use crate::world::World;
use serde_json::{Value, json};

/// Ranges without anything, by their ends. Offsets put some of them out of the years that have four digits.
const EMPTY: [(&str, &str); 6] = [
    ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
    ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00+05:30"),
    ("0760-07-06T00:01:00.0Z", "0760-07-06T00:01:00.0Z"),
    ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z"),
    ("1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59"),
];

/// The lists that take a range, and where they have what they found.
const LISTS: [(&str, &str); 4] = [
    ("/v1/sensors/pump/readings?", "readings"),
    ("/v1/sensors/pump/readings?resolution=1d&order=desc&", "readings"),
    ("/v1/transactions?user_id=u1&", "transactions"),
    ("/v1/audit?", "entries"),
];

fn in_query(time: &str) -> String {
    time.replace('+', "%2B")
}

async fn stored() -> World {
    let world = World::start().await;
    ingest_all(&world, &[after("pump", 0, 1.0)]).await;
    record(&world, "u1", &payment(1)).await.expect(201);
    world
}

#[tokio::test]
async fn a_list_of_a_range_at_an_end_of_the_calendar_is_empty() {
    let world = stored().await;
    let found = async |path: &str, query: &str, field: &str| {
        let answer = world.get(&format!("{path}{query}")).key(&world.keys.all).send().await;
        answer.expect(200)[field].as_array().unwrap().len()
    };
    for (path, field) in LISTS {
        for (from, to) in EMPTY {
            let query = format!("from={}&to={}", in_query(from), in_query(to));
            assert_eq!(found(path, &query, field).await, 0, "{path}{query}");
        }
        let (first, last) = (EMPTY[1].0, EMPTY[5].1);
        for (query, none) in [
            (format!("to={}", in_query(first)), true),
            (format!("from={}", in_query(last)), true),
            (format!("from={}", in_query(first)), false),
            (format!("to={}", in_query(last)), false),
            (format!("from={}&to={}", in_query(first), in_query(last)), false),
        ] {
            assert_eq!(found(path, &query, field).await == 0, none, "{path}{query}");
        }
    }
}

#[tokio::test]
async fn nothing_is_judged_at_an_end_of_the_calendar_and_no_baseline_made() {
    let world = stored().await;
    for (from, to) in EMPTY {
        let range = json!({"sensor_id": "pump", "from": from, "to": to});
        let answer = world.post("/v1/anomalies/detect").key(&world.keys.all).json(&range).send().await;
        let found = answer.expect(200);
        assert_eq!((&found["analyzed"], &found["found"]), (&json!(0), &json!(0)), "{from} {to}");
        let period = json!({"from": from, "to": to, "window_minutes": 60});
        let refused = world.put("/v1/sensors/pump/baseline").key(&world.keys.all).json(&period).send().await;
        let problem = refused.refused(422, "validation_failed");
        let place = &problem["errors"][0]["pointer"];
        assert!(place == "/from" || place == "/to", "{from} {to} {problem}");
    }
}

#[tokio::test]
async fn a_report_of_the_first_hours_has_nothing_and_nothing_before() {
    let world = stored().await;
    for report_type in ["system_health", "performance_summary", "anomaly_summary", "maintenance_summary"] {
        let (from, to) = ("1970-01-01T00:00:00Z", "1970-01-01T04:00:00Z");
        let asked = json!({"report_type": report_type, "format": "json", "from": from, "to": to});
        let answer = world.post("/v1/reports").key(&world.keys.all).json(&asked).send().await;
        let report: Value = answer.expect(201);
        assert_eq!(report["content"]["figures"]["sensors"].as_array().map_or(0, Vec::len), 0, "{report}");
    }
}
