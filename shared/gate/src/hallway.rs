//! The one order of steps, and the shell around it that answers, whatever happens inside.

use std::{
    borrow::Cow,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
};

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::{Code, Fault};
use store::{Attempt, Begun, Claim, CommitError, Decision, Requests, StoredAnswer, UnitOfWork};
use ulid::Ulid;
use vault::{Moment, Principal};

use crate::{
    Call, Deadline, Door, Endpoint, Incoming, IntoReply, Page, Reply,
    door::entry,
    endpoint::{Body, Method, Route},
    envelope, json,
    log::{self, Ended, Record},
    problem,
    reply::{SECURITY_HEADERS, cors_headers},
};

/// How often a request is acted on when others get there first.
const MOST_ATTEMPTS: u32 = 4;
/// The longest idempotency key, in characters.
const LONGEST_IDEMPOTENCY_KEY: usize = 255;

/// What answers and log lines of one function have in common.
pub(crate) struct Hallway {
    pub(crate) function: &'static str,
    pub(crate) origins: Vec<String>,
    pub(crate) warm: AtomicBool,
}

impl Hallway {
    /// Walks a request to a protected route.
    pub(crate) async fn endpoint<E: Endpoint>(
        &self,
        endpoint: &E,
        door: &Door,
        mut incoming: Incoming,
        deadline: Deadline,
    ) -> Reply {
        let now = Moment::now();
        let mut record = Record::default();
        let route = &E::ROUTE;
        let here = incoming.matches(route.path);
        let outcome = if here && incoming.method == "OPTIONS" {
            Ok(preflight())
        } else if !here {
            Err(Fault::not_found())
        } else if incoming.method != route.method.as_str() {
            Err(other_method(&route.methods()))
        } else {
            // Boxed, because the types of nested futures grow beyond what the compiler follows.
            let walk: BoxFuture<'_, _> = Box::pin(walk(endpoint, door, &incoming, (now, deadline), &mut record));
            AssertUnwindSafe(walk).catch_unwind().await.unwrap_or_else(|_| Err(Fault::internal("panic")))
        };
        self.answer(&incoming, &record, now, &route.methods(), outcome)
    }

    /// Walks a request to a public page.
    pub(crate) fn page<P: Page>(&self, page: &P, incoming: &Incoming) -> Reply {
        let now = Moment::now();
        let found = std::panic::catch_unwind(AssertUnwindSafe(|| page.get(&incoming.path)));
        let outcome = match (found, incoming.method.as_str()) {
            (Err(_), _) => Err(Fault::internal("panic")),
            (Ok(None), _) => Err(Fault::not_found()),
            (Ok(Some(_)), "OPTIONS") => Ok(preflight()),
            (Ok(Some(reply)), "GET") => {
                envelope::check(incoming, Body::None).and_then(|()| incoming.no_query()).map(|()| reply)
            }
            (Ok(Some(_)), _) => Err(other_method("GET")),
        };
        self.answer(incoming, &Record::default(), now, "GET", outcome)
    }

    /// Step 10: whatever the outcome, one shape of answer and one log line.
    fn answer(
        &self,
        incoming: &Incoming,
        record: &Record,
        began: Moment,
        allowed: &str,
        outcome: Result<Reply, Fault>,
    ) -> Reply {
        let (mut reply, fault) = match outcome {
            Ok(reply) => (reply, None),
            Err(fault) => (problem::reply(&fault, &incoming.request_id), Some(fault)),
        };
        let own_policy = reply.headers.iter().any(|(name, _)| *name == "content-security-policy");
        let common = SECURITY_HEADERS.iter().filter(|(name, _)| !own_policy || *name != "content-security-policy");
        reply.headers.extend(common.map(|(name, value)| (*name, (*value).to_owned())));
        reply.headers.push(("x-request-id", incoming.request_id.to_string()));
        reply.headers.extend(incoming.traceparent.clone().map(|trace| ("traceparent", trace)));
        if let Some(origin) =
            incoming.header("origin").filter(|origin| self.origins.iter().any(|known| known == origin))
        {
            let preflight = incoming.method == "OPTIONS";
            reply.headers.extend(cors_headers(origin, preflight.then_some(allowed)));
        }
        log::write(
            record,
            &Ended {
                function: self.function,
                request_id: &incoming.request_id,
                traceparent: incoming.traceparent.as_deref(),
                gateway_request_id: incoming.gateway_request_id.as_ref(),
                method: log::method(&incoming.method),
                status: reply.status,
                fault: fault.as_ref(),
                counts: &reply.counts,
                milliseconds: began.monotonic.elapsed().as_secs_f64() * 1_000.0,
                cold: !self.warm.swap(true, Ordering::Relaxed),
            },
        );
        reply
    }
}

