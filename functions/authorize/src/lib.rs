//! The request authorizer: tells API Gateway who asks, so that usage plans throttle by key, and by issuer of tokens.
//!
//! API Gateway stores no secret: the usage identifier is derived from the kid. The answer lets the caller through to
//! every route, so it is no authorisation: each function verifies the key or token again and refuses a request whose
//! authorizer context names another kid. It is asked for every request: API Gateway can remember an answer only by
//! headers that are all there, and a caller sends either of two.

use std::collections::BTreeMap;

use gate::{Event, Incoming, Recogniser};
use kernel::Code;
use serde::{Deserialize, Serialize};
use vault::usage_identifier;

/// A request to be judged.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `arn:aws:execute-api:region:account:api/stage/method/path`.
    method_arn: String,
    #[serde(flatten)]
    event: Event,
}

/// The judgement, in the shape API Gateway takes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    principal_id: String,
    policy_document: Policy,
    context: BTreeMap<&'static str, String>,
    usage_identifier_key: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: &'static str,
    resource: String,
}

/// Lets the holder of a valid key or token through.
///
/// # Errors
/// `Unauthorized`, the text that makes API Gateway answer 401; `Unavailable`, on which it answers
/// that the authorizer failed.
pub async fn judge(recogniser: &Recogniser, request: Request) -> Result<Judgement, &'static str> {
    let incoming = Incoming::from(request.event);
    let principal = recogniser.recognise(&incoming).await.map_err(|fault| match fault.code {
        Code::Unauthorized => "Unauthorized",
        _ => "Unavailable",
    })?;
    let stage = request.method_arn.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let statement = Statement { effect: "Allow", action: "execute-api:Invoke", resource: format!("{stage}/*") };
    Ok(Judgement {
        principal_id: principal.kid.to_string(),
        policy_document: Policy { version: "2012-10-17", statement: [statement] },
        context: BTreeMap::from([("kid", principal.kid.to_string()), ("tenant", principal.tenant.to_string())]),
        usage_identifier_key: usage_identifier(&principal.plan),
    })
}
