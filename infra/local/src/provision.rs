//! From the template to the cloud: tables, keys, secrets, and what the functions need to find them.
//!
//! What already exists stays untouched, because a kept data folder holds the pepper under which every API key was
//! hashed. What CloudFormation remembers between deployments (which key a logical id is), `stacks.json` remembers.

use crate::cloud::Services;
use crate::error::CloudError;
use crate::kms::keys::Ring;
use crate::secrets::model::{Shelf, Value};
use crate::template::{Physical, Resolver, Resource, Template, scalar_text, secret_string};
use crate::wire::{REGION, Refusal};
use crate::{kms, random};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Logical id to what was created, by stack name.
pub(crate) type Stacks = BTreeMap<String, BTreeMap<String, Physical>>;

/// A provisioned template.
#[derive(Clone, Debug)]
pub struct Stack {
    environments: BTreeMap<String, BTreeMap<String, String>>,
    functions: Vec<Function>,
    routes: Vec<Route>,
    physical: BTreeMap<String, Physical>,
}

/// A Lambda function of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// `IngestFunction`
    pub logical_id: String,
    /// The binary that implements it: `ingest`.
    pub binary: String,
}

/// One event of the API that a function answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Upper case; `ANY` is any.
    pub method: String,
    /// As API Gateway writes it: `/v1/sensors/{sensor_id}/readings`.
    pub path: String,
    /// The function's logical id.
    pub function: String,
    /// The function's binary.
    pub binary: String,
    /// Whether the authorizer is asked first.
    pub needs_auth: bool,
}

impl Stack {
    /// The environment of a function as the template sets it, and what it needs to reach this cloud.
    pub fn environment(&self, function: &str) -> Result<BTreeMap<String, String>, CloudError> {
        self.environments.get(function).cloned().ok_or_else(|| {
            CloudError::template(format!("Resources.{function}"), "is not a function of this template")
        })
    }

    /// The functions, in order of their logical ids.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Every route of every function.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What `!Ref` gives for a table, key, secret or usage plan: its name, id or ARN.
    pub fn reference(&self, logical_id: &str) -> Option<&str> {
        let physical = self.physical.get(logical_id)?;
        Some(physical.reference.as_str())
    }
}

/// Creates what is missing and reads the rest.
pub(crate) fn provision(
    services: &Services,
    endpoint: &str,
    path: &Path,
    parameters: &[(&str, &str)],
) -> Result<Stack, CloudError> {
    let template = Template::read(path, parameters)?;
    let stack = template
        .parameter("Stage")
        .map_or("palisade".to_owned(), |stage| format!("palisade-{stage}"));
    services.stacks.change(|stacks: &mut Stacks| {
        let physical = stacks.entry(stack.clone()).or_default();
        // In an order in which each may refer to those before it.
        for (kind, create) in [
            ("AWS::KMS::Key", create_key as Create),
            ("AWS::KMS::Alias", create_alias),
            ("AWS::SecretsManager::Secret", create_secret),
            ("AWS::DynamoDB::Table", create_table),
            ("AWS::ApiGateway::UsagePlan", create_usage_plan),
        ] {
            for resource in template.resources(kind) {
                let resolver = Resolver {
                    template: &template,
                    physical,
                    stack: &stack,
                };
                if resolver.exists(&resource)? {
                    let created = create(services, &resolver, &resource)?;
                    physical.insert(resource.id.to_owned(), created);
                }
            }
        }
        let resolver = Resolver {
            template: &template,
            physical,
            stack: &stack,
        };
        describe(&resolver, endpoint)
    })
}

type Create = fn(&Services, &Resolver<'_>, &Resource<'_>) -> Result<Physical, CloudError>;

fn create_key(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let text = |name| -> Result<Option<String>, CloudError> {
        Ok(resolver.property(resource, name)?.as_ref().and_then(scalar_text))
    };
    let spec = kms::spec(text("KeySpec")?.as_deref(), text("KeyUsage")?.as_deref())
        .map_err(|refusal| refused(resource, &refusal))?;
    let description = text("Description")?.unwrap_or_default();
    let enabled = text("Enabled")?.as_deref() != Some("false");
    let known = resolver.physical.get(resource.id);
    let is_there = |ring: &Ring| known.is_some_and(|known| ring.find(&known.reference).is_ok());
    if let Some(known) = known
        && services.kms.ring.look(is_there)
    {
        return Ok(known.clone());
    }
    let (id, arn) = services
        .kms
        .ring
        .change(|ring: &mut Ring| {
            let key = ring.create(spec, description, enabled)?;
            Ok((key.id_text(), key.arn()))
        })
        .map_err(|refusal| refused(resource, &refusal))?;
    Ok(physical(id.clone(), &[("Arn", arn), ("KeyId", id)]))
}

fn create_alias(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let name = resolver.required_text(resource, "AliasName")?;
    let key = resolver.required_text(resource, "TargetKeyId")?;
    services
        .kms
        .ring
        .change(|ring: &mut Ring| {
            let exists = ring.aliases().any(|(known, _)| known == name);
            if exists { Ok(()) } else { ring.create_alias(&name, &key) }
        })
        .map_err(|refusal| refused(resource, &refusal))?;
    Ok(physical(name, &[]))
}

