//! Readings in, readings out, and predictions.

use check_drift::{
    CheckDrift,
    contract::{DriftAnswer, DriftRequest},
};
use detect_anomalies::{
    DetectAnomalies,
    contract::{DetectAnswer, DetectRequest},
};
use forecast::{
    Forecast,
    contract::{ForecastAnswer, ForecastRequest},
};
use ingest::{
    Ingest,
    contract::{IngestAnswer, IngestRequest},
};
use kernel::{Code, Identifier};
use list_sensors::{
    ListSensors,
    contract::{SensorPage, SensorQuery},
};
use predict::{
    Predict,
    contract::{PredictAnswer, PredictRequest},
};
use predict_rul::{
    PredictRul,
    contract::{RulAnswer, RulRequest},
};
use query_readings::{
    QueryReadings,
    contract::{ReadingPage, ReadingQuery},
};
use serde_json::{Value, json};
use set_baseline::{
    SetBaseline,
    contract::{BaselineAnswer, BaselineRequest},
};

use super::{Answer, Content, Example, Operation, PathParameter, Query, example};
use crate::{json::set, schemas::Schemas};

const TAG: &str = "Maintenance";
/// What a cursor looks like.
const CURSOR: &str = "AQAAAAEAAAAAZy5kgHByZXNzLTQuYmVhcmluZ-Xk3Wg2vN0hM1h2bQ0b7cXy0kqYl8a1nG5o9eZrT4uV";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![
        ingest(schemas),
        list_sensors(schemas),
        query_readings(schemas),
        predict(schemas),
        detect_anomalies(schemas),
        check_drift(schemas),
        set_baseline(schemas),
        forecast(schemas),
        predict_rul(schemas),
    ]
}

fn ok(description: &'static str, schema: Value, examples: Vec<Example>) -> Vec<Answer> {
    vec![Answer { status: 200, description, content: Content::json(schema, examples) }]
}

fn ingest(schemas: &mut Schemas) -> Operation {
    let reading = |value: f64, time: &str| {
        json!({
            "sensor_id": "press-4.bearing",
            "value": value,
            "sensor_type": "temperature",
            "unit": "C",
            "timestamp": time,
        })
    };
    let mut noted = reading(73.97, "2026-03-02T08:15:00Z");
    set(&mut noted, "quality", json!(0.98));
    set(&mut noted, "location", json!("Hall 2, line B"));
    set(&mut noted, "metadata", json!({"firmware": "4.1.7"}));
    let batch = json!({
        "mode": "partial",
        "readings": [
            reading(73.97, "2026-03-02T08:15:00Z"),
            reading(74.94, "2026-03-02T09:20:00+01:00"),
        ],
    });
    let stored = json!({"accepted": 2, "rejected": [], "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PA"});
    let refused = json!({"index": 1, "code": "in_the_future", "message": "/readings/1/timestamp must not be more than ten minutes ahead"});
    let partly = json!({"accepted": 1, "rejected": [refused], "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PB"});
    Operation {
        request: Some(Content::json(
            schemas.request::<IngestRequest>(),
            vec![example("batch", "A batch", batch), example("reading", "One reading", noted)],
        )),
        answers: ok(
            "The readings counted in `accepted` are stored durably.",
            schemas.named_answer::<IngestAnswer>(),
            vec![
                example("stored", "All are stored", stored),
                example("partly", "One is not, in the mode `partial`", partly),
            ],
        ),
        ..Operation::of::<Ingest>(
            TAG,
            "Store readings",
            "Takes one reading or a batch of 1 to 500, of any sensors, in any order; late ones too. Sensors need not be announced. A reading with the sensor and the time of a stored one replaces it. Readings are stored all together or not at all; what a bad one does to the others, `mode` says.",
        )
    }
}

