//! `POST /v1/ingest`: what is taken, what is refused, and how each refusal names its place.

use crate::world::{Answer, World, reading};
use jiff::{SignedDuration, Timestamp};
use palisade_local::host::Shape;
use serde_json::{Map, Value, json};

pub const T: &str = "2026-01-01T00:00:00Z";

/// A good reading of `sensor` at the time `T`, with `changes`; a member changed to `"absent"` is left out.
fn with(sensor: &str, changes: &Value) -> Value {
    let mut reading = json!({
        "sensor_id": sensor, "value": 1.5, "sensor_type": "temperature", "unit": "C", "timestamp": T,
    });
    for (name, value) in changes.as_object().unwrap() {
        reading[name] = value.clone();
    }
    reading.as_object_mut().unwrap().retain(|_, value| *value != "absent");
    reading
}

pub async fn ingest(world: &World, body: &Value) -> Answer {
    world.post("/v1/ingest").key(&world.keys.all).json(body).send().await
}

/// The readings of a sensor; none when it does not exist.
async fn stored(world: &World, sensor: &str) -> Vec<Value> {
    let path = format!("/v1/sensors/{sensor}/readings?limit=1000");
    let answer = world.get(&path).key(&world.keys.all).send().await;
    if answer.status == 404 { Vec::new() } else { answer.expect(200)["readings"].as_array().unwrap().clone() }
}

