//! Sends a notification to the address that a tenant chose.
//!
//! The address is an attack until shown otherwise, see [`WebhookUrl`]. Here it is resolved once for each
//! request, every address of the answer must be public, and the connection goes to one of exactly these: a
//! name that leads elsewhere the next time gains nothing. Redirects are not followed, proxies not asked, and
//! what the other side answers beyond its status is not read.

mod network;

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use kernel::Identifier;
use maintenance::work::{WebhookUrl, is_public};
use reqwest::{Certificate, Client, dns::Resolve, header::CONTENT_TYPE, redirect};
use vault::SigningSecret;

use network::{Guarded, SystemNames, literal, was_not_public};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long everything may take.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What became of a request. Of the other side it says no more than the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken: the answer has this status, which is 2xx.
    Delivered(u16),
    /// It was answered with this status, which is not 2xx; a redirect is among them.
    NotTaken(u16),
    /// It was not sent: the host is, or its name has, an address that is not on the public internet.
    NotPublic,
    /// There was no answer: the name does not resolve, nobody listens, the certificate does not hold, what
    /// came is not HTTP, or it took too long. The request may have arrived.
    Unreachable,
}

/// Sends webhooks.
pub struct Sender {
    client: Client,
    allowed: fn(IpAddr) -> bool,
}

impl Sender {
    /// One that trusts the roots of the system and connects to public addresses alone.
    ///
    /// # Errors
    /// When the system has no roots.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::with(SystemNames, is_public, None, TIMEOUT)
    }

    /// One that asks `names`, connects to what is `allowed`, trusts `root` in place of the system's, and waits
    /// for `timeout`.
    fn with(
        names: impl Resolve + 'static,
        allowed: fn(IpAddr) -> bool,
        root: Option<Certificate>,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .user_agent("Palisade-Webhook/1")
            .dns_resolver(Guarded::new(names, allowed))
            .https_only(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            // When to try again is the caller's to say.
            .retry(reqwest::retry::never())
            // A connection that is kept would outlive the check of its address, and a frozen Lambda its peer.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout);
        let builder = match root {
            Some(root) => builder.tls_certs_only([root]),
            None => builder,
        };
        Ok(Self { client: builder.build()?, allowed })
    }

    /// Sends `body`, which is JSON, once. The `id` is the same in every attempt, so that the receiver may drop
    /// what it has; it must not be the tenant's choice, because a full stop in it would move the parts of what
    /// is signed. The `timestamp` is that of the attempt.
    pub async fn send(
        &self,
        url: &WebhookUrl,
        id: &Identifier,
        timestamp: Timestamp,
        body: &str,
        secret: &SigningSecret,
    ) -> Sent {
        // Of a host that is an address no name is asked.
        if literal(url.host()).is_some_and(|address| !(self.allowed)(address)) {
            return Sent::NotPublic;
        }
        let timestamp = timestamp.as_second().to_string();
        let request = self
            .client
            .post(&**url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &**id)
            .header("webhook-signature", secret.sign(id, &timestamp, body))
            .header("webhook-timestamp", timestamp)
            .body(body.to_owned());
        // The answer is dropped with its body unread, and the connection with it.
        match request.send().await.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Sent::Delivered(status.as_u16()),
            Ok(status) => Sent::NotTaken(status.as_u16()),
            Err(error) if was_not_public(&error) => Sent::NotPublic,
            Err(_) => Sent::Unreachable,
        }
    }
}

#[cfg(test)]
mod tests;