fn list_sensors(schemas: &mut Schemas) -> Operation {
    let sensors = json!({
        "sensors": [{
            "sensor_id": "press-4.bearing",
            "sensor_type": "temperature",
            "unit": "C",
            "first_timestamp": "2026-03-01T00:00:00Z",
            "last_timestamp": "2026-03-02T08:20:00Z",
            "count": 389,
            "last_value": 74.94,
        }],
        "next_cursor": CURSOR,
    });
    Operation {
        query: Some(Query { schema: schemas.query::<SensorQuery>(), example: json!({"limit": 50}) }),
        answers: ok(
            "A page of sensors, in the order of their names.",
            schemas.answer::<SensorPage>(),
            vec![example("page", "One page of several", sensors)],
        ),
        ..Operation::of::<ListSensors>(
            TAG,
            "List the sensors",
            "A sensor exists from its first reading on. Its type and unit are those last written.",
        )
    }
}

fn query_readings(schemas: &mut Schemas) -> Operation {
    let raw = json!({
        "readings": [
            {"timestamp": "2026-03-02T08:15:00Z", "value": 73.97, "quality": 0.98},
            {"timestamp": "2026-03-02T08:20:00Z", "value": 74.94, "quality": null},
        ],
        "next_cursor": null,
    });
    let hours = json!({
        "readings": [
            {"timestamp": "2026-03-02T08:00:00Z", "min": 73.97, "max": 74.94, "mean": 74.455, "count": 2},
            {"timestamp": "2026-03-02T07:00:00Z", "min": 71.2, "max": 74.1, "mean": 72.6875, "count": 12},
        ],
        "next_cursor": CURSOR,
    });
    let query = json!({"from": "2026-03-01T00:00:00Z", "order": "desc", "limit": 2, "resolution": "1h"});
    Operation {
        path_parameters: vec![PathParameter {
            name: "sensor_id",
            description: "Which sensor.",
            schema: schemas.request::<Identifier>(),
            example: "press-4.bearing",
        }],
        query: Some(Query { schema: schemas.query::<ReadingQuery>(), example: query }),
        answers: ok(
            "A page of readings, in the order asked for.",
            schemas.answer::<ReadingPage>(),
            vec![example("hours", "By the hour", hours), example("raw", "Every reading by itself", raw)],
        ),
        ..Operation::of::<QueryReadings>(
            TAG,
            "Read a sensor's readings",
            "Answers the readings of a range of time as they were sent, or condensed to the minimum, maximum, mean and count of each minute, hour or day of UTC. Intervals without a reading are left out.",
        )
    }
}

fn predict(schemas: &mut Schemas) -> Operation {
    let machine = json!({
        "machine_type": "L",
        "air_temperature_k": 302.4,
        "process_temperature_k": 310.9,
        "rotational_speed_rpm": 1352,
        "torque_nm": 57.3,
        "tool_wear_min": 191,
    });
    let mut unexplained = machine.clone();
    set(&mut unexplained, "explain", json!(false));
    let healthy = json!({
        "machine_type": "M",
        "air_temperature_k": 298.1,
        "process_temperature_k": 308.6,
        "rotational_speed_rpm": 1551,
        "torque_nm": 42.8,
        "tool_wear_min": 0,
    });
    let several = json!({"instances": [unexplained, healthy], "explain": true});
    let (one, many) = super::predictions::answers();
    Operation {
        counted: true,
        request: Some(Content::json(
            schemas.request::<PredictRequest>(),
            vec![
                example("machine", "One machine", machine),
                example("several", "Several, the first without contributions", several),
            ],
        )),
        answers: ok(
            "What the model says, in the form of the request.",
            schemas.named_answer::<PredictAnswer>(),
            vec![example("machine", "For one machine", one), example("several", "For several", many)],
        ),
        ..Operation::of::<Predict>(
            TAG,
            "Predict the failure of machines",
            "Says for one machine, or for 1 to 100, how probable a failure is, in which ways, and what each input contributes: exact Shapley values, which sum to the probability minus the baseline. Inputs outside the ranges are refused; inputs inside them and unlike the training data are answered with `in_distribution: false`. Nothing is stored.",
        )
    }
}

