//! The Lambda Runtime API as one process sees it: where it asks for events and brings back answers.
//!
//! Every process has a port of its own, as on Lambda, so whoever calls here is known by where they call.

use crate::saved::lock;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// An event on its way to a process.
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) event: Bytes,
    /// Milliseconds since 1970.
    pub(super) deadline: u128,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// What the process made of it.
pub(super) struct Reply {
    pub(super) result: Result<Bytes, Complaint>,
    /// From handing the event out to receiving the answer.
    pub(super) took: Duration,
}

/// An error as a function reports it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Complaint {
    pub(super) error_type: String,
    pub(super) error_message: String,
}

/// The desk of one process.
pub(super) struct Desk {
    function_arn: String,
    inbox: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    open: Mutex<Option<Open>>,
    /// When the process was started.
    born: Instant,
    /// How long it then took until it first asked for an event.
    init: watch::Sender<Option<Duration>>,
    /// Why it says it cannot start.
    refusal: Mutex<Option<Complaint>>,
}

/// The event the process is working on.
struct Open {
    id: String,
    handed_out: Instant,
    reply: oneshot::Sender<Reply>,
}

impl Desk {
    pub(super) fn new(function_arn: String, inbox: mpsc::Receiver<Invocation>) -> Self {
        Self {
            function_arn,
            inbox: tokio::sync::Mutex::new(inbox),
            open: Mutex::default(),
            born: Instant::now(),
            init: watch::Sender::new(None),
            refusal: Mutex::default(),
        }
    }

    /// Waits until the process asks for its first event.
    pub(super) async fn init(&self) -> Duration {
        // The sender lives in `self`, so waiting cannot fail.
        let init = self.init.subscribe().wait_for(Option::is_some).await.map(|init| *init);
        init.ok().flatten().unwrap_or_default()
    }

    pub(super) fn refusal(&self) -> Option<Complaint> {
        lock(&self.refusal).clone()
    }

    /// The routes of the API.
    pub(super) fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(self)
    }

    fn settle(&self, id: &str, result: Result<Bytes, Complaint>) -> StatusCode {
        match lock(&self.open).take_if(|open| open.id == id) {
            Some(open) => {
                // Nobody is waiting any more once the function's time is over.
                let _ = open.reply.send(Reply { result, took: open.handed_out.elapsed() });
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    desk.init.send_if_modified(|init| match init {
        Some(_) => false,
        None => {
            *init = Some(desk.born.elapsed());
            true
        }
    });
    let Some(invocation) = desk.inbox.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id.clone()),
        ("lambda-runtime-deadline-ms", invocation.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", desk.function_arn.clone()),
        ("lambda-runtime-trace-id", trace(&invocation.id)),
        ("content-type", "application/json".to_owned()),
    ];
    let Invocation { id, event, reply, .. } = invocation;
    *lock(&desk.open) = Some(Open { id, handed_out: Instant::now(), reply });
    (headers.map(|(name, value)| (http::HeaderName::from_static(name), value)), event).into_response()
}

async fn response(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    desk.settle(&id, Ok(body))
}

async fn error(State(desk): State<Arc<Desk>>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    desk.settle(&id, Err(complaint(&headers, &body)))
}

async fn init_error(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    *lock(&desk.refusal) = Some(complaint(&headers, &body));
    StatusCode::ACCEPTED
}

fn complaint(headers: &HeaderMap, body: &[u8]) -> Complaint {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let kind = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
        Complaint { error_type: kind.unwrap_or_default().to_owned(), error_message: String::new() }
    })
}

/// An X-Ray trace header made of the request's id, which is a UUID.
fn trace(id: &str) -> String {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let (epoch, rest) = digits.split_at_checked(8).unwrap_or_default();
    let parent = rest.get(..16).unwrap_or_default();
    format!("Root=1-{epoch}-{rest};Parent={parent};Sampled=0")
}
