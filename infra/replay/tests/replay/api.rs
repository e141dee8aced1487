//! A small API that keeps idempotency keys, and does what its script says instead of answering.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

/// What happens to a request instead of a good answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// It is answered well.
    Answer,
    /// It is refused with the status, and perhaps told when to come back.
    Refuse(u16, Option<u64>),
    /// It is stored, and the connection breaks before the answer.
    LoseAnswer,
    /// It is stored, and answered as if it had not been.
    StoreAndFail,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) key: String,
    pub(crate) body: String,
}

#[derive(Default)]
struct World {
    script: VecDeque<Act>,
    calls: Vec<Call>,
    answers: HashMap<String, String>,
    /// How often each time was stored, and the value it has.
    readings: BTreeMap<String, (usize, f64)>,
}

/// The running API. It ends with the runtime of the test.
#[derive(Clone, Default)]
pub(crate) struct Api {
    world: Arc<Mutex<World>>,
    pub(crate) base: String,
}

impl Api {
    pub(crate) async fn start(script: &[Act]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let api = Self { world: Arc::default(), base };
        api.world.lock().unwrap().script = script.iter().copied().collect();
        let router = Router::new()
            .route("/v1/ingest", post(ingest))
            .route("/v1/sensors/machine-1/readings", get(query))
            .route("/v1/predict", post(predict))
            .with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        api
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.world.lock().unwrap().calls.clone()
    }

    /// Each time, how often it was stored, and its value.
    pub(crate) fn readings(&self) -> BTreeMap<String, (usize, f64)> {
        self.world.lock().unwrap().readings.clone()
    }

    /// Changes a stored value by the smallest amount there is.
    pub(crate) fn tamper(&self, time: &str) {
        let mut world = self.world.lock().unwrap();
        let (_, value) = world.readings.get_mut(time).unwrap();
        *value = f64::from_bits(value.to_bits() + 1);
    }

    fn next(&self, headers: &HeaderMap, body: &Bytes) -> (Act, Call) {
        assert_eq!(headers["x-api-key"], super::KEY);
        assert_eq!(headers["content-type"], "application/json");
        let key = headers.get("idempotency-key").map_or("", |key| key.to_str().unwrap()).to_owned();
        let call = Call { key, body: String::from_utf8(body.to_vec()).unwrap() };
        let mut world = self.world.lock().unwrap();
        world.calls.push(call.clone());
        (world.script.pop_front().unwrap_or(Act::Answer), call)
    }

    /// Stores a body once for each idempotency key.
    fn store(&self, call: &Call) -> (String, bool) {
        let mut world = self.world.lock().unwrap();
        if let Some(answer) = world.answers.get(&call.key) {
            return (answer.clone(), true);
        }
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let readings = body["readings"].as_array().unwrap();
        for reading in readings {
            let time = reading["timestamp"].as_str().unwrap().to_owned();
            let stored = world.readings.entry(time).or_insert((0, 0.0));
            *stored = (stored.0 + 1, reading["value"].as_f64().unwrap());
        }
        let answer = json!({"accepted": readings.len(), "rejected": [], "request_id": "x"}).to_string();
        world.answers.insert(call.key.clone(), answer.clone());
        (answer, false)
    }
}

fn refusal(status: u16, retry_after: Option<u64>) -> Response {
    let code = if status == 429 { "rate_limited" } else { "some_code" };
    let body =
        json!({"type": "t", "title": "t", "status": status, "detail": "The detail.", "instance": "x", "code": code});
    let mut response = (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
    }
    response
}

async fn ingest(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    let (act, call) = api.next(&headers, &body);
    match act {
        Act::Refuse(status, retry_after) => refusal(status, retry_after),
        Act::LoseAnswer => {
            api.store(&call);
            panic!("the connection breaks, as the script says");
        }
        Act::StoreAndFail => {
            api.store(&call);
            refusal(500, None)
        }
        Act::Answer => {
            let (answer, replayed) = api.store(&call);
            let mut response = answer.into_response();
            if replayed {
                response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
            }
            response
        }
    }
}

/// Pages of seven, whatever is asked for, so that there are several.
async fn query(State(api): State<Api>, RawQuery(query): RawQuery) -> String {
    let query = query.unwrap();
    let start = query.split("cursor=").nth(1).map_or(0, |cursor| cursor.parse().unwrap());
    let readings = api.readings();
    let page: Vec<Value> = readings
        .iter()
        .skip(start)
        .take(7)
        .map(|(time, (_, value))| json!({"timestamp": time, "value": value, "quality": null}))
        .collect();
    let next = (start + 7 < readings.len()).then(|| (start + 7).to_string());
    json!({"readings": page, "next_cursor": next}).to_string()
}

/// The probability of a machine is a hundredth of its torque.
async fn predict(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    let (act, call) = api.next(&headers, &body);
    if let Act::Refuse(status, retry_after) = act {
        return refusal(status, retry_after);
    }
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body["explain"], false);
    let forecast = |machine: &Value| {
        let probability = machine["torque_nm"].as_f64().unwrap() / 100.0;
        json!({"failure_probability": probability, "will_fail": probability >= 0.5})
    };
    let predictions: Vec<Value> = body["instances"].as_array().unwrap().iter().map(forecast).collect();
    json!({"predictions": predictions, "model": {"name": "some", "version": "1.2.3", "sha256": ""}, "request_id": "x"})
        .to_string()
        .into_response()
}
