//! From the template to the cloud: tables, keys, secrets, queues, buckets, what the functions need to find them, and what
//! invokes them.
//!
//! What already exists stays untouched, because a kept data folder holds the pepper under which every API key was
//! hashed; only the redrive policies of queues and the notifications of buckets are set anew. What CloudFormation remembers between deployments (which
//! key a logical id is), `stacks.json` remembers.

mod buckets;
mod functions;
mod resources;
mod sources;

pub(crate) use sources::{QueueMapping, Schedule, Scheduler, Start, StreamMapping};

use crate::cloud::Services;
use crate::error::CloudError;
use crate::template::{Physical, Resolver, Template};
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
    pub(crate) streams: Vec<StreamMapping>,
    pub(crate) queues: Vec<QueueMapping>,
    pub(crate) schedules: Vec<Schedule>,
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
        self.environments
            .get(function)
            .cloned()
            .ok_or_else(|| CloudError::template(format!("Resources.{function}"), "is not a function of this template"))
    }

    /// The functions, in order of their logical ids.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Every route of every function.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What `!Ref` gives for a table, key, secret, queue, topic, bucket or usage plan: its name, id, URL or ARN.
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
    let stack = template.parameter("Stage").map_or("palisade".to_owned(), |stage| format!("palisade-{stage}"));
    services.stacks.change(|stacks: &mut Stacks| {
        let physical = stacks.entry(stack.clone()).or_default();
        // Saved also when something later in the template is refused: what was created is there, and creating it
        // again would leave its alias and secrets behind with the first one.
        Ok::<_, CloudError>(create_all(services, &template, physical, &stack).and_then(|()| {
            let resolver = Resolver { template: &template, physical, stack: &stack };
            functions::describe(&resolver, endpoint)
        }))
    })?
}

fn create_all(
    services: &Services,
    template: &Template,
    physical: &mut BTreeMap<String, Physical>,
    stack: &str,
) -> Result<(), CloudError> {
    for (kind, create) in resources::KINDS {
        for resource in template.resources(kind) {
            let resolver = Resolver { template, physical, stack };
            if resolver.exists(&resource)? {
                let created = create(services, &resolver, &resource)?;
                physical.insert(resource.id.to_owned(), created);
            }
        }
    }
    Ok(())
}