fn detect_anomalies(schemas: &mut Schemas) -> Operation {
    let stored = json!({
        "sensor_id": "press-4.bearing",
        "from": "2026-03-02T00:00:00Z",
        "to": "2026-03-02T12:00:00Z",
        "sensitivity": 0.6,
    });
    let reading = json!({
        "sensor_id": "press-4.bearing",
        "value": 73.97,
        "sensor_type": "temperature",
        "unit": "C",
        "timestamp": "2026-03-02T08:15:00Z",
    });
    let found = json!({
        "anomalies": [{
            "index": 98,
            "sensor_id": "press-4.bearing",
            "timestamp": "2026-03-02T08:15:00Z",
            "value": 91.4,
            "kind": "level_shift",
            "score": 8.7,
            "severity": 4,
            "expected": {"low": 70.2, "high": 78.9},
        }],
        "found": 1,
        "analyzed": 144,
        "judged": 144,
        "method": "robust-online-1",
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PA",
    });
    Operation {
        counted: true,
        further_refusals: &[Code::NotFound],
        request: Some(Content::json(
            schemas.request::<DetectRequest>(),
            vec![
                example("stored", "Stored readings of a sensor", stored),
                example("readings", "Readings of the request", json!({"readings": [reading]})),
            ],
        )),
        answers: ok(
            "The unusual readings.",
            schemas.named_answer::<DetectAnswer>(),
            vec![example("found", "One of a day", found)],
        ),
        ..Operation::of::<DetectAnomalies>(
            TAG,
            "Detect anomalies",
            "Judges up to 5000 readings of the request, or those of a sensor that are stored in a range, each in the light of those before it. Readings of several sensors with the same times are also judged together. Nothing is stored; alerts come from the readings that are ingested.",
        )
    }
}

fn check_drift(schemas: &mut Schemas) -> Operation {
    let asked = json!({"sensor_id": "press-4.bearing", "window_minutes": 1440});
    let found = json!({
        "drift_detected": true,
        "ks_statistic": 0.43,
        "p_value": 1.2e-12,
        "psi": 0.71,
        "recent_count": 288,
        "baseline_count": 287,
        "insufficient_data": false,
        "window_from": "2026-03-01T08:20:00Z",
        "window_to": "2026-03-02T08:20:00Z",
        "reference": "preceding",
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PA",
    });
    Operation {
        counted: true,
        further_refusals: &[Code::NotFound],
        request: Some(Content::json(schemas.request::<DriftRequest>(), vec![example("day", "The last day", asked)])),
        answers: ok(
            "The comparison.",
            schemas.named_answer::<DriftAnswer>(),
            vec![example("drifted", "The distribution has changed", found)],
        ),
        ..Operation::of::<CheckDrift>(
            TAG,
            "Check a sensor for drift",
            "Compares the distribution of the newest readings with that of the window before, by the two-sample Kolmogorov-Smirnov test and the population stability index. Neighbouring readings depend on each other, so that the p-value, which supposes that they do not, comes out small: look at the index as well.",
        )
    }
}

fn set_baseline(schemas: &mut Schemas) -> Operation {
    let period = json!({"from": "2026-02-01T00:00:00Z", "to": "2026-02-15T00:00:00Z", "window_minutes": 360});
    let kept = json!({
        "sensor_id": "press-4.bearing",
        "from": "2026-02-01T00:00:00Z",
        "to": "2026-02-15T00:00:00Z",
        "count": 4032,
        "usual": 0.31,
    });
    Operation {
        path_parameters: vec![PathParameter {
            name: "sensor_id",
            description: "Whose baseline.",
            schema: schemas.request::<Identifier>(),
            example: "press-4.bearing",
        }],
        request: Some(Content::json(
            schemas.request::<BaselineRequest>(),
            vec![example("weeks", "Two weeks, for windows of six hours", period)],
        )),
        answers: ok(
            "What is kept.",
            schemas.answer::<BaselineAnswer>(),
            vec![example("kept", "Of a sensor that wanders within the day", kept)],
        ),
        further_refusals: &[Code::Conflict],
        counted: true,
        ..Operation::of::<SetBaseline>(
            TAG,
            "Set a sensor's baseline",
            "Condenses the readings of a period in which the sensor was as it should be; drift checks with `reference` \
             `baseline` compare with it. It replaces the one before.",
        )
    }
}

