//! Steps 3 to 5: who asks, may they, and how often.

use aws_sdk_dynamodb::Client;
use kernel::{Code, Fault, RequestId};
use store::{AuditEntry, AuditTrail, Decision, Issuers, Requests, Window};
use vault::{Authenticator, Moment, Principal, Refusal, verify};

use crate::{
    Incoming,
    endpoint::{Demand, Route},
    envelope::{Credential, presented},
    log::Record,
    problem::unauthorized,
};

/// What a protected function verifies keys and tokens with, and where it writes down what it did.
pub struct Door {
    pub(crate) dynamo: Client,
    authenticator: Authenticator,
    issuers: Issuers,
    pub(crate) audit: AuditTrail,
    pub(crate) requests: Option<Requests>,
}

impl Door {
    /// A door. `requests` is for functions that store or limit exactly.
    #[must_use]
    pub const fn new(
        dynamo: Client,
        authenticator: Authenticator,
        issuers: Issuers,
        audit: AuditTrail,
        requests: Option<Requests>,
    ) -> Self {
        Self { dynamo, authenticator, issuers, audit, requests }
    }

    /// The holder of the request's key or token, if it may use the route.
    pub(crate) async fn admit(
        &self,
        route: &Route,
        incoming: &Incoming,
        now: Moment,
        record: &mut Record,
    ) -> Result<Principal, Fault> {
        let credential = presented(incoming).ok_or_else(unauthorized)?;
        let principal = match self.recognise(&credential, now).await {
            Ok(principal) => principal,
            Err(Refusal::Unknown) => return Err(unauthorized()),
            Err(Refusal::Ended(principal)) => {
                self.denied(route, incoming, &principal, Decision::DeniedKey, now, record).await;
                return Err(unauthorized());
            }
            Err(Refusal::Unavailable(reason)) => return Err(Fault::unavailable(reason)),
            Err(Refusal::IssuerSilent(reason)) => {
                record.is_fault_of_others = true;
                return Err(Fault::unavailable(reason));
            }
        };
        record.principal = Some(principal.clone());
        if incoming.authorized_kid().is_some_and(|kid| kid != &*principal.kid) {
            self.denied(route, incoming, &principal, Decision::DeniedContext, now, record).await;
            return Err(unauthorized());
        }
        if let Demand::Scope(scope) = route.demand {
            record.scope = Some(scope);
            if !principal.scopes.contains(&scope) {
                self.denied(route, incoming, &principal, Decision::DeniedScope, now, record).await;
                return Err(Fault::new(Code::Forbidden, format!("This needs the scope {scope}.")));
            }
        }
        Ok(principal)
    }

    async fn recognise(&self, credential: &Credential, now: Moment) -> Result<Principal, Refusal> {
        match credential {
            Credential::Key(key) => self.authenticator.authenticate(key, now).await,
            Credential::Token(token) => {
                verify(token, &self.issuers.known(now).await.map_err(Refusal::Unavailable)?, now)
            }
        }
    }

    /// Counts the request exactly, where the route asks for it. Returns the headers that tell.
    pub(crate) async fn limit(
        &self,
        route: &Route,
        limit: Option<u32>,
        principal: &Principal,
        now: Moment,
    ) -> Result<Vec<(&'static str, String)>, Fault> {
        let Some(limit) = limit else { return Ok(Vec::new()) };
        let requests = self.requests.as_ref().ok_or_else(|| Fault::internal("REQUESTS_TABLE is not set"))?;
        let Window { remaining, resets_in } =
            requests.count(&principal.tenant, &principal.kid, route.name, limit, now.wall).await?;
        // <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>
        let headers = vec![
            ("ratelimit-policy", format!("\"{}\";q={limit};w=60", route.name)),
            ("ratelimit", format!("\"{}\";r={};t={resets_in}", route.name, remaining.unwrap_or(0))),
        ];
        if remaining.is_none() {
            let mut fault = Fault::new(Code::RateLimited, format!("This key may make {limit} such requests a minute."));
            fault.headers = headers;
            return Err(fault.retry_after(resets_in));
        }
        Ok(headers)
    }

    /// Writes the denial of a known key down. It is denied even where that fails.
    async fn denied(
        &self,
        route: &Route,
        incoming: &Incoming,
        principal: &Principal,
        decision: Decision,
        now: Moment,
        record: &mut Record,
    ) {
        record.principal = Some(principal.clone());
        let entry = entry(route, principal, decision, incoming.request_id.clone(), now);
        if let Err(error) = self.audit.record(&entry, now).await {
            record.aside = Some(format!("the denial was not audited: {error}"));
        }
    }
}

pub(crate) fn entry(
    route: &Route,
    principal: &Principal,
    decision: Decision,
    request_id: RequestId,
    now: Moment,
) -> AuditEntry {
    let scope = match route.demand {
        Demand::AnyKey => None,
        Demand::Scope(scope) => Some(scope),
    };
    AuditEntry {
        time: now.wall,
        tenant: principal.tenant.clone(),
        kid: Some(principal.kid.clone()),
        scope,
        route: route.name,
        decision,
        objects: Vec::new(),
        fingerprint: None,
        request_id,
    }
}
