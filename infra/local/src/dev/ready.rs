//! Waiting until every function answers.

use super::DevError;
use palisade_local::{Route, Stack};
use reqwest::{Client, Method};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;

/// A function that has to be compiled first may take minutes.
const LONGEST: Duration = Duration::from_secs(600);

/// One request to each function, one after the other: `cargo lambda watch` starts each with `cargo run`, and those
/// would only wait for each other.
pub(super) async fn wait(base: &str, stack: &Stack) -> Result<(), DevError> {
    let client = Client::builder().no_proxy().build();
    let client = client.map_err(|error| DevError::Watch(format!("no HTTP client: {error}")))?;
    let own = |route: &&Route| route.method != "OPTIONS";
    let functions: BTreeMap<&str, &Route> =
        stack.routes().iter().filter(own).map(|route| (route.binary.as_str(), route)).collect();
    for (function, route) in functions {
        let url = format!("{base}{}", route.path.replace(['{', '}'], ""));
        let method = Method::from_bytes(route.method.as_bytes());
        let method = method.map_err(|_| DevError::Watch(format!("{function} has a route without a method")))?;
        let answered = tokio::time::timeout(LONGEST, answers(&client, &method, &url)).await;
        answered.map_err(|_| DevError::Watch(format!("{function} does not answer")))?;
    }
    Ok(())
}

/// Asks until the front door answers, whatever it says: its answers name the request.
async fn answers(client: &Client, method: &Method, url: &str) {
    loop {
        match client.request(method.clone(), url).send().await {
            Ok(answer) if answer.headers().contains_key("x-content-type-options") => return,
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
}
