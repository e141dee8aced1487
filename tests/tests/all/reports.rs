//! Reports: every figure is that of what is stored.

use crate::evidence::{dynamo, items, text};
use crate::ingest::T;
use crate::readings::{after, ingest_all};
use crate::world::{SHAPES, STAGE, World};
use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, Tenant};
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use store::{Documents, UnitOfWork};

const TYPES: [&str; 4] = ["anomaly_summary", "system_health", "maintenance_summary", "performance_summary"];

/// So many hours after `T`.
fn hour(hours: i64) -> String {
    (T.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)).to_string()
}

fn asked(report_type: &str, format: &str, hours: i64) -> Value {
    json!({"report_type": report_type, "format": format, "from": T, "to": hour(hours)})
}

async fn generate(world: &World, asked: &Value) -> Value {
    world.post("/v1/reports").key(&world.keys.all).json(asked).send().await.expect(201)
}

async fn figures(world: &World, report_type: &str, hours: i64) -> Value {
    generate(world, &asked(report_type, "json", hours)).await["content"]["figures"].clone()
}

/// Four hours of one sensor, the second of them without a reading, and one reading of another.
fn readings() -> Vec<Value> {
    let value = |minute: i64| ((minute * 37) % 101) as f64 / 4.0;
    let minutes = (0..60).chain(120..240).step_by(5);
    let mut all: Vec<Value> = minutes.map(|minute| after("press", minute * 60, value(minute))).collect();
    all.push(after("pump", 3 * 3600 + 60, -7.5));
    all
}

#[tokio::test]
async fn what_a_report_says_of_sensors_is_what_their_readings_say() {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &readings()).await;
    world.settled().await;
    let values: Vec<f64> = readings().iter().take(36).map(|reading| reading["value"].as_f64().unwrap()).collect();
    let (min, max) = (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(f64::MIN, f64::max));
    let mean = values.iter().sum::<f64>() / values.len() as f64;

    let health = figures(&world, "system_health", 4).await;
    assert_eq!((&health["totals"]["sensors"], &health["totals"]["readings"]), (&json!(2), &json!(37)), "{health}");
    let press = &health["sensors"][0];
    assert_eq!((&press["sensor_id"], &press["unit"], &press["readings"]), (&json!("press"), &json!("C"), &json!(36)));
    assert_eq!((&press["hours_expected"], &press["hours_with_data"]), (&json!(4), &json!(3)), "{press}");
    assert_eq!((&press["longest_gap_hours"], &press["longest_gap_start"]), (&json!(1), &json!(hour(1))), "{press}");
    assert_eq!((press["min"].as_f64(), press["max"].as_f64()), (Some(min), Some(max)));
    assert!((press["mean"].as_f64().unwrap() - mean).abs() < 1e-6, "{press}");
    let pump = &health["sensors"][1];
    assert_eq!((&pump["hours_expected"], &pump["readings"], &pump["last_value"]), (&json!(1), &json!(1), &json!(-7.5)));

    let later = json!({"report_type": "performance_summary", "format": "json", "from": hour(2), "to": hour(4)});
    let performance = generate(&world, &later).await["content"]["figures"].clone();
    let press = &performance["sensors"][0];
    assert_eq!((&press["readings"], &press["preceding_readings"]), (&json!(24), &json!(12)), "{press}");
}

#[tokio::test]
async fn a_report_is_not_behind_the_pipeline_and_not_without_what_has_expired() {
    // The pipeline stands still.
    let mut world = World::start().await;
    ingest_all(&world, &readings()).await;
    let before = figures(&world, "system_health", 4).await;
    assert_eq!(before["totals"]["readings"], 37, "{before}");
    world.flow().await;
    assert_eq!(figures(&world, "system_health", 4).await, before);

    // As when the time of the readings has come and that of their hours has not.
    for item in items(&world, "telemetry").await.into_iter().filter(|item| text(item, "sk").starts_with("R#")) {
        let delete = dynamo(&world).delete_item().table_name(format!("palisade-{STAGE}-telemetry"));
        delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
    }
    assert_eq!(figures(&world, "system_health", 4).await, before);

    // One more reading of an hour whose others have expired must not take its summary away.
    ingest_all(&world, &[after("press", 30, 12.0)]).await;
    world.settled().await;
    let press = &figures(&world, "system_health", 4).await["sensors"][0];
    assert_eq!((&press["readings"], &press["hours_with_data"]), (&json!(36), &json!(3)), "{press}");
}

