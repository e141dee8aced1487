//! The request authorizer of REST APIs, asked for every request: the template has no answer remembered.

use super::environment::Failure;
use super::event::Request;
use super::lambda::Lambda;
use super::v1;
use crate::wire::{ACCOUNT, REGION};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// What an authorizer answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Judgement {
    principal_id: String,
    policy_document: Policy,
    #[serde(default)]
    context: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: OneOrMany,
    resource: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// What the integration is told of the caller, or the type of the gateway's answer.
pub(super) async fn admit(function: &Lambda, request: &Request<'_>) -> Result<Map<String, Json>, &'static str> {
    ask(function, request).await?.admit(&method_arn(request))
}

async fn ask(function: &Lambda, request: &Request<'_>) -> Result<Judgement, &'static str> {
    match function.invoke(v1::authorization(request).to_string()).await {
        Ok(answer) => serde_json::from_slice(&answer.body).map_err(|_| "AUTHORIZER_CONFIGURATION_ERROR"),
        Err(Failure::Function { message, .. }) if message == "Unauthorized" => Err("UNAUTHORIZED"),
        Err(_) => Err("AUTHORIZER_FAILURE"),
    }
}

/// What a policy is about: this method of this path.
pub(super) fn method_arn(request: &Request<'_>) -> String {
    let (api, stage, method) = (v1::API, request.stage, request.parts.method.as_str());
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/{method}{}", request.path())
}

impl Judgement {
    /// Someone must allow it and nobody deny it.
    fn admit(&self, arn: &str) -> Result<Map<String, Json>, &'static str> {
        let about = |statement: &&Statement| {
            statement.action.any(|action| matches(action, "execute-api:Invoke"))
                && statement.resource.any(|resource| matches(resource, arn))
        };
        let effects: Vec<&str> = self.policy_document.statement.iter().filter(about).map(|one| &*one.effect).collect();
        if !effects.contains(&"Allow") || effects.contains(&"Deny") {
            return Err("ACCESS_DENIED");
        }
        let mut told: Map<String, Json> =
            self.context.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        told.insert("principalId".to_owned(), json!(self.principal_id));
        told.insert("integrationLatency".to_owned(), json!(1));
        Ok(told)
    }
}

/// The gateway passes the authorizer's context on as texts.
fn text(value: &Json) -> Json {
    match value {
        Json::String(_) => value.clone(),
        other => json!(other.to_string()),
    }
}

impl OneOrMany {
    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(text) => test(text),
            Self::Many(texts) => texts.iter().any(|text| test(text)),
        }
    }
}

/// Whether a text is what a pattern with `*` describes.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| matches(after, rest.get(at..).unwrap_or_default()))
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

    use super::{Judgement, json, matches};

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:api/dev/POST/v1/ingest";

    fn judgement(effects: &[(&str, &str)]) -> Judgement {
        let statements: Vec<_> = effects
            .iter()
            .map(|(effect, resource)| json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": [resource]}))
            .collect();
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let judgement = json!({"principalId": "someone", "policyDocument": document, "context": {"n": 1}});
        serde_json::from_value(judgement).unwrap()
    }

    #[test]
    fn a_policy_that_allows_the_method_admits_and_tells_who_it_is() {
        let told = judgement(&[("Allow", "arn:aws:execute-api:us-east-1:000000000000:api/dev/*")]).admit(ARN).unwrap();
        assert_eq!(told["principalId"], "someone");
        assert_eq!(told["n"], "1");
    }

    #[test]
    fn a_policy_that_denies_or_says_nothing_of_the_method_does_not_admit() {
        assert_eq!(judgement(&[]).admit(ARN).unwrap_err(), "ACCESS_DENIED");
        assert_eq!(judgement(&[("Allow", "*"), ("Deny", "*/POST/*")]).admit(ARN).unwrap_err(), "ACCESS_DENIED");
        assert_eq!(judgement(&[("Allow", "*/GET/*")]).admit(ARN).unwrap_err(), "ACCESS_DENIED");
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("*", "") && matches("a*c", "abc") && matches("a*", "a") && matches("*b*", "abc"));
        assert!(!matches("a*c", "ab") && !matches("a", "ab") && !matches("*b", "abc"));
    }
}