/// The places a problem names.
fn places(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap();
    assert!(errors.iter().all(|error| error["message"].as_str().is_some_and(|text| !text.is_empty())), "{problem}");
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

fn pairs(count: usize) -> Value {
    (0..count).map(|index| (format!("k{index}"), json!("v"))).collect::<Map<_, _>>().into()
}

/// What may be wrong with one reading, where that is said, and how.
fn bad() -> Vec<(Value, &'static str, &'static str)> {
    let long = |length: usize| "x".repeat(length);
    let ahead = (Timestamp::now() + SignedDuration::from_mins(11)).to_string();
    vec![
        (json!({"sensor_id": "absent"}), "/sensor_id", "required"),
        (json!({"sensor_id": null}), "/sensor_id", "type"),
        (json!({"sensor_id": 5}), "/sensor_id", "type"),
        (json!({"sensor_id": ""}), "/sensor_id", "invalid"),
        (json!({"sensor_id": "a#b"}), "/sensor_id", "invalid"),
        (json!({"sensor_id": "a/b"}), "/sensor_id", "invalid"),
        (json!({"sensor_id": "pümp"}), "/sensor_id", "invalid"),
        (json!({"sensor_id": long(65)}), "/sensor_id", "invalid"),
        (json!({"value": "absent"}), "/value", "required"),
        (json!({"value": null}), "/value", "type"),
        (json!({"value": "1.5"}), "/value", "type"),
        (json!({"value": true}), "/value", "type"),
        (json!({"sensor_type": "absent"}), "/sensor_type", "required"),
        (json!({"sensor_type": 3}), "/sensor_type", "type"),
        (json!({"sensor_type": ""}), "/sensor_type", "invalid"),
        (json!({"sensor_type": "heat"}), "/sensor_type", "invalid"),
        (json!({"sensor_type": "Temperature"}), "/sensor_type", "invalid"),
        (json!({"unit": "absent"}), "/unit", "required"),
        (json!({"unit": null}), "/unit", "type"),
        (json!({"unit": ""}), "/unit", "too_short"),
        (json!({"unit": long(17)}), "/unit", "too_long"),
        (json!({"unit": "a\nb"}), "/unit", "invalid"),
        (json!({"timestamp": ahead}), "/timestamp", "in_the_future"),
        (json!({"timestamp": "2300-01-01T00:00:00Z"}), "/timestamp", "in_the_future"),
        (json!({"timestamp": "1969-12-31T23:59:59Z"}), "/timestamp", "too_old"),
        (json!({"timestamp": "yesterday"}), "/timestamp", "invalid"),
        (json!({"timestamp": ""}), "/timestamp", "invalid"),
        (json!({"timestamp": "2026-01-01"}), "/timestamp", "invalid"),
        (json!({"timestamp": "2026-01-01T00:00:00"}), "/timestamp", "invalid"),
        (json!({"timestamp": "2026-02-30T00:00:00Z"}), "/timestamp", "invalid"),
        (json!({"timestamp": 1_767_225_600}), "/timestamp", "type"),
        (json!({"quality": 1.01}), "/quality", "out_of_range"),
        (json!({"quality": -0.1}), "/quality", "out_of_range"),
        (json!({"quality": "good"}), "/quality", "type"),
        (json!({"location": long(129)}), "/location", "too_long"),
        (json!({"location": 7}), "/location", "type"),
        (json!({"metadata": pairs(17)}), "/metadata", "too_many"),
        (json!({"metadata": {"a": long(257)}}), "/metadata/a", "too_long"),
        (json!({"metadata": {"a/b~c": long(257)}}), "/metadata/a~1b~0c", "too_long"),
        (json!({"metadata": {long(257): "a"}}), "/metadata", "too_long"),
        (json!({"metadata": {"": "a"}}), "/metadata/", "too_short"),
        (json!({"metadata": {"a": 1}}), "/metadata/a", "type"),
        (json!({"metadata": ["a"]}), "/metadata", "type"),
    ]
}

#[tokio::test]
async fn every_rule_of_a_reading_is_checked_and_its_place_is_named() {
    let world = World::start().await;
    for (changes, pointer, code) in bad() {
        let problem = ingest(&world, &with("single", &changes)).await.refused(422, "validation_failed");
        assert_eq!(places(&problem), [(pointer, code)], "{changes}");
        let good = with("batch", &json!({}));
        let batch = json!({"readings": [good, good, good, with("batch", &changes), good]});
        let problem = ingest(&world, &batch).await.refused(422, "validation_failed");
        assert_eq!(places(&problem), [(&*format!("/readings/3{pointer}"), code)], "{changes}");
    }
    assert_eq!(stored(&world, "single").await.len() + stored(&world, "batch").await.len(), 0);
}

#[tokio::test]
async fn all_or_nothing_names_each_bad_reading_and_each_rule_it_breaks() {
    let world = World::start().await;
    let two = json!({"value": 1, "quality": 2, "sensor_type": "heat", "unit": ""});
    let readings = [json!({}), two, json!({"value": "x"}), json!({}), json!({"sensor_id": "a b"})];
    let readings: Vec<_> = readings.iter().map(|changes| with("pump", changes)).collect();
    for batch in [json!({"readings": readings}), json!({"readings": readings, "mode": "all_or_nothing"})] {
        let problem = ingest(&world, &batch).await.refused(422, "validation_failed");
        let expected = [
            ("/readings/1/sensor_type", "invalid"),
            ("/readings/1/unit", "too_short"),
            ("/readings/1/quality", "out_of_range"),
            ("/readings/2/value", "type"),
            ("/readings/4/sensor_id", "invalid"),
        ];
        assert_eq!(places(&problem), expected);
    }
    assert!(stored(&world, "pump").await.is_empty());
    assert_eq!(world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200)["sensors"], json!([]));
}

