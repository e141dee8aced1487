//! The resources that the local cloud creates.

use super::buckets::create_bucket;
use crate::cloud::Services;
use crate::error::CloudError;
use crate::kms::keys::Ring;
use crate::secrets::model::{Shelf, Value};
use crate::template::{Physical, Resolver, Resource, scalar_text, secret_string};
use crate::wire::{self, REGION, Refusal};
use crate::{kms, random, sqs};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

/// Creates a resource unless it is there, and says what it is to the rest of the template.
type Create = fn(&Services, &Resolver<'_>, &Resource<'_>) -> Result<Physical, CloudError>;

/// The types of resources, in an order in which each may refer to those before it.
pub(super) const KINDS: [(&str, Create); 9] = [
    ("AWS::KMS::Key", create_key),
    ("AWS::KMS::Alias", create_alias),
    ("AWS::SecretsManager::Secret", create_secret),
    ("AWS::DynamoDB::Table", create_table),
    ("AWS::ApiGateway::UsagePlan", create_usage_plan),
    ("AWS::SQS::Queue", create_queue),
    // Once more, because a queue may name any other for its dead letters.
    ("AWS::SQS::Queue", redrive_queue),
    ("AWS::SNS::Topic", create_topic),
    ("AWS::S3::Bucket", create_bucket),
];

fn create_key(services: &Services, resolver: &Resolver<'_>, resource: &Resource<'_>) -> Result<Physical, CloudError> {
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

fn create_alias(services: &Services, resolver: &Resolver<'_>, resource: &Resource<'_>) -> Result<Physical, CloudError> {
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

fn create_table(services: &Services, resolver: &Resolver<'_>, resource: &Resource<'_>) -> Result<Physical, CloudError> {
    let name = resolver.required_text(resource, "TableName")?;
    let failed = |problem: String| CloudError::Table { table: name.clone(), problem };
    let refused = |error: dynoxide::DynoxideError| failed(error.to_string());
    let database = &services.dynamo.database;
    let wanted = table_request(resolver, resource, &name)?;
    if database.get_table_metadata(&name).map_err(refused)?.is_none() {
        let request = parse(&wanted).map_err(failed)?;
        database.create_table(request).map_err(refused)?;
        if let Some(ttl) = resolver.property(resource, "TimeToLiveSpecification")? {
            let asked = json!({ "TableName": name, "TimeToLiveSpecification": ttl });
            let asked = parse(&asked).map_err(failed)?;
            database.update_time_to_live(asked).map_err(refused)?;
        }
    }
    let asked = parse(&json!({ "TableName": name })).map_err(failed)?;
    let told = database.describe_table(asked).map_err(refused)?;
    let told = serde_json::to_value(told).map_err(|error| failed(error.to_string()))?;
    let table = told.get("Table").unwrap_or(&Json::Null);
    if wanted.get("KeySchema") != table.get("KeySchema") {
        let problem = "exists with other keys; remove the data folder to start anew";
        return Err(failed(problem.to_owned()));
    }
    let attributes: Vec<(&str, String)> = [("Arn", "TableArn"), ("StreamArn", "LatestStreamArn")]
        .into_iter()
        .filter_map(|(attribute, member)| Some((attribute, in_region(&scalar_text(table.get(member)?)?))))
        .collect();
    Ok(physical(name.clone(), &attributes))
}

/// Dynoxide names a region of its own in ARNs, and accepts any.
fn in_region(arn: &str) -> String {
    arn.replacen(dynoxide::streams::LOCAL_REGION, REGION, 1)
}

/// The `CreateTable` request. Encryption, backups and deletion protection are for tables that hold something.
fn table_request(resolver: &Resolver<'_>, resource: &Resource<'_>, name: &str) -> Result<Json, CloudError> {
    let mut request = Map::new();
    for property in ["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(value) = resolver.property(resource, property)? {
            request.insert(property.to_owned(), value);
        }
    }
    request.insert("TableName".to_owned(), json!(name));
    request.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
    if let Some(Json::Object(mut stream)) = resolver.property(resource, "StreamSpecification")? {
        stream.insert("StreamEnabled".to_owned(), json!(true));
        request.insert("StreamSpecification".to_owned(), Json::Object(stream));
    }
    Ok(Json::Object(request))
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
        None => services.gateway.add_plan(&name).map_err(|refusal| refused(resource, &refusal))?,
    };
    Ok(physical(id.clone(), &[("Id", id)]))
}

fn create_queue(services: &Services, resolver: &Resolver<'_>, resource: &Resource<'_>) -> Result<Physical, CloudError> {
    let name = name(resolver, resource, "QueueName")?;
    let timeout = resolver.property(resource, "VisibilityTimeout")?.as_ref().and_then(scalar_text);
    let timeout = timeout.and_then(|text| text.parse().ok()).unwrap_or(sqs::VISIBILITY_TIMEOUT);
    let url = services.sqs.create(&name, timeout, None).map_err(|refusal| refused(resource, &refusal))?;
    Ok(physical(url.clone(), &[("Arn", wire::arn("sqs", &name)), ("QueueName", name), ("QueueUrl", url)]))
}

fn redrive_queue(
    services: &Services,
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
) -> Result<Physical, CloudError> {
    let queue = create_queue(services, resolver, resource)?;
    let (place, _) = resource.property("RedrivePolicy");
    let policy = resolver.property(resource, "RedrivePolicy")?.map(serde_json::from_value).transpose();
    let policy = policy.map_err(|error| CloudError::template(place, error.to_string()))?;
    let set = services.sqs.set_redrive_policy(&queue.reference, policy);
    set.map(|()| queue).map_err(|refusal| refused(resource, &refusal))
}

fn create_topic(services: &Services, resolver: &Resolver<'_>, resource: &Resource<'_>) -> Result<Physical, CloudError> {
    let name = name(resolver, resource, "TopicName")?;
    let arn = services.sns.create(&name).map_err(|refusal| refused(resource, &refusal))?;
    Ok(physical(arn.clone(), &[("TopicArn", arn), ("TopicName", name)]))
}

/// The name that the template gives, or one like CloudFormation's own.
pub(super) fn name(resolver: &Resolver<'_>, resource: &Resource<'_>, property: &str) -> Result<String, CloudError> {
    let given = resolver.property(resource, property)?.as_ref().and_then(scalar_text);
    Ok(given.unwrap_or_else(|| format!("{}-{}", resolver.stack, resource.id)))
}

pub(super) fn physical(reference: String, attributes: &[(&str, String)]) -> Physical {
    Physical {
        reference,
        attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

pub(super) fn refused(resource: &Resource<'_>, refusal: &Refusal) -> CloudError {
    CloudError::template(resource.place(), format!("{}: {}", refusal.code, refusal.message))
}

/// Through the text, because dynoxide's requests tell absent from null while they are parsed.
fn parse<T: DeserializeOwned>(request: &Json) -> Result<T, String> {
    serde_json::from_str(&request.to_string()).map_err(|error| error.to_string())
}
