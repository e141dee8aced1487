//! The Lambda runtime: events in, answers out.

use std::{collections::BTreeMap, convert::Infallible, env, sync::atomic::AtomicBool};

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;

use crate::{Deadline, Door, Endpoint, Event, Page, Reply, hallway::Hallway};

/// Serves `endpoint` behind `door` until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn serve<E: Endpoint>(endpoint: E, door: Door) -> Result<(), lambda_runtime::Error> {
    let served = Served::new(E::ROUTE.name);
    let (served, endpoint, door) = (&served, &endpoint, &door);
    run(|event, deadline| async move { served.hallway.endpoint(endpoint, door, event.into(), deadline).await }).await
}

/// Serves public pages until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn serve_page<P: Page>(page: P) -> Result<(), lambda_runtime::Error> {
    let served = Served::new(P::NAME);
    let (served, page) = (&served, &page);
    run(|event, _| async move { served.hallway.page(page, &event.into()) }).await
}

/// A function without the runtime around it, for benchmarks and tests of the front door itself.
pub struct Served {
    hallway: Hallway,
}

impl Served {
    /// The function called `function`, answering the origins of `CORS_ORIGINS`.
    #[must_use]
    pub fn new(function: &'static str) -> Self {
        let origins = env::var("CORS_ORIGINS").unwrap_or_default();
        let origins = origins.split(',').filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
        Self { hallway: Hallway { function, origins, warm: AtomicBool::new(false) } }
    }

    /// One request through the front door.
    pub async fn call<E: Endpoint>(&self, endpoint: &E, door: &Door, event: Event) -> Reply {
        self.hallway.endpoint(endpoint, door, event.into(), Deadline::default()).await
    }
}

async fn run<F, Fut>(answer: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(Event, Deadline) -> Fut,
    Fut: Future<Output = Reply>,
{
    quiet_panics();
    let answer = &answer;
    let service = service_fn(move |event: LambdaEvent<Event>| async move {
        let is_v2 = event.payload.is_v2();
        let deadline = Deadline::new(event.context.deadline());
        Ok::<_, Infallible>(ProxyResponse::new(deadline.keep(answer(event.payload, deadline)).await, is_v2))
    });
    lambda_runtime::run(service).await
}

/// The default hook would print a panic's message, and with it whatever it quotes.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
        eprintln!("{{\"panic\":\"{place}\"}}");
    }));
}

/// The shape that REST APIs take and, with cookies, HTTP APIs and `cargo lambda watch`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProxyResponse {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
    /// Always empty: `cargo lambda watch` does not take an answer without it, and REST APIs none with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<[&'static str; 0]>,
}

impl ProxyResponse {
    fn new(reply: Reply, is_v2: bool) -> Self {
        let mut headers: BTreeMap<_, _> = reply.headers.into_iter().collect();
        headers.insert("content-type", reply.content_type.to_owned());
        let cookies = is_v2.then_some([]);
        Self { status_code: reply.status, headers, body: reply.body, is_base64_encoded: false, cookies }
    }
}