#[tokio::test]
async fn partial_stores_the_good_and_lists_the_bad() {
    let world = World::start().await;
    let bad = bad();
    let good = |index: usize| with("pump", &json!({"timestamp": format!("2026-01-01T00:{index:02}:00Z")}));
    let readings: Vec<Value> =
        bad.iter().enumerate().flat_map(|(index, (changes, ..))| [good(index), with("pump", changes)]).collect();
    let answer = ingest(&world, &json!({"readings": readings, "mode": "partial"})).await.expect(200);
    assert_eq!(answer["accepted"], bad.len());
    let rejected = answer["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), bad.len());
    for (place, ((changes, pointer, code), rejected)) in bad.iter().zip(rejected).enumerate() {
        assert_eq!((&rejected["index"], &rejected["code"]), (&json!(2 * place + 1), &json!(code)), "{changes}");
        assert!(rejected["message"].as_str().unwrap().contains(pointer), "{rejected}");
        assert_eq!(rejected.as_object().unwrap().len(), 3, "{rejected}");
    }
    assert_eq!(stored(&world, "pump").await.len(), bad.len());
    let none = json!({"readings": [with("none", &json!({"unit": ""}))], "mode": "partial"});
    let answer = ingest(&world, &none).await.expect(200);
    assert_eq!((&answer["accepted"], answer["rejected"].as_array().unwrap().len()), (&json!(0), 1));
    assert!(stored(&world, "none").await.is_empty());
    let unknown =
        json!({"readings": [with("known", &json!({})), with("known", &json!({"colour": "red"}))], "mode": "partial"});
    let answer = ingest(&world, &unknown).await.expect(200);
    assert_eq!((&answer["accepted"], &answer["rejected"][0]["code"]), (&json!(1), &json!("unknown")));
}

#[tokio::test]
async fn what_is_just_within_the_rules_is_taken() {
    let world = World::start().await;
    let ahead = (Timestamp::now() + SignedDuration::from_mins(9)).to_string();
    let full: Map<_, _> = (0..16).map(|index| (format!("{index:0>256}"), json!("ü".repeat(256)))).collect();
    let nulls = json!({"timestamp": null, "quality": null, "location": null, "metadata": null});
    let absent = json!({"timestamp": "absent"});
    let mut edges: Vec<Value> = [nulls, absent]
        .into_iter()
        .chain([json!({"unit": "µ".repeat(16)}), json!({"location": "ö".repeat(128)}), json!({"location": ""})])
        .chain([json!({"quality": 0}), json!({"quality": 1}), json!({"metadata": full}), json!({"metadata": {}})])
        .chain([json!({"timestamp": ahead}), json!({"timestamp": "1970-01-01T00:00:00Z"})])
        .chain([json!({"timestamp": "2026-01-01t05:30:00.123456789+05:30"}), json!({"sensor_id": "a:B.c_d-9"})])
        .chain([json!({"sensor_id": "x".repeat(64)})])
        .collect();
    let types = "temperature vibration pressure humidity current voltage rotational_speed torque flow level other";
    edges.extend(types.split(' ').map(|name| json!({"sensor_type": name})));
    for changes in &edges {
        let answer = ingest(&world, &with("single", changes)).await;
        let request_id = answer.header("x-request-id").to_owned();
        let expected = json!({"accepted": 1, "rejected": [], "request_id": request_id});
        assert_eq!(answer.expect(200), expected, "{changes}");
    }
    let readings: Vec<_> = edges.iter().map(|changes| with("batch", changes)).collect();
    for body in [json!({"readings": readings, "mode": "partial"}), json!({"readings": readings, "mode": null})] {
        let answer = ingest(&world, &body).await.expect(200);
        assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(edges.len()), &json!([])));
    }
}