#[tokio::test]
async fn what_a_report_says_of_work_is_what_was_done() {
    let mut world = World::start().await;
    world.flow().await;
    let today = Timestamp::now();
    let noise = |minute: i64| ((minute * 7919) % 101) as f64 / 101.0 - 0.5;
    let value = |minute: i64| 70.0 + noise(minute) + if minute < 300 { 0.0 } else { 25.0 };
    let episode: Vec<Value> = (0..360)
        .map(|minute| {
            let mut reading = after("press", 0, value(minute));
            reading["timestamp"] = json!((today - SignedDuration::from_mins(360 - minute)).to_string());
            reading
        })
        .collect();
    ingest_all(&world, &episode).await;
    world.settled().await;
    let alerts = world.get("/v1/alerts").key(&world.keys.all).send().await.expect(200)["alerts"].clone();
    let tasks = world.get("/v1/tasks").key(&world.keys.all).send().await.expect(200)["tasks"].clone();
    let body = json!({"task_id": tasks[0]["id"], "decision": "reject", "operator_id": "op", "justification": "No."});
    world.post("/v1/decisions").key(&world.keys.all).json(&body).send().await.expect(201);

    let (from, to) = (today - SignedDuration::from_hours(12), today + SignedDuration::from_hours(1));
    let report = async |report_type: &str| {
        let asked =
            json!({"report_type": report_type, "format": "json", "from": from.to_string(), "to": to.to_string()});
        generate(&world, &asked).await["content"].clone()
    };
    let anomalies = report("anomaly_summary").await;
    assert_eq!(anomalies["figures"]["totals"]["opened"], json!(alerts.as_array().unwrap().len()), "{anomalies}");
    let told = &anomalies["figures"]["alerts"][0];
    assert_eq!((&told["alert_id"], &told["sensor_id"]), (&alerts[0]["id"], &json!("press")));
    assert_eq!(told["severity"], alerts[0]["severity"]);
    assert_eq!(told["unusual_readings"], alerts[0]["readings"], "{told}");
    let maintenance = report("maintenance_summary").await;
    assert_eq!(maintenance["inputs"]["tasks"], 1, "{maintenance}");
    assert_eq!(maintenance["figures"]["tasks"][0]["status_at_end"], "rejected", "{maintenance}");
}

#[tokio::test]
async fn a_report_is_read_again_as_it_was_generated_behind_every_gateway() {
    for shape in SHAPES {
        let mut world = World::behind(shape).await;
        world.flow().await;
        ingest_all(&world, &readings()).await;
        world.settled().await;
        for report_type in TYPES {
            for format in ["json", "csv", "html"] {
                let mut generated = generate(&world, &asked(report_type, format, 4)).await;
                generated.as_object_mut().unwrap().remove("request_id");
                let path = format!("/v1/reports/{}", generated["report_id"].as_str().unwrap());
                let read = world.get(&path).key(&world.keys.all).send().await.expect(200);
                assert_eq!(read, generated, "{shape:?} {report_type} {format}");
                assert_eq!(read["content"].is_string(), format != "json");
            }
        }
    }
}

#[tokio::test]
async fn a_page_needs_nothing_but_itself() {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &readings()).await;
    world.settled().await;
    for report_type in TYPES {
        let page = generate(&world, &asked(report_type, "html", 4)).await["content"].as_str().unwrap().to_owned();
        assert!(page.starts_with("<!DOCTYPE html>"), "{report_type}");
        for outside in ["<script", "<link", "src=", "@import", "url(", "onload", "http://", "https://"] {
            let shown = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            assert!(!shown.contains(outside), "{report_type} has {outside}");
        }
        assert!(page.contains("Content-Security-Policy"), "{report_type}");
        let mut plain = asked(report_type, "html", 4);
        plain["include_charts"] = json!(false);
        let plain = generate(&world, &plain).await["content"].as_str().unwrap().to_owned();
        assert!(!plain.contains("<svg"), "{report_type} has charts that nobody wanted");
    }
}

