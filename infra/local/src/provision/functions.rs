//! What the functions need to know, and what they answer.

use super::{Function, Route, Stack, sources};
use crate::error::CloudError;
use crate::template::{Resolver, Resource, Template};
use crate::wire::{ACCESS_KEY, REGION, SECRET_KEY};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Reads environments and routes off the functions.
pub(super) fn describe(resolver: &Resolver<'_>, endpoint: &str) -> Result<Stack, CloudError> {
    let mut stack = Stack {
        environments: BTreeMap::new(),
        functions: Vec::new(),
        routes: Vec::new(),
        streams: Vec::new(),
        queues: Vec::new(),
        schedules: Vec::new(),
        physical: resolver.physical.clone(),
    };
    for resource in resolver.template.resources("AWS::Serverless::Function") {
        if !resolver.exists(&resource)? {
            continue;
        }
        let place = format!("{}.Metadata.Binary", resource.place());
        let binary = resource
            .member("Metadata")
            .and_then(|metadata| metadata.get("Binary"))
            .and_then(Json::as_str)
            .ok_or_else(|| CloudError::template(place, "is missing"))?;
        let function = Function { logical_id: resource.id.to_owned(), binary: binary.to_owned() };
        let environment = environment(resolver, &resource, endpoint)?;
        stack.environments.insert(function.logical_id.clone(), environment);
        stack.routes.extend(routes(resolver, &resource, &function)?);
        sources::read(resolver, &resource, &function, &mut stack)?;
        stack.functions.push(function);
    }
    Ok(stack)
}

fn environment(
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
    endpoint: &str,
) -> Result<BTreeMap<String, String>, CloudError> {
    let mut environment: BTreeMap<String, String> = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let shared = "Globals.Function.Environment.Variables";
    let globals = resolver.template.at(&shared.split('.').collect::<Vec<_>>());
    let (place, own) = resource.property("Environment");
    let own = own.and_then(|own| own.get("Variables"));
    for (place, variables) in [(shared.to_owned(), globals), (format!("{place}.Variables"), own)] {
        for (name, value) in variables.and_then(Json::as_object).into_iter().flatten() {
            let text = resolver.text(&format!("{place}.{name}"), value)?;
            environment.insert(name.clone(), text);
        }
    }
    Ok(environment)
}

fn routes(resolver: &Resolver<'_>, resource: &Resource<'_>, function: &Function) -> Result<Vec<Route>, CloudError> {
    let (place, events) = resource.property("Events");
    let mut routes = Vec::new();
    for (name, event) in events.and_then(Json::as_object).into_iter().flatten() {
        if event.get("Type").and_then(Json::as_str) != Some("Api") {
            continue;
        }
        let place = format!("{place}.{name}.Properties");
        let properties = event.get("Properties").unwrap_or(&Json::Null);
        let text = |member: &str| {
            let value = properties.get(member).unwrap_or(&Json::Null);
            resolver.text(&format!("{place}.{member}"), value)
        };
        let authorizer = properties.get("Auth").and_then(|auth| auth.get("Authorizer"));
        let needs_auth = match authorizer.and_then(Json::as_str) {
            Some(name) => name != "NONE",
            None => has_default_authorizer(resolver.template, properties),
        };
        routes.push(Route {
            method: text("Method")?.to_uppercase(),
            path: text("Path")?,
            function: function.logical_id.clone(),
            binary: function.binary.clone(),
            needs_auth,
        });
    }
    Ok(routes)
}

/// Whether the API of an event, or the globals for all APIs, name an authorizer for routes that name none.
fn has_default_authorizer(template: &Template, event: &Json) -> bool {
    let api = event.get("RestApiId").and_then(|id| id.get("Ref")).and_then(Json::as_str).unwrap_or("ServerlessRestApi");
    [
        ["Resources", api, "Properties", "Auth", "DefaultAuthorizer"].as_slice(),
        &["Globals", "Api", "Auth", "DefaultAuthorizer"],
    ]
    .into_iter()
    .any(|path| template.at(path).is_some())
}
