//! The HTTP server in front of the functions.

use super::blueprint::Blueprint;
use super::environment::Failure;
use super::event::{self, Request};
use super::lambda::{Answer, Lambda};
use super::{Shape, authorizer, v1, v2};
use crate::connection::Loopback;
use crate::error::CloudError;
use crate::provision::{Route, Stack};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// What API Gateway takes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// The function that `cargo lambda watch` gives what no other route takes, as the workspace manifest says.
const CATCH_ALL: &str = "describe-api";

/// A gateway of one shape.
pub(super) struct Gateway {
    shape: Shape,
    blueprint: Blueprint,
    routes: Vec<Route>,
    pub(super) functions: BTreeMap<String, Lambda>,
    authorizer: Option<Lambda>,
}

/// A route that takes a request, and what its parameters are.
struct Matched<'a> {
    resource: &'a str,
    binary: &'a str,
    needs_auth: bool,
    parameters: Vec<(String, String)>,
}

/// Why the gateway answers itself.
enum Refusal {
    /// With the answer that has this name in the template.
    Named(&'static str),
    /// The function gave no answer, or none that is one.
    Failed(String),
}

/// Serves on a free port.
pub(super) async fn serve(gateway: Arc<Gateway>) -> Result<(String, AbortHandle), CloudError> {
    let bind = |error| CloudError::io("listening on 127.0.0.1", error);
    let listener = Loopback::bind(0).await.map_err(bind)?;
    let url = format!("http://127.0.0.1:{}", listener.port().map_err(bind)?);
    let router = Router::new().fallback(answer).with_state(gateway);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, server.abort_handle()))
}

async fn answer(State(gateway): State<Arc<Gateway>>, request: axum::extract::Request) -> Response {
    let (id, time) = event::stamp();
    let (parts, body) = request.into_parts();
    let response = match gateway.read(body).await {
        Ok(body) => gateway.integrate(&parts, &body, &id, time).await,
        Err(refusal) => Err(refusal),
    };
    response.unwrap_or_else(|refusal| gateway.refuse(&refusal, &id))
}

impl Gateway {
    pub(super) fn new(shape: Shape, blueprint: Blueprint, stack: &Stack, functions: BTreeMap<String, Lambda>) -> Self {
        let authorizer = blueprint.authorizer.as_ref().and_then(|id| {
            let function = stack.functions().iter().find(|function| function.logical_id == *id)?;
            functions.get(&function.binary).cloned()
        });
        let routes = stack.routes().to_vec();
        Self { shape, blueprint, routes, functions, authorizer }
    }

    async fn read(&self, body: Body) -> Result<Bytes, Refusal> {
        let limit = if self.shape == Shape::Watch { usize::MAX } else { BODY_LIMIT };
        to_bytes(body, limit).await.map_err(|_| Refusal::Named("REQUEST_TOO_LARGE"))
    }

    async fn integrate(
        &self,
        parts: &Parts,
        body: &Bytes,
        id: &str,
        time: std::time::Duration,
    ) -> Result<Response, Refusal> {
        let matched = self.route(parts.method.as_str(), parts.uri.path());
        let Matched { resource, binary, needs_auth, parameters } =
            matched.ok_or(Refusal::Named("MISSING_AUTHENTICATION_TOKEN"))?;
        let stage = &self.blueprint.stage;
        let request = Request { parts, body, id, stage, resource, parameters: &parameters, time };
        let event = match self.shape {
            Shape::RestV1 => {
                let told = if needs_auth { Some(self.authorize(&request).await?) } else { None };
                v1::proxy(&request, told.as_ref())
            }
            Shape::HttpV2 => v2::http_api(&request),
            Shape::Watch => v2::watch(&request),
        };
        let function = self.functions.get(binary).ok_or_else(|| Refusal::Failed(format!("no function {binary}")))?;
        let answer = function.invoke(event.to_string()).await.map_err(|failure| failed(binary, &failure))?;
        response(&answer, self.shape)
            .ok_or_else(|| Refusal::Failed(format!("{binary}: the answer is not that of a proxy")))
    }

