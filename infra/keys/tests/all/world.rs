//! A cloud of its own for each test, an operator, and the functions' way of verifying keys.

use std::time::Instant;

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use kernel::{Scope, Secret, Tenant};
use palisade_keys::{Issued, Keyring, Order, SHARDS};
use palisade_local::{Cloud, CloudOptions, Stack};
use vault::{
    Authenticator, Moment, Principal, Refusal,
    keyring::{Hash, Record, Shard},
};

pub(crate) const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
/// Any time will do, since every operation is told the time.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) stack: Stack,
    pub(crate) keyring: Keyring,
    pub(crate) secrets: Client,
}

impl World {
    pub(crate) async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let stack = cloud.provision(TEMPLATE, "dev").unwrap();
        let config = cloud.sdk_config();
        Self { keyring: Keyring::new(&config, "dev"), secrets: Client::new(&config), cloud, stack }
    }

    /// A second operator, with connections of their own.
    pub(crate) fn another_operator(&self) -> Keyring {
        Keyring::new(&self.cloud.sdk_config(), "dev")
    }

    pub(crate) async fn mint(&self) -> Issued {
        self.keyring.mint(&order(), NOW).await.unwrap()
    }

    /// Who presents this text at a function that has cached nothing yet, so long after [`NOW`].
    pub(crate) async fn authenticate(&self, text: &str, after: SignedDuration) -> Result<Principal, Refusal> {
        let environment = self.stack.environment("IngestFunction").unwrap();
        let shards: Vec<&str> = environment["KEYRING_SECRETS"].split(',').collect();
        assert_eq!(shards.len(), SHARDS);
        let stage = &environment["PALISADE_STAGE"];
        let authenticator = Authenticator::new(&self.secrets, stage, &environment["PEPPER_SECRET"], &shards);
        let moment = Moment { monotonic: Instant::now(), wall: NOW + after };
        authenticator.authenticate(&Secret::new(text.to_owned()), moment).await
    }

    pub(crate) async fn accepts(&self, issued: &Issued, after: SignedDuration) -> bool {
        match self.authenticate(text(issued), after).await {
            Ok(_) => true,
            Err(Refusal::Ended(principal)) if principal.kid == issued.entry.kid => false,
            Err(refusal) => panic!("{refusal:?}"),
        }
    }

    pub(crate) async fn value(&self, secret: &str) -> String {
        self.secrets.get_secret_value().secret_id(secret).send().await.unwrap().secret_string.unwrap()
    }

    pub(crate) async fn shard(&self, index: usize) -> Shard {
        serde_json::from_str(&self.value(&shard_name(index)).await).unwrap()
    }

    /// Makes a shard hold one key and exactly so many bytes.
    pub(crate) async fn fill(&self, index: usize, bytes: usize) -> vault::ApiKey {
        let key = vault::ApiKey::mint("dev", index).unwrap();
        let pepper = vault::KeySet::parse(&self.value("palisade/dev/pepper").await).unwrap();
        let mut record = Record {
            tenant: Tenant::parse("acme").unwrap(),
            scopes: vec![Scope::DataRead],
            name: String::new(),
            created: NOW,
            expires: NOW + DAY,
            revoked: None,
            hashes: vec![Hash::of(&key, &pepper)],
        };
        let text = |record: &Record| {
            let keys = [(key.kid().clone(), record.clone())].into();
            serde_json::to_string(&Shard { keys }).unwrap()
        };
        record.name = "x".repeat(bytes - text(&record).len());
        let call = self.secrets.put_secret_value().secret_id(shard_name(index));
        call.secret_string(text(&record)).send().await.unwrap();
        key
    }
}

pub(crate) fn shard_name(index: usize) -> String {
    format!("palisade/dev/keyring/{index}")
}

pub(crate) fn order() -> Order {
    Order {
        tenant: Tenant::parse("acme").unwrap(),
        scopes: [Scope::DataRead, Scope::DataIngest].into(),
        name: "line 3".parse().unwrap(),
        expires: NOW + 30 * DAY,
        usage_plan: None,
    }
}

/// The key, as its holder presents it.
pub(crate) fn text(issued: &Issued) -> &str {
    issued.key.text().reveal()
}
