//! The operations of Secrets Manager: what they are asked, what they answer.

use super::Secrets;
use super::model::{Secret, Shelf, Value, invalid};
use crate::wire::{Blob, Refusal, now, read};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

type Answer = Result<Json, Refusal>;

const SECONDS_PER_DAY: f64 = 86_400.0;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<Blob>,
    description: Option<String>,
    kms_key_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutValue {
    secret_id: String,
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<Blob>,
    version_stages: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MoveStage {
    secret_id: String,
    version_stage: String,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    secret_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    max_results: Option<usize>,
    next_token: Option<String>,
    #[serde(default)]
    include_planned_deletion: bool,
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    key: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListVersions {
    secret_id: String,
    #[serde(default)]
    include_deprecated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    secret_id: String,
    recovery_window_in_days: Option<u32>,
    #[serde(default)]
    force_delete_without_recovery: bool,
}

impl Secrets {
    pub(super) fn create(&self, body: &[u8]) -> Answer {
        let asked: Create = read(body)?;
        let token = token_or_new(asked.client_request_token)?;
        let value = Value::of(asked.secret_string, asked.secret_binary)?;
        self.shelf.change(|shelf: &mut Shelf| {
            let (secret, version) = shelf.create(&asked.name, token, value, asked.description, asked.kms_key_id)?;
            Ok(json!({ "ARN": secret.arn, "Name": secret.name, "VersionId": version }))
        })
    }

    pub(super) fn get_value(&self, body: &[u8]) -> Answer {
        let asked: GetValue = read(body)?;
        self.shelf.look(|shelf| {
            let secret = shelf.find(&asked.secret_id)?;
            secret.check_alive()?;
            let (id, version) = secret.version(asked.version_id.as_deref(), asked.version_stage.as_deref())?;
            let (text, bytes) = match &version.value {
                Value::Text(text) => (Some(text), None),
                Value::Bytes(bytes) => (None, Some(bytes)),
            };
            Ok(json!({
                "ARN": secret.arn,
                "Name": secret.name,
                "VersionId": id,
                "VersionStages": version.stages,
                "CreatedDate": version.created,
                "SecretString": text,
                "SecretBinary": bytes,
            }))
        })
    }

    pub(super) fn put_value(&self, body: &[u8]) -> Answer {
        let asked: PutValue = read(body)?;
        let token = token_or_new(asked.client_request_token)?;
        let value = Value::of(asked.secret_string, asked.secret_binary)?
            .ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
        self.shelf.change(|shelf: &mut Shelf| {
            let secret = shelf.find_alive_mut(&asked.secret_id)?;
            secret.put(&token, value, asked.version_stages)?;
            let stages = secret.versions.get(&token).map(|version| &version.stages);
            Ok(json!({
                "ARN": secret.arn,
                "Name": secret.name,
                "VersionId": token,
                "VersionStages": stages,
            }))
        })
    }

    pub(super) fn move_stage(&self, body: &[u8]) -> Answer {
        let asked: MoveStage = read(body)?;
        self.shelf.change(|shelf: &mut Shelf| {
            let secret = shelf.find_alive_mut(&asked.secret_id)?;
            secret.move_stage(
                &asked.version_stage,
                asked.remove_from_version_id.as_deref(),
                asked.move_to_version_id.as_deref(),
            )?;
            Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
        })
    }

    pub(super) fn describe(&self, body: &[u8]) -> Answer {
        let asked: Describe = read(body)?;
        self.shelf.look(|shelf| shelf.find(&asked.secret_id).map(description))
    }

    pub(super) fn list(&self, body: &[u8]) -> Answer {
        let asked: List = read(body)?;
        if let Some(filter) = asked.filters.iter().find(|filter| filter.key != "name") {
            return Err(invalid(format!("the local Secrets Manager filters by name only, not by {}", filter.key)));
        }
        let limit = asked.max_results.unwrap_or(100);
        if !(1..=100).contains(&limit) {
            return Err(invalid("MaxResults must be between 1 and 100."));
        }
        self.shelf.look(|shelf| {
            let is_listed = |secret: &&Secret| {
                (asked.include_planned_deletion || secret.deleted.is_none())
                    && asked.next_token.as_ref().is_none_or(|after| secret.name > *after)
                    && asked
                        .filters
                        .iter()
                        .all(|filter| filter.values.iter().any(|start| secret.name.starts_with(start)))
            };
            let mut secrets = shelf.iter().filter(is_listed);
            let page: Vec<&Secret> = secrets.by_ref().take(limit).collect();
            let next = secrets.next().and(page.last()).map(|last| &last.name);
            let listed: Vec<Json> = page.iter().map(|secret| description(secret)).collect();
            Ok(json!({ "SecretList": listed, "NextToken": next }))
        })
    }

    pub(super) fn list_versions(&self, body: &[u8]) -> Answer {
        let asked: ListVersions = read(body)?;
        self.shelf.look(|shelf| {
            let secret = shelf.find(&asked.secret_id)?;
            let versions: Vec<Json> = secret
                .versions
                .iter()
                .filter(|(_, version)| asked.include_deprecated || !version.stages.is_empty())
                .map(|(id, version)| {
                    json!({ "VersionId": id, "VersionStages": version.stages, "CreatedDate": version.created })
                })
                .collect();
            Ok(json!({ "ARN": secret.arn, "Name": secret.name, "Versions": versions }))
        })
    }

    pub(super) fn delete(&self, body: &[u8]) -> Answer {
        let asked: Delete = read(body)?;
        let window = match (asked.recovery_window_in_days, asked.force_delete_without_recovery) {
            (Some(_), true) => {
                return Err(invalid(
                    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
                ));
            }
            (Some(days), false) if !(7..=30).contains(&days) => {
                return Err(invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
            }
            (days, _) => f64::from(days.unwrap_or(30)) * SECONDS_PER_DAY,
        };
        self.shelf.change(|shelf: &mut Shelf| {
            if asked.force_delete_without_recovery {
                // As on AWS, forcing away what is not there succeeds.
                let gone = shelf.forget(&asked.secret_id);
                let (arn, name) = gone.map_or((None, asked.secret_id), |secret| (Some(secret.arn), secret.name));
                return Ok(json!({ "ARN": arn, "Name": name, "DeletionDate": now() }));
            }
            let secret = shelf.find_alive_mut(&asked.secret_id)?;
            let date = now() + window;
            secret.deleted = Some(date);
            Ok(json!({ "ARN": secret.arn, "Name": secret.name, "DeletionDate": date }))
        })
    }
}

fn description(secret: &Secret) -> Json {
    let labelled: Map<String, Json> = secret
        .versions
        .iter()
        .filter(|(_, version)| !version.stages.is_empty())
        .map(|(id, version)| (id.clone(), json!(version.stages)))
        .collect();
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "Description": secret.description,
        "KmsKeyId": secret.kms_key,
        "DeletedDate": secret.deleted,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
        "VersionIdsToStages": labelled,
    })
}

fn token_or_new(token: Option<String>) -> Result<String, Refusal> {
    match token {
        Some(token) => Ok(token),
        None => Ok(crate::random::uuid_text(&crate::random::uuid()?)),
    }
}