#[tokio::test]
async fn a_report_that_is_sent_again_is_the_same_report() {
    let world = World::start().await;
    let post = || world.post("/v1/reports").key(&world.keys.all).header("idempotency-key", "monthly");
    let asked = asked("system_health", "html", 4);
    let first = post().json(&asked).send().await;
    let second = post().json(&asked).send().await;
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    let (mut first, mut second) = (first.expect(201), second.expect(201));
    first["request_id"] = Value::Null;
    second["request_id"] = Value::Null;
    assert_eq!(first, second);
}

#[tokio::test]
async fn what_is_no_report_is_refused_by_name() {
    let world = World::start().await;
    let cases = [
        (json!({"to": T}), 422, "/to"),
        (json!({"to": "2027-01-03T00:00:00Z"}), 422, "/to"),
        (json!({"from": "yesterday"}), 422, "/from"),
        (json!({"from": "1969-01-01T00:00:00Z", "to": "1969-01-02T00:00:00Z"}), 422, "/from"),
        (json!({"report_type": "everything"}), 422, "/report_type"),
        (json!({"format": "pdf"}), 422, "/format"),
    ];
    for (changes, status, pointer) in cases {
        let mut asked = asked("system_health", "json", 4);
        for (name, value) in changes.as_object().unwrap() {
            asked[name] = value.clone();
        }
        let answer = world.post("/v1/reports").key(&world.keys.all).json(&asked).send().await;
        let problem = answer.refused(status, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let unknown = world.get("/v1/reports/20260101T000000-report-0").key(&world.keys.all).send().await;
    unknown.refused(404, "not_found");
}

#[tokio::test]
async fn nobody_reads_anothers_report() {
    let world = World::start().await;
    let report = generate(&world, &asked("system_health", "json", 4)).await;
    let path = format!("/v1/reports/{}", report["report_id"].as_str().unwrap());
    world.get(&path).key(&world.keys.other_tenant).send().await.refused(404, "not_found");
    world.get(&path).key(&world.keys.read_only).send().await.refused(403, "forbidden");
    let asked = asked("system_health", "json", 4);
    world.post("/v1/reports").key(&world.keys.read_only).json(&asked).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_report_that_cannot_be_stored_is_not_answered_and_a_retry_makes_one() {
    for operation in ["Query", "GetItem", "TransactWriteItems"] {
        let world = World::start().await;
        let post = || world.post("/v1/reports").key(&world.keys.all).header("idempotency-key", "once");
        world.cloud.faults().inject(When::call(Service::DynamoDb, operation).times(6), Fault::InternalError);
        let asked = asked("system_health", "json", 4);
        assert_eq!(post().json(&asked).send().await.status, 503, "{operation}");
        world.cloud.faults().clear();
        let report = post().json(&asked).send().await.expect(201);
        let path = format!("/v1/reports/{}", report["report_id"].as_str().unwrap());
        world.get(&path).key(&world.keys.all).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_text_that_fills_several_items_is_read_back_whole() {
    let world = World::start().await;
    let documents = Documents::new(dynamo(&world), format!("palisade-{STAGE}-telemetry"));
    let (tenant, id) = (Tenant::parse("demo").unwrap(), Identifier::parse("long").unwrap());
    // Digits of a generator, which shrink to about two fifths.
    let mut state = 1_u64;
    let mut digits = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:010}", state >> 31)
    };
    let long: String = (0..250_000).map(|_| digits()).collect();
    let mut work = UnitOfWork::default();
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    documents.write(&mut work, &tenant, &id, &long, expires).unwrap();
    work.commit_unaudited(&dynamo(&world), "write").await.unwrap();
    let parts = dynamo(&world)
        .query()
        .table_name(format!("palisade-{STAGE}-telemetry"))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", aws_sdk_dynamodb::types::AttributeValue::S("demo#!document#long".into()));
    assert!(parts.send().await.unwrap().count() > 1);
    assert_eq!(documents.read(&tenant, &id).await.unwrap(), Some(long));
    let other = Identifier::parse("other").unwrap();
    assert_eq!(documents.read(&tenant, &other).await.unwrap(), None);
    let endless = "a".repeat(Documents::LONGEST + 1);
    assert!(documents.write(&mut UnitOfWork::default(), &tenant, &id, &endless, expires).is_err());
}