async fn walk<E: Endpoint>(
    endpoint: &E,
    door: &Door,
    incoming: &Incoming,
    (now, deadline): (Moment, Deadline),
    record: &mut Record,
) -> Result<Reply, Fault> {
    let route = &E::ROUTE;
    envelope::check(incoming, route.body)?;
    let principal = door.admit(route, incoming, now, record).await?;
    let limits = door.limit(route, endpoint.limit_per_minute(), &principal, now).await?;
    let canonical = match route.body {
        Body::None => Cow::default(),
        // Each line is read by itself, so that a bad one fails alone.
        Body::JsonOrLines(_) if incoming.is_lines() => Cow::Borrowed(incoming.body().unwrap_or_default()),
        Body::Json(_) | Body::JsonOrLines(_) => Cow::Owned(json::canonical(incoming.body().unwrap_or_default())?),
    };
    let call = Call { principal, request_id: incoming.request_id.clone(), write: Ulid::generate(), now, deadline };
    let input = endpoint.parse(incoming, &call)?;
    let mut reply = if route.stores {
        let reply = store(endpoint, door, &call, input, &canonical, incoming, record).await?;
        endpoint.complete(&call, reply).await?
    } else {
        // Nothing can be put into a unit of work that is never committed and be missed: such a
        // function has no permission to write.
        endpoint.act(&call, input, &mut UnitOfWork::default()).await?.into_reply()?
    };
    if route.method == Method::Post {
        reply.name_request(&incoming.request_id);
    }
    reply.headers.extend(limits);
    Ok(reply)
}

/// Steps 8 to 10 of a route that stores.
async fn store<E: Endpoint>(
    endpoint: &E,
    door: &Door,
    call: &Call,
    input: E::Input,
    canonical: &[u8],
    incoming: &Incoming,
    record: &mut Record,
) -> Result<Reply, Fault> {
    let route = &E::ROUTE;
    let fingerprint = fingerprint(incoming, canonical);
    let claim = match idempotency_key(incoming)? {
        Some(key) if route.method != Method::Get => {
            let requests = door.requests.as_ref().ok_or_else(|| Fault::internal("REQUESTS_TABLE is not set"))?;
            match claim(requests, route, call, key, &fingerprint).await? {
                Claimed::Mine(claim) => Some((requests, claim)),
                Claimed::Replay(reply) => {
                    record.replayed = true;
                    return Ok(reply);
                }
            }
        }
        _ => None,
    };
    let done = act_and_commit(endpoint, door, call, input, claim.as_ref(), &fingerprint).await;
    let unsettled = match &done {
        Ok(reply) => reply.partial,
        Err(failed) => !failed.settled,
    };
    if let Some((requests, claim)) = &claim
        && unsettled
        && let Err(error) = requests.release(claim).await
    {
        record.aside = Some(format!("the claim was not given up: {error}"));
    }
    done.map_err(|failed| failed.fault)
}

/// A failure, and whether the claim was already given up or lost.
struct Failed {
    fault: Fault,
    settled: bool,
    /// Another request got there first.
    outrun: bool,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { fault, settled: false, outrun: false }
    }
}

async fn act_and_commit<E: Endpoint>(
    endpoint: &E,
    door: &Door,
    call: &Call,
    mut input: E::Input,
    claim: Option<&(&Requests, Claim)>,
    fingerprint: &[u8; 32],
) -> Result<Reply, Failed> {
    for _ in 1..MOST_ATTEMPTS {
        let Some(again) = endpoint.again(&input) else { break };
        match act_once(endpoint, door, call, input, claim, fingerprint).await {
            Err(Failed { outrun: true, .. }) => input = again,
            done => return done,
        }
    }
    act_once(endpoint, door, call, input, claim, fingerprint).await
}