fn create_secret(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let name = resolver.required_text(resource, "Name")?;
    let text = |name| -> Result<Option<String>, CloudError> {
        Ok(resolver.property(resource, name)?.as_ref().and_then(scalar_text))
    };
    let kms_key = text("KmsKeyId")?;
    let description = text("Description")?;
    let (place, _) = resource.property("GenerateSecretString");
    let value = match (text("SecretString")?, resolver.property(resource, "GenerateSecretString")?) {
        (Some(text), None) => Some(text),
        (None, Some(asked)) => Some(secret_string(&place, asked)?),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(CloudError::template(place, "stands beside SecretString"));
        }
    };
    let arn = services
        .secrets
        .shelf
        .change(|shelf: &mut Shelf| {
            if let Ok(existing) = shelf.find(&name) {
                return Ok(existing.arn.clone());
            }
            let token = random::uuid_text(&random::uuid()?);
            let (secret, _) = shelf.create(&name, token, value.map(Value::Text), description, kms_key)?;
            Ok(secret.arn.clone())
        })
        .map_err(|refusal: Refusal| refused(resource, &refusal))?;
    Ok(physical(arn.clone(), &[("Id", arn)]))
}

fn create_table(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let name = resolver.required_text(resource, "TableName")?;
    let failed = |problem: String| CloudError::Table {
        table: name.clone(),
        problem,
    };
    let database = &services.dynamo.database;
    let mut wanted = Map::new();
    for property in ["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(value) = resolver.property(resource, property)? {
            wanted.insert(property.to_owned(), value);
        }
    }
    let mut request = wanted.clone();
    request.insert("TableName".to_owned(), json!(name));
    request.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
    if let Some(Json::Object(mut stream)) = resolver.property(resource, "StreamSpecification")? {
        stream.insert("StreamEnabled".to_owned(), json!(true));
        request.insert("StreamSpecification".to_owned(), Json::Object(stream));
    }
    let describe = || -> Result<Json, CloudError> {
        let asked = parse(&json!({ "TableName": name })).map_err(failed)?;
        let told = database.describe_table(asked).map_err(|error| failed(error.to_string()))?;
        let told = serde_json::to_value(told).map_err(|error| failed(error.to_string()))?;
        Ok(told["Table"].clone())
    };
    let exists = database
        .get_table_metadata(&name)
        .map_err(|error| failed(error.to_string()))?
        .is_some();
    if !exists {
        let asked = parse(&Json::Object(request)).map_err(failed)?;
        database.create_table(asked).map_err(|error| failed(error.to_string()))?;
        if let Some(ttl) = resolver.property(resource, "TimeToLiveSpecification")? {
            let asked = json!({ "TableName": name, "TimeToLiveSpecification": ttl });
            let asked = parse(&asked).map_err(failed)?;
            database.update_time_to_live(asked).map_err(|error| failed(error.to_string()))?;
        }
    }
    let table = describe()?;
    if wanted.get("KeySchema") != table.get("KeySchema") {
        return Err(failed("exists with other keys; remove the data folder to start anew".to_owned()));
    }
    let attributes: Vec<(&str, String)> = [("Arn", "TableArn"), ("StreamArn", "LatestStreamArn")]
        .into_iter()
        .filter_map(|(attribute, member)| Some((attribute, scalar_text(table.get(member)?)?)))
        .collect();
    Ok(physical(name.clone(), &attributes))
}

fn create_usage_plan(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let name = resolver.required_text(resource, "UsagePlanName")?;
    let known = services.gateway.registry.look(|registry| {
        let plan = registry.plans.iter().find(|(_, known)| **known == name);
        plan.map(|(id, _)| id.clone())
    });
    let id = match known {
        Some(id) => id,
        None => services
            .gateway
            .add_plan(&name)
            .map_err(|refusal| refused(resource, &refusal))?,
    };
    Ok(physical(id.clone(), &[("Id", id)]))
}

/// Reads environments and routes off the functions.
fn describe(resolver: &Resolver<'_>, endpoint: &str) -> Result<Stack, CloudError> {
    let mut stack = Stack {
        environments: BTreeMap::new(),
        functions: Vec::new(),
        routes: Vec::new(),
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
        let function = Function {
            logical_id: resource.id.to_owned(),
            binary: binary.to_owned(),
        };
        let environment = environment(resolver, &resource, endpoint)?;
        stack.environments.insert(function.logical_id.clone(), environment);
        stack.routes.extend(routes(resolver, &resource, &function)?);
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
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let shared = "Globals.Function.Environment.Variables";
    let globals = resolver
        .template
        .at(&shared.split('.').collect::<Vec<_>>());
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

fn routes(
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
    function: &Function,
) -> Result<Vec<Route>, CloudError> {
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
    let api = event
        .get("RestApiId")
        .and_then(|id| id.get("Ref"))
        .and_then(Json::as_str)
        .unwrap_or("ServerlessRestApi");
    [
        ["Resources", api, "Properties", "Auth", "DefaultAuthorizer"].as_slice(),
        &["Globals", "Api", "Auth", "DefaultAuthorizer"],
    ]
    .into_iter()
    .any(|path| template.at(path).is_some())
}

fn physical(reference: String, attributes: &[(&str, String)]) -> Physical {
    Physical {
        reference,
        attributes: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn refused(resource: &Resource<'_>, refusal: &Refusal) -> CloudError {
    CloudError::template(resource.place(), format!("{}: {}", refusal.code, refusal.message))
}

/// Through the text, because dynoxide's requests tell absent from null while they are parsed.
fn parse<T: DeserializeOwned>(request: &Json) -> Result<T, String> {
    serde_json::from_str(&request.to_string()).map_err(|error| error.to_string())
}
