//! What the template says of functions and of the gateway, beside what provisioning reads.

use super::lambda::Program;
use crate::error::CloudError;
use crate::template::{Physical, Resolver, Resource, Template, scalar_text};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The template, read once more for the host.
pub(super) struct Blueprint {
    template: Template,
    pub(super) stage: String,
    /// The logical id of the request authorizer that routes have unless they say otherwise.
    pub(super) authorizer: Option<String>,
    pub(super) answers: Answers,
}

/// What the gateway answers itself, by the type of its answer.
#[derive(Default)]
pub(super) struct Answers(BTreeMap<String, Json>);

/// One of the gateway's own answers.
pub(super) struct GatewayAnswer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Blueprint {
    pub(super) fn read(path: &Path, parameters: &[(&str, &str)]) -> Result<Self, CloudError> {
        let template = Template::read(path, parameters)?;
        let api = template.resources("AWS::Serverless::Api").next();
        let property = |name: &str| api.as_ref().and_then(|api| api.property(name).1);
        let answers = property("GatewayResponses").and_then(Json::as_object).cloned().unwrap_or_default();
        let authorizer = property("Auth").and_then(authorizer);
        let stage = template.parameter("Stage").unwrap_or_else(|| "local".to_owned());
        Ok(Self { template, stage, authorizer, answers: Answers(answers.into_iter().collect()) })
    }

    /// Everything about a function but its binary and its environment.
    pub(super) fn program(&self, function: &str) -> Result<Program, CloudError> {
        let name = self.text(function, "FunctionName")?.unwrap_or_else(|| function.to_owned());
        let seconds = self.text(function, "Timeout")?.and_then(|text| text.parse().ok());
        let memory = self.text(function, "MemorySize")?.and_then(|text| text.parse().ok());
        Ok(Program {
            path: PathBuf::new(),
            environment: BTreeMap::new(),
            name,
            // The defaults of Lambda.
            timeout: Duration::from_secs(seconds.unwrap_or(3)),
            memory_mib: memory.unwrap_or(128),
        })
    }

    /// A property of a function, or of all functions.
    fn text(&self, function: &str, name: &str) -> Result<Option<String>, CloudError> {
        let is_it = |resource: &Resource<'_>| resource.id == function;
        let own = self.template.resources("AWS::Serverless::Function").find(is_it);
        let own = own.and_then(|resource| resource.property(name).1);
        let Some(value) = own.or_else(|| self.template.at(&["Globals", "Function", name])) else {
            return Ok(None);
        };
        let resolver = Resolver { template: &self.template, physical: &BTreeMap::<String, Physical>::new(), stack: "" };
        resolver.text(&format!("Resources.{function}.Properties.{name}"), value).map(Some)
    }
}

/// The function of the default authorizer of an API's `Auth`.
fn authorizer(auth: &Json) -> Option<String> {
    let name = auth.get("DefaultAuthorizer")?.as_str()?;
    function_of(auth.get("Authorizers")?.get(name)?.get("FunctionArn")?).map(str::to_owned)
}

/// The logical id of a function that is named by its ARN or, as `Function.Alias`, by its alias.
fn function_of(arn: &Json) -> Option<&str> {
    let alias = || arn.get("Ref")?.as_str()?.strip_suffix(".Alias");
    arn.get("Fn::GetAtt").and_then(|named| named.get(0)?.as_str()).or_else(alias)
}

impl Answers {
    /// The answer of a type, or of the type that API Gateway falls back to.
    pub(super) fn of(&self, kind: &str, request_id: &str) -> GatewayAnswer {
        let (fallback, status) = match kind {
            "UNAUTHORIZED" => ("DEFAULT_4XX", 401),
            "ACCESS_DENIED" | "MISSING_AUTHENTICATION_TOKEN" => ("DEFAULT_4XX", 403),
            "REQUEST_TOO_LARGE" => ("DEFAULT_4XX", 413),
            // A function that failed or died; the answer has no type of its own.
            "DEFAULT_5XX" => ("DEFAULT_5XX", 502),
            _ => ("DEFAULT_5XX", 500),
        };
        let answer = self.0.get(kind).or_else(|| self.0.get(fallback)).unwrap_or(&Json::Null);
        let status = answer
            .get("StatusCode")
            .and_then(Json::as_u64)
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(status);
        let headers = answer.get("ResponseParameters").and_then(|parameters| parameters.get("Headers"));
        let headers = headers.and_then(Json::as_object).into_iter().flatten();
        let headers = headers.filter_map(|(name, value)| Some((name.to_ascii_lowercase(), scalar_text(value)?)));
        let value = |text: String| match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            Some(literal) => literal.to_owned(),
            None if text == "context.requestId" => request_id.to_owned(),
            None => text,
        };
        let templates = answer.get("ResponseTemplates").and_then(|templates| templates.get("application/json"));
        let body = templates.and_then(Json::as_str).unwrap_or(r#"{"message":$context.error.messageString}"#);
        let body = body.replace("$context.requestId", request_id).replace("$context.error.messageString", "null");
        GatewayAnswer { status, headers: headers.map(|(name, text)| (name, value(text))).collect(), body }
    }
}
