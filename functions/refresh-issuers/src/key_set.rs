//! An issuer's key set, from where an operator said it is.

use std::{fmt::Display, time::Duration};

use reqwest::{Client, redirect};
use vault::VerifyingKeys;

/// How long an issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The largest key set, in bytes.
const LARGEST: usize = 64 * 1024;

/// What asks issuers: by HTTPS, with the certificates that the system trusts, never where an answer points to.
///
/// # Errors
/// When the system has no certificates.
pub fn client() -> reqwest::Result<Client> {
    Client::builder().https_only(true).no_proxy().redirect(redirect::Policy::none()).timeout(PATIENCE).build()
}

/// The keys at `uri`.
///
/// # Errors
/// Why there are none, for operators.
pub async fn fetch(client: &Client, uri: &str) -> Result<VerifyingKeys, String> {
    let unreachable = |error: reqwest::Error| chain(&error.without_url());
    let mut answer = client.get(uri).header("accept", "application/json").send().await.map_err(unreachable)?;
    if !answer.status().is_success() {
        return Err(format!("it answers {}", answer.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err("its answer is larger than 64 KiB".to_owned());
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "its answer is no text".to_owned())?;
    VerifyingKeys::parse(text).map_err(str::to_owned)
}

/// An error and its causes: the outermost one alone says only that something failed.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(|error| error as &dyn Display).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