    async fn authorize(&self, request: &Request<'_>) -> Result<Map<String, Json>, Refusal> {
        let missing = Refusal::Named("AUTHORIZER_CONFIGURATION_ERROR");
        let function = self.authorizer.as_ref().ok_or(missing)?;
        authorizer::admit(function, request).await.map_err(Refusal::Named)
    }

    /// The route for a request. With watch, a method that no function of the path takes goes to the one that answers
    /// preflights, and what no route takes has a function too.
    fn route(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        let is_watch = self.shape == Shape::Watch;
        let fits = |route: &&Route| is_watch || route.method == method || route.method == "ANY";
        let routes = self.routes.iter().filter(fits).filter_map(|route| {
            let parameters = parameters(&route.path, path)?;
            let Route { path: resource, binary, needs_auth, .. } = route;
            let stranger = match route.method.as_str() {
                own if own == method => 0,
                "OPTIONS" => 1,
                _ => 2,
            };
            Some((Matched { resource, binary, needs_auth: *needs_auth, parameters }, stranger))
        });
        // A segment that is named exactly wins over a parameter.
        let best = routes.min_by_key(|(matched, stranger)| (matched.parameters.len(), *stranger));
        let best = best.map(|(matched, _)| matched);
        let rest = Matched { resource: "$default", binary: CATCH_ALL, needs_auth: false, parameters: Vec::new() };
        best.or(is_watch.then_some(rest))
    }

    fn refuse(&self, refusal: &Refusal, id: &str) -> Response {
        let name = match refusal {
            Refusal::Named(name) => name,
            Refusal::Failed(problem) => {
                eprintln!("host: {problem}");
                "DEFAULT_5XX"
            }
        };
        let plain = |status: StatusCode, message: &str| {
            let mut response = Response::new(Body::from(format!(r#"{{"message":"{message}"}}"#)));
            *response.status_mut() = status;
            response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        };
        match (self.shape, name) {
            (Shape::RestV1, name) => {
                let answer = self.blueprint.answers.of(name, id);
                let mut response = Response::new(Body::from(answer.body));
                *response.status_mut() = status(answer.status);
                for (name, value) in answer.headers {
                    put(&mut response, &name, &value);
                }
                response
            }
            (_, "MISSING_AUTHENTICATION_TOKEN") => plain(StatusCode::NOT_FOUND, "Not Found"),
            (_, "REQUEST_TOO_LARGE") => plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            (Shape::HttpV2, _) => plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            (Shape::Watch, _) => plain(StatusCode::BAD_GATEWAY, "Bad Gateway"),
        }
    }
}

fn failed(binary: &str, failure: &Failure) -> Refusal {
    Refusal::Failed(format!("{binary}: {failure}"))
}

/// The parameters of `path` if the route's path describes it.
fn parameters(route: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut named = Vec::new();
    let mut given = path.split('/');
    for expected in route.split('/') {
        let segment = given.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !segment.is_empty() => named.push((name.to_owned(), decoded(segment))),
            None if expected == segment => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(named)
}

/// A path segment without its percent signs.
fn decoded(segment: &str) -> String {
    // Only in forms is `+` a space, so it is hidden from the form decoder.
    let query = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

/// What functions answer gateways.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProxyAnswer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Json>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    cookies: Option<Vec<String>>,
}

fn response(answer: &Answer, shape: Shape) -> Option<Response> {
    let answer: ProxyAnswer = serde_json::from_slice(&answer.body).ok()?;
    // Version 1 answers have no cookies, and `cargo lambda watch` fails on answers without.
    match (shape, &answer.cookies) {
        (Shape::RestV1, Some(_)) | (Shape::Watch, None) => return None,
        _ => {}
    }
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { BASE64_STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    for (name, value) in &answer.headers {
        put(&mut response, name, &crate::template::scalar_text(value)?);
    }
    for (name, value) in
        answer.multi_value_headers.iter().flat_map(|(name, all)| all.iter().map(move |one| (name, one)))
    {
        put(&mut response, name, value);
    }
    for cookie in answer.cookies.iter().flatten() {
        put(&mut response, "set-cookie", cookie);
    }
    Some(response)
}

fn put(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().append(name, value);
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