#[tokio::test]
async fn a_body_that_is_not_strict_json_of_known_fields_is_refused() {
    let world = World::behind(Shape::HttpV2).await;
    let good = with("pump", &json!({})).to_string();
    let open = good.strip_suffix('}').unwrap();
    let deep = format!("{open},\"metadata\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let bad = [
        String::new(),
        "[]".to_owned(),
        format!("[{good}]"),
        "null".to_owned(),
        "7".to_owned(),
        "{".to_owned(),
        "{'sensor_id':'pump'}".to_owned(),
        format!("{good}x"),
        format!("{good}{good}"),
        format!("\u{feff}{good}"),
        open.to_owned(),
        format!("{open},}}"),
        format!("{open},\"colour\":\"red\"}}"),
        format!("{open},\"unit\":\"C\"}}"),
        format!("{open},\"\\u0075nit\":\"C\"}}"),
        format!("{open},\"metadata\":{{\"a\":\"1\",\"a\":\"1\"}}}}"),
        good.replace("1.5", "1e999"),
        good.replace("1.5", "NaN"),
        good.replace("1.5", "Infinity"),
        good.replace("1.5", "01"),
        deep,
        format!("{{\"readings\":[{good},{open},\"colour\":\"red\"}}]}}"),
        format!("{{\"readings\":[{good}],\"sensor_id\":\"pump\"}}"),
        format!("{{\"readings\":[{good}],\"readings\":[{good}]}}"),
        format!("{{\"readings\":[{}]}}", good.replace("1.5", "-1e999")),
    ];
    for body in bad {
        let answer = world.post("/v1/ingest").key(&world.keys.all).body(body.clone()).send().await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        answer.refused(400, "invalid_request");
    }
    let latin = [open.as_bytes(), b",\"location\":\"\xe9\"}"].concat();
    world.post("/v1/ingest").key(&world.keys.all).body(latin).send().await.refused(400, "invalid_request");
    let asked = world.post("/v1/ingest?mode=partial").key(&world.keys.all).body(good.clone()).send().await;
    asked.refused(400, "invalid_request");
    for (body, place) in [
        ("{}".to_owned(), ("/sensor_id", "required")),
        ("{\"readings\":{}}".to_owned(), ("/readings", "type")),
        ("{\"readings\":null}".to_owned(), ("/readings", "type")),
        ("{\"readings\":[5]}".to_owned(), ("/readings/0", "type")),
        ("{\"readings\":[null]}".to_owned(), ("/readings/0", "type")),
        ("{\"readings\":[]}".to_owned(), ("/readings", "too_few")),
        (format!("{{\"readings\":[{good}],\"mode\":\"some\"}}"), ("/mode", "invalid")),
    ] {
        let answer = world.post("/v1/ingest").key(&world.keys.all).body(body).send().await;
        assert_eq!(places(&answer.refused(422, "validation_failed")), [place]);
    }
    assert!(stored(&world, "pump").await.is_empty());
}

#[tokio::test]
async fn the_body_is_plain_json_of_at_most_256_kib() {
    let world = World::start().await;
    let body = with("pump", &json!({})).to_string();
    let post = || world.post("/v1/ingest").key(&world.keys.all);
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""] {
        post().raw(media, body.clone()).send().await.expect(200);
    }
    for media in ["text/plain", "application/xml", "application/json; charset=latin1", "application/json5", "json"] {
        post().raw(media, body.clone()).send().await.refused(415, "unsupported_media_type");
    }
    post().send().await.refused(415, "unsupported_media_type");
    for encoding in ["gzip", "br", "deflate, identity"] {
        let zipped = post().body(body.clone()).header("content-encoding", encoding).send().await;
        zipped.refused(415, "unsupported_media_type");
    }
    const LIMIT: usize = 256 * 1024;
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
    post().body(padded(LIMIT)).send().await.expect(200);
    post().body(padded(LIMIT + 1)).send().await.refused(413, "payload_too_large");
    post().body(padded(1024 * 1024)).send().await.refused(413, "payload_too_large");
}

