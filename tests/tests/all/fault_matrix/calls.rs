//! Which calls something makes of AWS, and in which ways each of them may fail.

use crate::world::World;
use palisade_local::{Fault, Injected, Met, Service, When};
use serde_json::Value;
use std::collections::BTreeSet;

/// One call among those that were made, known by what it is about and how many like it came before.
#[derive(Clone, Debug)]
pub struct Site {
    pub service: Service,
    pub operation: String,
    /// Tables, secret, key, queue, topic or bucket, without what all names begin with.
    pub target: String,
    /// Stands in its request and tells it from calls of other things.
    containing: String,
    /// How many calls that contain it came before.
    skip: usize,
    /// Whether it is the first of its operation on its target.
    pub first: bool,
}

impl Site {
    /// The calls, in the order of their arrival: of each operation on each target the first and the last.
    pub fn all(heard: &[Met]) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let mut found: Vec<Self> = Vec::new();
        for (place, met) in heard.iter().enumerate() {
            let (target, containing) = about(met);
            let is_like = |earlier: &&Met| {
                earlier.service == met.service
                    && earlier.operation == met.operation
                    && holds(&earlier.subject, &containing)
            };
            let skip = heard[..place].iter().filter(is_like).count();
            let first = seen.insert((met.service, met.operation.clone(), target.clone()));
            let operation = met.operation.clone();
            found.retain(|site| {
                site.first || (site.service, &site.operation, &site.target) != (met.service, &operation, &target)
            });
            found.push(Self { service: met.service, operation, target, containing, skip, first });
        }
        found
    }

    /// Makes it fail, and all like it that come later, until the rule is stopped.
    pub fn fail(&self, world: &World, fault: Fault) -> Injected {
        let when = When::call(self.service, &self.operation).containing(&self.containing).skip(self.skip);
        world.cloud.faults().inject(when, fault)
    }

    /// Whether what it asks for is kept by the process that asked.
    pub fn is_kept(&self) -> bool {
        matches!(self.service, Service::SecretsManager | Service::Kms) || self.target == "issuers"
    }

    fn is_write(&self) -> bool {
        let beginnings = ["Put", "Update", "Delete", "BatchWrite", "TransactWrite", "SendMessage", "Publish"];
        beginnings.iter().any(|beginning| self.operation.starts_with(beginning))
    }

    /// The ways in which it may fail, but for never answering. A later call like an earlier one fails in the two ways
    /// that differ most.
    pub fn faults(&self) -> Vec<Fault> {
        let is_write = self.is_write();
        if !self.first {
            return if is_write { vec![Fault::InternalError, Fault::ResetAfter] } else { vec![Fault::InternalError] };
        }
        let mut faults = vec![Fault::Throttle, Fault::InternalError, Fault::Reset];
        if is_write {
            faults.push(Fault::ResetAfter);
        }
        if ["BatchWriteItem", "BatchGetItem"].contains(&self.operation.as_str()) {
            faults.push(Fault::PartialBatch);
        } else if is_write && matches!(self.service, Service::DynamoDb | Service::S3) {
            faults.push(Fault::Conflict);
        }
        faults
    }
}

fn holds(subject: &[u8], text: &str) -> bool {
    text.is_empty() || subject.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What a call is about, in short and as its request says it.
fn about(met: &Met) -> (String, String) {
    let text = String::from_utf8_lossy(&met.subject).into_owned();
    let whole = match met.service {
        Service::S3 => text.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned(),
        Service::Sns => form(&text, "TopicArn"),
        _ => {
            let body: Value = serde_json::from_str(&text).unwrap();
            let tables = tables(&body);
            if !tables.is_empty() {
                let short: Vec<String> = tables.iter().map(|table| short(table)).collect();
                // A transaction is known by what is its alone.
                let own = tables.iter().find(|table| !table.ends_with("-audit") && !table.ends_with("-requests"));
                let known = own.or_else(|| tables.iter().next_back()).unwrap().clone();
                return (short.join(", "), known);
            }
            // Keys have other names in every world.
            if met.service == Service::Kms {
                return (String::new(), String::new());
            }
            let name = body["SecretId"].as_str().or_else(|| body["QueueUrl"].as_str()).unwrap();
            // What is so in every world: a queue without its host, a secret without the end of its ARN, a keyring
            // without its shard.
            let name = name.rsplit("000000000000/").next().unwrap();
            let of_arn = name.split_once(":secret:").and_then(|(_, name)| name.rsplit_once('-'));
            let name = of_arn.map_or(name, |(name, _)| name);
            name.split_inclusive("keyring").next().unwrap().to_owned()
        }
    };
    (short(&whole), whole)
}

fn tables(body: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    found.extend(body["TableName"].as_str().map(str::to_owned));
    found.extend(body["RequestItems"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    for item in body["TransactItems"].as_array().into_iter().flatten() {
        let parts = item.as_object().into_iter().flatten();
        found.extend(parts.filter_map(|(_, part)| part["TableName"].as_str().map(str::to_owned)));
    }
    found
}

fn form(text: &str, name: &str) -> String {
    let pair = text.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    pair.unwrap_or_default().to_owned()
}

/// A name without what all names have.
fn short(name: &str) -> String {
    let tail = name.rsplit(['/', ':']).next().unwrap_or_default();
    let tail = tail.rsplit("%3A").next().unwrap_or_default().trim_start_matches("palisade-test-");
    tail.split("-000000000000").next().unwrap_or_default().to_owned()
}
