//! Waiting until every function answers.

use super::DevError;
use palisade_local::Stack;
use reqwest::Client;
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
    let functions: BTreeMap<&str, &str> =
        stack.routes().iter().map(|route| (route.binary.as_str(), route.path.as_str())).collect();
    for (function, path) in functions {
        let url = format!("{base}{}", path.replace(['{', '}'], ""));
        let answered = tokio::time::timeout(LONGEST, answers(&client, &url)).await;
        answered.map_err(|_| DevError::Watch(format!("{function} does not answer")))?;
    }
    Ok(())
}

/// Asks until the front door answers, whatever it says: its answers name the request.
async fn answers(client: &Client, url: &str) {
    loop {
        match client.get(url).send().await {
            Ok(answer) if answer.headers().contains_key("x-content-type-options") => return,
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
}