#[tokio::test]
async fn a_batch_has_1_to_500_readings() {
    let world = World::start().await;
    let many = |count: usize| {
        let at = |index| format!("2026-01-01T{:02}:{:02}:00Z", index / 60, index % 60);
        let readings = (0..count).map(|index| with("pump", &json!({"value": index, "timestamp": at(index)})));
        json!({"readings": readings.collect::<Vec<_>>()})
    };
    for count in [0, 501] {
        for mode in ["partial", "all_or_nothing"] {
            let mut body = many(count);
            body["mode"] = json!(mode);
            let problem = ingest(&world, &body).await.refused(422, "validation_failed");
            let code = if count == 0 { "too_few" } else { "too_many" };
            assert_eq!(places(&problem), [("/readings", code)]);
        }
    }
    assert!(stored(&world, "pump").await.is_empty());
    assert_eq!(ingest(&world, &many(500)).await.expect(200)["accepted"], 500);
    let values: Vec<_> =
        stored(&world, "pump").await.iter().map(|reading| reading["value"].as_f64().unwrap()).collect();
    assert_eq!(values, (0..500).map(f64::from).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_request_may_have_500_sensors() {
    let world = World::start().await;
    let readings: Vec<_> = (0..500).map(|index| with(&format!("s{index:03}"), &json!({"value": index}))).collect();
    assert_eq!(ingest(&world, &json!({"readings": readings})).await.expect(200)["accepted"], 500);
    for index in [0, 99, 100, 499] {
        let found = stored(&world, &format!("s{index:03}")).await;
        assert_eq!(found, [json!({"timestamp": T, "value": f64::from(index), "quality": null})]);
    }
}

#[tokio::test]
async fn no_answer_repeats_a_value() {
    let world = World::start().await;
    let secret = "hunter2";
    for name in ["sensor_id", "value", "sensor_type", "unit", "timestamp", "quality", "location", "metadata", "colour"]
    {
        let long = format!("{secret} {}", "x".repeat(300));
        for value in [json!(long), json!({"a": long}), json!({long.clone(): "a"}), json!([long])] {
            let bad = with("pump", &json!({name: value}));
            for body in [bad.clone(), json!({"readings": [bad]}), json!({"readings": [bad], "mode": "partial"})] {
                let answer = ingest(&world, &body).await;
                assert!(!answer.body.contains(secret), "{body}: {}", answer.body);
            }
        }
    }
    for body in [json!({"readings": secret}), json!({"readings": [], "mode": secret}), json!({"a hunter2": 1})] {
        let answer = ingest(&world, &body).await;
        assert!(answer.status >= 400 && !answer.body.contains(secret), "{}", answer.body);
    }
    for path in ["/v1/sensors?limit=hunter2", "/v1/sensors?cursor=hunter2", "/v1/sensors?a+b=hunter2"] {
        let answer = world.get(path).key(&world.keys.all).send().await;
        assert!(answer.status >= 400 && !answer.body.contains(secret), "{}", answer.body);
    }
}

#[tokio::test]
async fn readings_without_a_time_have_that_of_their_arrival_in_their_order() {
    let world = World::start().await;
    let before = Timestamp::now() - SignedDuration::from_millis(1);
    ingest(&world, &reading("single", 1.0)).await.expect(200);
    let batch: Vec<_> = [3.0, 1.0, 2.0].into_iter().map(|value| reading("batch", value)).collect();
    ingest(&world, &json!({"readings": batch})).await.expect(200);
    // Those of a batch are a millisecond apart, so that none replaces another.
    let after = Timestamp::now() + SignedDuration::from_millis(2);
    let time = |reading: &Value| reading["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let (single, batch) = (stored(&world, "single").await, stored(&world, "batch").await);
    let times: Vec<_> = single.iter().chain(&batch).map(time).collect();
    assert!(before <= times[0] && *times.last().unwrap() <= after, "{before} {times:?} {after}");
    let values: Vec<_> = batch.iter().map(|reading| reading["value"].as_f64().unwrap()).collect();
    assert_eq!((single.len(), values), (1, vec![3.0, 1.0, 2.0]));
}

#[tokio::test]
async fn the_last_write_of_a_time_wins_within_a_batch_and_across_requests() {
    let world = World::start().await;
    let at = |time: &str, value: f64| with("pump", &json!({"timestamp": time, "value": value}));
    let noon = "2026-01-01T12:00:00Z";
    let batch = json!({"readings": [at(noon, 1.0), at(T, 5.0), at("2026-01-01T13:00:00+01:00", 2.0)]});
    assert_eq!(ingest(&world, &batch).await.expect(200)["accepted"], 3);
    let values = || async {
        let readings = stored(&world, "pump").await;
        readings.iter().map(|one| one["value"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(values().await, [5.0, 2.0]);
    ingest(&world, &at(noon, 3.0)).await.expect(200);
    ingest(&world, &json!({"readings": [at("2025-12-31T23:59:59.999999999Z", 9.0), at(T, 6.0)]})).await.expect(200);
    ingest(&world, &with("pump", &json!({"timestamp": T, "value": 7.0, "unit": "F"}))).await.expect(200);
    assert_eq!(values().await, [9.0, 7.0, 3.0]);
}
