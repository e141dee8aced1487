//! The control plane of API Gateway, as far as registering a key's usage identifier goes: API keys, and their
//! membership in usage plans. REST-JSON: the path and method are the operation.

use crate::error::CloudError;
use crate::random;
use crate::saved::Saved;
use crate::wire::{Refusal, Service, answer, now, read};
use axum::response::Response;
use http::{Method, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The service.
pub(crate) struct Gateway {
    pub(crate) registry: Saved<Registry>,
}

/// An API key as it was registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsageKey {
    /// The id that API Gateway gave it.
    pub id: String,
    /// The name it was registered under.
    pub name: String,
    /// The usage identifier.
    pub value: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// The ids of the usage plans it is in.
    pub plans: BTreeSet<String>,
    created: f64,
}

/// What is registered.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Registry {
    pub(crate) keys: BTreeMap<String, UsageKey>,
    /// Plan id to name.
    pub(crate) plans: BTreeMap<String, String>,
}

/// A call, as its path says it.
pub(crate) enum Call {
    CreateApiKey,
    GetApiKeys,
    DeleteApiKey(String),
    CreateUsagePlan,
    CreateUsagePlanKey(String),
}

impl Call {
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["apikeys"]) => Some(Self::CreateApiKey),
            ("GET", ["apikeys"]) => Some(Self::GetApiKeys),
            ("DELETE", ["apikeys", id]) => Some(Self::DeleteApiKey((*id).to_owned())),
            ("POST", ["usageplans"]) => Some(Self::CreateUsagePlan),
            ("POST", ["usageplans", id, "keys"]) => Some(Self::CreateUsagePlanKey((*id).to_owned())),
            _ => None,
        }
    }

    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::CreateApiKey => "CreateApiKey",
            Self::GetApiKeys => "GetApiKeys",
            Self::DeleteApiKey(_) => "DeleteApiKey",
            Self::CreateUsagePlan => "CreateUsagePlan",
            Self::CreateUsagePlanKey(_) => "CreateUsagePlanKey",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateApiKey {
    name: Option<String>,
    value: Option<String>,
    #[serde(default)]
    enabled: bool,
}

#[derive(Deserialize)]
struct CreateUsagePlan {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateUsagePlanKey {
    key_id: String,
    key_type: String,
}

impl Gateway {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, CloudError> {
        Ok(Self { registry: Saved::open(folder, "gateway.json")? })
    }

    pub(crate) fn call(&self, call: &Call, uri: &Uri, body: &[u8]) -> Response {
        let result = match call {
            Call::CreateApiKey => self.create_api_key(body),
            Call::GetApiKeys => self.get_api_keys(uri),
            Call::DeleteApiKey(id) => self.delete_api_key(id),
            Call::CreateUsagePlan => self.create_usage_plan(body),
            Call::CreateUsagePlanKey(plan) => self.create_usage_plan_key(plan, body),
        };
        match result {
            Ok((status, json)) => answer(Service::ApiGateway, status, json.to_string()),
            Err(refusal) => refusal.into_response(Service::ApiGateway),
        }
    }

    fn create_api_key(&self, body: &[u8]) -> Result<(StatusCode, Json), Refusal> {
        let asked: CreateApiKey = read(body)?;
        let value = match asked.value {
            Some(value) => value,
            None => identifier(40)?,
        };
        if !(20..=128).contains(&value.len()) {
            return Err(Refusal::new(
                "BadRequestException",
                "API Key value should be at least 20 and at most 128 characters",
            ));
        }
        let key = UsageKey {
            id: identifier(10)?,
            name: asked.name.unwrap_or_default(),
            value,
            enabled: asked.enabled,
            plans: BTreeSet::new(),
            created: now(),
        };
        self.registry.change(|registry: &mut Registry| {
            if registry.keys.values().any(|known| known.value == key.value) {
                return Err(
                    Refusal::new("ConflictException", "API Key already exists").with_status(StatusCode::CONFLICT)
                );
            }
            let json = describe(&key, true);
            registry.keys.insert(key.id.clone(), key);
            Ok((StatusCode::CREATED, json))
        })
    }

    fn get_api_keys(&self, uri: &Uri) -> Result<(StatusCode, Json), Refusal> {
        let query: BTreeMap<String, String> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        // As on AWS, `name` is the beginning of a name.
        let name = query.get("name").map_or("", String::as_str);
        let with_values = query.get("includeValues").is_some_and(|text| text == "true");
        let keys: Vec<Json> = self.registry.look(|registry| {
            let named = registry.keys.values().filter(|key| key.name.starts_with(name));
            named.map(|key| describe(key, with_values)).collect()
        });
        Ok((StatusCode::OK, json!({ "item": keys })))
    }

    fn delete_api_key(&self, id: &str) -> Result<(StatusCode, Json), Refusal> {
        self.registry.change(|registry: &mut Registry| {
            registry.keys.remove(id).ok_or_else(|| not_found("API Key"))?;
            Ok((StatusCode::ACCEPTED, json!({})))
        })
    }

    fn create_usage_plan(&self, body: &[u8]) -> Result<(StatusCode, Json), Refusal> {
        let asked: CreateUsagePlan = read(body)?;
        let id = self.add_plan(&asked.name)?;
        Ok((StatusCode::CREATED, json!({ "id": id, "name": asked.name })))
    }

    /// Registers a plan and returns its id.
    pub(crate) fn add_plan(&self, name: &str) -> Result<String, Refusal> {
        let id = identifier(6)?;
        self.registry.change(|registry: &mut Registry| {
            registry.plans.insert(id.clone(), name.to_owned());
            Ok(id)
        })
    }

    fn create_usage_plan_key(&self, plan: &str, body: &[u8]) -> Result<(StatusCode, Json), Refusal> {
        let asked: CreateUsagePlanKey = read(body)?;
        if asked.key_type != "API_KEY" {
            return Err(Refusal::new("BadRequestException", "Invalid key type"));
        }
        self.registry.change(|registry: &mut Registry| {
            if !registry.plans.contains_key(plan) {
                return Err(not_found("Usage Plan"));
            }
            let key = registry.keys.get_mut(&asked.key_id).ok_or_else(|| not_found("API Key"))?;
            if !key.plans.insert(plan.to_owned()) {
                return Err(Refusal::new("ConflictException", "Usage plan key already exists")
                    .with_status(StatusCode::CONFLICT));
            }
            let json = json!({ "id": key.id, "type": "API_KEY", "name": key.name, "value": key.value });
            Ok((StatusCode::CREATED, json))
        })
    }
}

fn describe(key: &UsageKey, with_value: bool) -> Json {
    json!({
        "id": key.id,
        "name": key.name,
        "enabled": key.enabled,
        "createdDate": key.created,
        "lastUpdatedDate": key.created,
        "value": with_value.then_some(&key.value),
    })
}

fn identifier(length: usize) -> Result<String, Refusal> {
    Ok(random::text(b"abcdefghijklmnopqrstuvwxyz0123456789", length)?)
}

fn not_found(what: &str) -> Refusal {
    Refusal::new("NotFoundException", format!("Invalid {what} identifier specified")).with_status(StatusCode::NOT_FOUND)
}
