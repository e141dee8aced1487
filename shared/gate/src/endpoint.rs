//! What a function brings to the front door.

use kernel::{Fault, Identifier, RequestId, Scope};
use store::UnitOfWork;
use ulid::Ulid;
use vault::{Moment, Principal};

use crate::{Deadline, Incoming, IntoReply, Reply};

/// The methods routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// The method as requests spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What a key must have to use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// It must be valid.
    AnyKey,
    /// It must be valid and have this scope.
    Scope(Scope),
}

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing; a body is ignored.
    None,
    /// A JSON object of at most so many bytes.
    Json(usize),
    /// A JSON object, or one on each line (`application/x-ndjson`), of at most so many bytes.
    JsonOrLines(usize),
}

impl Body {
    /// JSON of at most 256 KiB, which is the limit where nothing else is said.
    pub const JSON: Self = Self::Json(256 * 1024);
    /// JSON of at most 1 MiB, for bulk.
    pub const BULK: Self = Self::Json(1024 * 1024);
}

/// One route, declared where it is served. There is no default: what is not declared does not build.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The function's name: in logs, metrics, audit entries and idempotency keys.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path; `{name}` stands for one segment.
    pub path: &'static str,
    /// The methods that other functions serve on the same path: a preflight and a refusal name them too.
    pub siblings: &'static [Method],
    /// What the key must have.
    pub demand: Demand,
    /// What the request carries.
    pub body: Body,
    /// Whether it stores: then it is audited, and `Idempotency-Key` counts. A `GET` that stores nothing but is audited
    /// says so too; it has no `Idempotency-Key`.
    pub stores: bool,
}

impl Route {
    /// The methods of the path, as headers spell them.
    pub(crate) fn methods(&self) -> String {
        let all = std::iter::once(&self.method).chain(self.siblings);
        all.map(|method| method.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A route and what it does.
pub trait Endpoint: Send + Sync + 'static {
    /// The declaration.
    const ROUTE: Route;
    /// What a request means, once parsed and validated.
    type Input: Send;
    /// What is answered.
    type Output: IntoReply;

    /// How many requests a minute one key may make, counted exactly; `None` leaves the limit to the gateway.
    fn limit_per_minute(&self) -> Option<u32> {
        None
    }

    /// Makes the request a domain value.
    ///
    /// # Errors
    /// 400 when it cannot be read, 422 when it breaks a rule.
    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault>;

    /// Does what the route is for. What must be stored goes into `work` and is committed, together
    /// with the answer, after this returns.
    fn act(
        &self,
        call: &Call,
        input: Self::Input,
        work: &mut UnitOfWork,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;

    /// The request once more, to be acted on anew when another one got there first; `None` to answer that it did.
    fn again(&self, _: &Self::Input) -> Option<Self::Input> {
        None
    }

    /// Adds to the answer of a route that stores what is too large to be kept for a replay. It is asked for a replay
    /// too, so that both are the same.
    fn complete(&self, _: &Call, reply: Reply) -> impl Future<Output = Result<Reply, Fault>> + Send {
        async { Ok(reply) }
    }
}

/// Who calls, and which call it is.
#[derive(Clone, Debug)]
pub struct Call {
    /// The holder of the key.
    pub principal: Principal,
    /// The request.
    pub request_id: RequestId,
    /// The attempt: names what it writes, in the order of writing.
    pub write: Ulid,
    /// When it began.
    pub now: Moment,
    /// When it must have been answered.
    pub deadline: Deadline,
}

impl Call {
    /// Who acts when the request names nobody: the API key.
    #[must_use]
    pub fn operator(&self) -> Identifier {
        self.principal.kid.clone().into()
    }
}

/// What anyone may read: no key, no I/O, nothing about a tenant.
pub trait Page: Send + Sync + 'static {
    /// The function's name.
    const NAME: &'static str;

    /// The answer to `GET path`, or `None` when there is no such page.
    fn get(&self, path: &str) -> Option<Reply>;
}
