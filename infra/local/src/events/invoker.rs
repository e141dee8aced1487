//! How functions are reached.

use crate::host::{Failure, Lambda};
use axum::body::Bytes;
use reqwest::Client;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// The longest that a function may take on Lambda. It must do for `cargo lambda watch` to compile one, too.
const LONGEST: Duration = Duration::from_secs(900);

/// Where the functions run.
#[derive(Clone)]
pub enum Invoker {
    /// In processes of the host, by the name of the binary.
    Host(BTreeMap<String, Lambda>),
    /// Under a `cargo lambda watch` that listens at this URL.
    Watch(String),
}

/// An error as a function reports it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    error_type: String,
    error_message: String,
}

impl Invoker {
    /// Hands an event to a function, and returns its answer.
    pub(super) async fn invoke(&self, binary: &str, event: String) -> Result<Bytes, Failure> {
        match self {
            Self::Host(functions) => match functions.get(binary) {
                Some(function) => function.invoke(event).await.map(|answer| answer.body),
                None => Err(Failure::NotBuilt(binary.into())),
            },
            Self::Watch(base) => {
                let unreachable = |error: reqwest::Error| Failure::NotStarted(io::Error::other(error));
                let client = Client::builder().no_proxy().timeout(LONGEST).build().map_err(unreachable)?;
                let url = format!("{base}/2015-03-31/functions/{binary}/invocations");
                let answer = client.post(url).body(event).send().await.map_err(unreachable)?;
                let status = answer.status();
                let body = answer.bytes().await.map_err(unreachable)?;
                // It answers 200 also when a function reports that it cannot start.
                match serde_json::from_slice(&body) {
                    Ok(Complaint { error_type: kind, error_message: message }) => {
                        Err(Failure::Function { kind, message })
                    }
                    Err(_) if status.is_success() => Ok(body),
                    Err(_) => Err(Failure::Function { kind: status.to_string(), message: String::new() }),
                }
            }
        }
    }
}
