//! Secrets Manager: what the service keeps, and how a call reaches its operation.
//!
//! A secret has versions; a version has staging labels; a label is on at most one version. That rule and the
//! travels of AWSCURRENT and AWSPREVIOUS live in [`model`]; reading requests and writing answers in [`calls`].
//! Deliberately absent: rotation by function, replication, resource policies, tags.

mod calls;
pub(crate) mod model;

use crate::error::CloudError;
use crate::saved::Saved;
use crate::wire::{Refusal, Service, answer};
use axum::response::Response;
use http::StatusCode;
use model::Shelf;
use std::path::Path;

/// The service.
pub(crate) struct Secrets {
    pub(crate) shelf: Saved<Shelf>,
}

impl Secrets {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, CloudError> {
        Ok(Self { shelf: Saved::open(folder, "secrets.json")? })
    }

    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Response {
        let result = match operation {
            "CreateSecret" => self.create(body),
            "GetSecretValue" => self.get_value(body),
            "PutSecretValue" => self.put_value(body),
            "UpdateSecretVersionStage" => self.move_stage(body),
            "DescribeSecret" => self.describe(body),
            "ListSecrets" => self.list(body),
            "ListSecretVersionIds" => self.list_versions(body),
            "DeleteSecret" => self.delete(body),
            _ => Err(Refusal::new(
                "UnknownOperationException",
                format!("{operation} is not part of the local Secrets Manager"),
            )),
        };
        match result {
            Ok(json) => answer(Service::SecretsManager, StatusCode::OK, json.to_string()),
            Err(refusal) => refusal.into_response(Service::SecretsManager),
        }
    }
}