async fn act_once<E: Endpoint>(
    endpoint: &E,
    door: &Door,
    call: &Call,
    input: E::Input,
    claim: Option<&(&Requests, Claim)>,
    fingerprint: &[u8; 32],
) -> Result<Reply, Failed> {
    let mut work = UnitOfWork::default();
    let acting = AssertUnwindSafe(endpoint.act(call, input, &mut work)).catch_unwind();
    let output = acting.await.unwrap_or_else(|_| Err(Fault::internal("panic")))?;
    let reply = output.into_reply()?;
    let etag = reply.headers.iter().find(|(name, _)| *name == "etag").map(|(_, value)| value.clone());
    let answer = StoredAnswer { status: reply.status, etag, body: reply.body.clone() };
    let kept = claim.filter(|_| !reply.partial);
    let attempt = kept.map(|(requests, claim)| Attempt { requests, claim, answer: &answer });
    let decision = if E::ROUTE.method == Method::Get { Decision::Exported } else { Decision::Stored };
    let mut entry = entry(&E::ROUTE, &call.principal, decision, call.request_id.clone(), call.now);
    entry.fingerprint = Some(hex(fingerprint));
    // DynamoDB takes a token for the same items only, and each attempt may have others.
    let token = Ulid::generate().to_string();
    match work.commit(&door.dynamo, &door.audit, entry, attempt, &token, call.now).await {
        Ok(()) => Ok(reply),
        Err(CommitError::Superseded) => Err(Failed { fault: in_flight(1), settled: true, outrun: false }),
        Err(CommitError::Conflict) => {
            let detail = "Another request changed the object meanwhile. Read it again, then decide.";
            Err(Failed { fault: Fault::new(Code::Conflict, detail), settled: false, outrun: true })
        }
        Err(error @ CommitError::Contended) => {
            Err(Failed { fault: Fault::unavailable(error), settled: false, outrun: true })
        }
        Err(CommitError::Unavailable(error)) => Err(Failed::from(Fault::from(error))),
    }
}

enum Claimed {
    Mine(Claim),
    Replay(Reply),
}

async fn claim(
    requests: &Requests,
    route: &Route,
    call: &Call,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<Claimed, Fault> {
    let Call { principal: Principal { tenant, .. }, write, now, .. } = call;
    match requests.begin(tenant, route.name, key, fingerprint, &write.to_string(), now.wall).await? {
        Begun::Claimed(claim) => Ok(Claimed::Mine(claim)),
        Begun::Reused => Err(Fault::new(
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was used with another body in the last 24 hours.",
        )),
        Begun::InFlight(seconds) => Err(in_flight(seconds)),
        Begun::Answered(StoredAnswer { status, etag, body }) => {
            let mut headers = vec![("idempotency-replayed", "true".to_owned())];
            headers.extend(etag.map(|etag| ("etag", etag)));
            Ok(Claimed::Replay(Reply { headers, ..Reply::new(status, "application/json", body) }))
        }
    }
}

fn idempotency_key(incoming: &Incoming) -> Result<Option<&str>, Fault> {
    let mut keys = incoming.headers("idempotency-key");
    let Some(key) = keys.next() else { return Ok(None) };
    let fits = (1..=LONGEST_IDEMPOTENCY_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits || keys.next().is_some() {
        return Err(Fault::new(
            Code::InvalidRequest,
            "Idempotency-Key must be given once, with 1 to 255 visible ASCII characters.",
        ));
    }
    Ok(Some(key))
}

/// What makes two requests the same: the path with its parameters, the query in any order, and the canonical body.
fn fingerprint(incoming: &Incoming, canonical: &[u8]) -> [u8; 32] {
    let mut query: Vec<_> = incoming.query_pairs().iter().collect();
    query.sort();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let message = [incoming.path.as_bytes(), b"\0", query.as_bytes(), b"\0", canonical].concat();
    digest(&SHA256, &message).as_ref().try_into().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn in_flight(seconds: u32) -> Fault {
    Fault::new(Code::RequestInFlight, "A request with this Idempotency-Key is still running.").retry_after(seconds)
}

fn other_method(allowed: &str) -> Fault {
    let mut fault = Fault::new(Code::MethodNotAllowed, format!("This route takes {allowed}."));
    fault.headers = vec![("allow", format!("{allowed}, OPTIONS"))];
    fault
}

fn preflight() -> Reply {
    Reply::new(204, "text/plain", String::new())
}
