//! The request authorizer: tells API Gateway whose key it is, so that usage plans throttle by key.
//!
//! API Gateway stores no secret: the usage identifier is derived from the kid. The answer is cached
//! for 60 seconds and lets the key through to every route, so it is no authorisation: each function
//! verifies the key again and refuses a request whose authorizer context names another kid.

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

/// Lets the holder of a valid key through.
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
        usage_identifier_key: usage_identifier(&principal.kid),
    })
}
