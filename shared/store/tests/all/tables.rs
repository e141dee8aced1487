//! The tables as the template describes them.

use std::time::Instant;

use aws_sdk_dynamodb::{
    Client,
    config::{Builder, retry::RetryConfig},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, RequestId, Tenant};
use palisade_local::{Cloud, CloudOptions};
use store::{AuditEntry, AuditLog, AuditTrail, CommitError, Decision, Requests, UnitOfWork};
use ulid::Ulid;
use vault::{Moment, SecretCache};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");

/// The beginning of a minute.
pub(crate) const NOON: Timestamp = Timestamp::constant(1_800_014_400, 0);

/// A cloud with every table, and a client that does not retry, so that faults are met once.
pub(crate) struct Tables {
    pub(crate) cloud: Cloud,
    pub(crate) dynamo: Client,
    pub(crate) audit: AuditTrail,
    pub(crate) log: AuditLog,
    pub(crate) requests: Requests,
}

impl Tables {
    pub(crate) async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        cloud.provision(TEMPLATE, "dev").unwrap();
        let config = cloud.sdk_config();
        let once = Builder::from(&config).retry_config(RetryConfig::disabled()).build();
        let dynamo = Client::from_conf(once);
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        let keys = SecretCache::key_set(secrets, "palisade/dev/audit");
        Self {
            audit: AuditTrail::new(dynamo.clone(), "palisade-dev-audit", keys),
            log: AuditLog::new(dynamo.clone(), "palisade-dev-audit"),
            requests: Requests::new(dynamo.clone(), "palisade-dev-requests"),
            dynamo,
            cloud,
        }
    }

    /// Commits with an audit entry and without a claim.
    pub(crate) async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        let token = Ulid::generate().to_string();
        work.commit(&self.dynamo, &self.audit, entry(), None, &token, now()).await
    }

    /// The entries of `acme`, the newest first.
    pub(crate) async fn audited(&self) -> Vec<String> {
        let page = self.log.page(&tenant("acme"), (NOON, NOON), None, 50).await.unwrap();
        page.rows.into_iter().map(|row| row.entry).collect()
    }
}

pub(crate) fn entry() -> AuditEntry {
    AuditEntry {
        time: NOON,
        tenant: tenant("acme"),
        kid: None,
        scope: None,
        route: "test",
        decision: Decision::Stored,
        objects: Vec::new(),
        fingerprint: None,
        request_id: RequestId::mint(),
    }
}

pub(crate) fn now() -> Moment {
    Moment { monotonic: Instant::now(), wall: NOON }
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    NOON + SignedDuration::from_secs(seconds)
}

pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant::parse(name).unwrap()
}

pub(crate) fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}