fn forecast(schemas: &mut Schemas) -> Operation {
    let asked = json!({"sensor_id": "press-4.bearing", "horizon_minutes": 60, "limit": {"high": 90}});
    let point = |time: &str, value: f64, off: f64| {
        json!({
            "timestamp": time,
            "value": value,
            "low80": value - off,
            "high80": value + off,
            "low95": value - 2.0 * off,
            "high95": value + 2.0 * off,
        })
    };
    let found = json!({
        "sensor_id": "press-4.bearing",
        "unit": "C",
        "last_reading": "2026-03-02T08:20:00Z",
        "readings": 1440,
        "step_seconds": 300.0,
        "model": {
            "name": "damped_trend",
            "season_seconds": null,
            "weight": 0.75,
            "mean_absolute_error": 0.9,
            "last_value_error": 1.1,
        },
        "points": [point("2026-03-02T08:50:00Z", 75.5, 1.0), point("2026-03-02T09:20:00Z", 76.0, 1.5)],
        "coverage": [
            {"nominal": 0.8, "measured": 0.81, "count": 900},
            {"nominal": 0.95, "measured": 0.94, "count": 900},
        ],
        "time_to_limit": {"low": null, "high": null},
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PA",
    });
    Operation {
        counted: true,
        further_refusals: &[Code::NotFound, Code::InsufficientData],
        request: Some(Content::json(
            schemas.request::<ForecastRequest>(),
            vec![example("hour", "The next hour", asked)],
        )),
        answers: ok(
            "The forecast.",
            schemas.named_answer::<ForecastAnswer>(),
            vec![example("rising", "A temperature that rises", found)],
        ),
        ..Operation::of::<Forecast>(
            TAG,
            "Forecast a sensor",
            "Says from a sensor's own newest 5000 readings what it will show, with bands that hold 80 % and 95 % of what comes, how many of the past values such bands held, and when a limit is reached. The model is the one that would have done best in the past; too little history gets no forecast.",
        )
    }
}

fn predict_rul(schemas: &mut Schemas) -> Operation {
    let sensors = json!([
        518.67, 642.35, 1587.99, 1404.2, 14.62, 21.61, 553.75, 2388.04, 9050.17, 1.3, 47.2, 521.72, 2388.03, 8125.69,
        8.4052, 0.03, 392, 2388, 100, 38.86, 23.3735,
    ]);
    let cycle = |cycle: u32| json!({"cycle": cycle, "settings": [0.0008, -0.0004, 100], "sensors": sensors});
    let asked = json!({"instances": [{"cycles": [cycle(30), cycle(31)]}]});
    let found = json!({
        "predictions": [
            {"remaining_cycles": 118.4, "low": 79.1, "high": 125.0, "coverage": 0.9, "in_distribution": true},
        ],
        "model": {
            "name": "remaining-life",
            "version": "1.0.0",
            "sha256": "f61faf2d45ea761c6a90ba862f92eb7a8761fcd4a9b623000074fddb16805ce4",
        },
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PA",
    });
    Operation {
        counted: true,
        request: Some(Content::json(
            schemas.request::<RulRequest>(),
            vec![example("engine", "Two cycles of one engine", asked)],
        )),
        answers: ok(
            "The remaining cycles of each engine, in their order.",
            schemas.named_answer::<RulAnswer>(),
            vec![example("engine", "Of one engine", found)],
        ),
        ..Operation::of::<PredictRul>(
            TAG,
            "Predict the remaining life of engines",
            "Says from the last 1 to 50 cycles of each of 1 to 100 turbofan engines, in the column order of C-MAPSS, how many cycles it has left, with an interval that holds the truth nine times of ten. Answers end at 125 cycles, which means 125 or more. Nothing is stored.",
        )
    }
}
