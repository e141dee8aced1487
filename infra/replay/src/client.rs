//! Requests, sent until they are answered or hopeless.

use std::{fmt, time::Duration};

use reqwest::{
    Method, Response, Url,
    header::{HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    error::ReplayError,
    retry::{Failed, pause},
    target::Target,
};

/// Longer than any answer takes: API Gateway ends requests after 29 seconds.
const TIMEOUT: Duration = Duration::from_secs(35);
/// How many broken rules are shown.
const SHOWN: usize = 5;

/// The API, as one key may use it.
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    /// How often a request was sent again.
    pub(crate) retries: u64,
}

/// An answer with status 200.
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    /// Whether it is the answer to an earlier request with the same idempotency key.
    pub(crate) replayed: bool,
}

/// A refusal, as RFC 9457 has it.
#[derive(Debug, Deserialize)]
pub struct Problem {
    status: u16,
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<Violation>,
}

#[derive(Debug, Deserialize)]
struct Violation {
    pointer: String,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {} {}: {}", self.status, self.code, self.detail)?;
        for Violation { pointer, message } in self.errors.iter().take(SHOWN) {
            write!(f, "\n  {pointer} {message}")?;
        }
        if self.errors.len() > SHOWN {
            write!(f, "\n  and {} more", self.errors.len() - SHOWN)?;
        }
        Ok(())
    }
}

impl Client {
    pub(crate) fn new(target: &Target) -> Result<Self, ReplayError> {
        let mut key = HeaderValue::from_str(&target.key).map_err(|_| ReplayError::BadKey)?;
        key.set_sensitive(true);
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(reqwest::header::HeaderName::from_static("x-api-key"), key)]))
            // A redirect would carry the key to where nobody said it may go.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(ReplayError::Client)?;
        Ok(Self { http, base: target.base.clone(), retries: 0 })
    }

    /// The address of `path`, given in segments, below the base.
    pub(crate) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // Fails for addresses that cannot have a path, which `Target` does not let in.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    pub(crate) async fn get<T: DeserializeOwned>(&mut self, url: Url) -> Result<Answer<T>, ReplayError> {
        self.send(Method::GET, url, None, None).await
    }

    /// Posts a JSON body; with an `idempotency_key` where the route stores.
    pub(crate) async fn post<T: DeserializeOwned>(
        &mut self,
        url: Url,
        body: &RawValue,
        idempotency_key: Option<&str>,
    ) -> Result<Answer<T>, ReplayError> {
        self.send(Method::POST, url, Some(body), idempotency_key).await
    }

    async fn send<T: DeserializeOwned>(
        &mut self,
        method: Method,
        url: Url,
        body: Option<&RawValue>,
        idempotency_key: Option<&str>,
    ) -> Result<Answer<T>, ReplayError> {
        let mut attempt = 1;
        loop {
            let mut request = self.http.request(method.clone(), url.clone());
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body.get().to_owned());
            }
            if let Some(key) = idempotency_key {
                request = request.header("idempotency-key", key);
            }
            let (failed, last) = match receive(request).await {
                Received::Answer { value, replayed } => return read(&value).map(|value| Answer { value, replayed }),
                Received::Refusal { failed, problem } => (failed, problem),
                Received::Nothing(reason) => (Failed::Connection, Refusal::Unanswered(reason)),
            };
            let Some(pause) = pause(failed, attempt, random()) else {
                return Err(last.into_error(failed, attempt));
            };
            tokio::time::sleep(pause).await;
            self.retries += 1;
            attempt += 1;
        }
    }
}

/// What came back of one attempt.
enum Received {
    Answer { value: Vec<u8>, replayed: bool },
    Refusal { failed: Failed, problem: Refusal },
    Nothing(String),
}

/// What is said of the last attempt.
enum Refusal {
    Problem(Problem),
    Unreadable(u16),
    Unanswered(String),
}

impl Refusal {
    fn into_error(self, failed: Failed, attempts: u32) -> ReplayError {
        let may_pass = pause(failed, 1, 0.0).is_some();
        match self {
            Self::Problem(problem) if may_pass => ReplayError::GaveUp { attempts, last: problem.to_string() },
            Self::Problem(problem) => ReplayError::Refused(problem),
            Self::Unreadable(status) => ReplayError::Answer { status },
            Self::Unanswered(last) => ReplayError::GaveUp { attempts, last },
        }
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Received {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Received::Nothing(reason(error)),
    };
    let status = response.status().as_u16();
    let retry_after = header(&response, RETRY_AFTER.as_str()).and_then(|text| text.parse().ok());
    let replayed = header(&response, "idempotency-replayed") == Some("true");
    match response.bytes().await {
        Err(error) => Received::Nothing(reason(error)),
        Ok(body) if status == 200 => Received::Answer { value: body.into(), replayed },
        Ok(body) => {
            let problem = serde_json::from_slice(&body).map_or(Refusal::Unreadable(status), Refusal::Problem);
            Received::Refusal { failed: Failed::Status { status, retry_after }, problem }
        }
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The innermost cause: the outer ones say that a request failed. The address, which may have a
/// cursor in it, is left out.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ReplayError> {
    serde_json::from_slice(body).map_err(|_| ReplayError::Answer { status: 200 })
}

/// From 0 to 1.
fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness there is no jitter, and everything else works.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}
