//! Who presents a key, against a local cloud's Secrets Manager. Time is the tests' own.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::{
    Client,
    config::{Builder, retry::RetryConfig},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{Scope, Secret, Tenant};
use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
use vault::{
    ApiKey, Authenticator, KeySet, Moment, Principal, Refusal,
    keyring::{Hash, Record, Shard},
};

const OLD: &str = r#"{"1":"0123456789abcdef0123456789abcdef"}"#;
const NEW: &str = r#"{"1":"0123456789abcdef0123456789abcdef","2":"fedcba9876543210fedcba9876543210"}"#;

/// A cloud with a pepper and two shards, and a client that does not retry, so that calls can be counted.
struct World {
    cloud: Cloud,
    secrets: Client,
    authenticator: Authenticator,
    start: Moment,
}

impl World {
    async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let config = Builder::from(&cloud.sdk_config()).retry_config(RetryConfig::disabled()).build();
        let secrets = Client::from_conf(config);
        for (name, text) in [("pepper", OLD), ("shard-0", r#"{"keys":{}}"#), ("shard-1", r#"{"keys":{}}"#)] {
            secrets.create_secret().name(name).secret_string(text).send().await.unwrap();
        }
        let authenticator = Authenticator::new(&secrets, "dev", "pepper", &["shard-0", "shard-1"]);
        let start = Moment { monotonic: Instant::now(), wall: Timestamp::constant(1_800_000_000, 0) };
        Self { cloud, secrets, authenticator, start }
    }

    async fn put(&self, secret: &str, text: &str) {
        self.secrets.put_secret_value().secret_id(secret).secret_string(text).send().await.unwrap();
        self.cloud.reset_counts();
    }

    /// Puts a key into shard 1, as this changes its record.
    async fn keep(&self, key: &ApiKey, pepper: &str, change: impl FnOnce(&mut Record)) {
        let mut record = Record {
            tenant: Tenant::parse("acme").unwrap(),
            scopes: vec![Scope::DataRead],
            name: "test".to_owned(),
            created: self.start.wall,
            expires: self.start.wall + SignedDuration::from_hours(1),
            revoked: None,
            hashes: vec![Hash::of(key, &KeySet::parse(pepper).unwrap())],
        };
        change(&mut record);
        let shard = Shard { keys: BTreeMap::from([(key.kid().clone(), record)]) };
        self.put("shard-1", &serde_json::to_string(&shard).unwrap()).await;
    }

    fn after(&self, seconds: u64) -> Moment {
        let wall = self.start.wall + SignedDuration::from_secs(i64::try_from(seconds).unwrap());
        Moment { monotonic: self.start.monotonic + Duration::from_secs(seconds), wall }
    }

    async fn present(&self, key: &ApiKey, seconds: u64) -> Result<Principal, Refusal> {
        let text = Secret::new(key.text().reveal().to_string());
        self.authenticator.authenticate(&text, self.after(seconds)).await
    }

    fn fetches(&self) -> u64 {
        self.cloud.calls_of(Service::SecretsManager, "GetSecretValue")
    }
}

fn key() -> ApiKey {
    ApiKey::mint("dev", 1).unwrap()
}

#[tokio::test]
async fn the_holder_of_a_key_is_recognised_with_one_look_at_its_shard_and_one_at_the_pepper() {
    let world = World::new().await;
    let key = key();
    world.keep(&key, OLD, |_| ()).await;
    for seconds in [0, 29] {
        let principal = world.present(&key, seconds).await.unwrap();
        assert_eq!((&*principal.tenant, principal.scopes.as_slice()), ("acme", [Scope::DataRead].as_slice()));
        assert_eq!((&principal.kid, world.fetches()), (key.kid(), 2));
    }
}

#[tokio::test]
async fn a_key_with_the_name_of_another_and_a_wrong_secret_is_unknown() {
    let world = World::new().await;
    let key = key();
    world.keep(&key, OLD, |_| ()).await;
    let other = ApiKey::renew("dev", key.kid()).unwrap();
    assert!(matches!(world.present(&other, 0).await, Err(Refusal::Unknown)));
    assert!(matches!(world.present(&ApiKey::mint("dev", 2).unwrap(), 0).await, Err(Refusal::Unknown)));
    assert!(matches!(world.present(&ApiKey::renew("prod", key.kid()).unwrap(), 0).await, Err(Refusal::Unknown)));
}

#[tokio::test]
async fn a_key_has_ended_when_it_or_its_hash_has_expired_or_it_was_revoked() {
    let now = Timestamp::constant(1_800_000_000, 0);
    let changes: [fn(&mut Record, Timestamp); 4] = [
        |record, now| record.revoked = Some(now),
        |record, now| record.expires = now,
        |record, now| record.hashes[0].expires = Some(now),
        |record, now| record.hashes[0].expires = Some(now - SignedDuration::from_secs(1)),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let world = World::new().await;
        let key = key();
        world.keep(&key, OLD, |record| change(record, now)).await;
        let Err(Refusal::Ended(principal)) = world.present(&key, 0).await else { panic!("change {number}") };
        assert_eq!(&principal.kid, key.kid());
    }
    let world = World::new().await;
    let key = key();
    let later = now + SignedDuration::from_secs(1);
    world.keep(&key, OLD, |record| (record.expires, record.hashes[0].expires) = (later, Some(later))).await;
    assert!(world.present(&key, 0).await.is_ok());
    assert!(matches!(world.present(&key, 1).await, Err(Refusal::Ended(_))));
}

#[tokio::test]
async fn an_unknown_name_is_looked_for_again_but_once_in_ten_seconds() {
    let world = World::new().await;
    world.cloud.reset_counts();
    // The shard, the shard again, the pepper.
    assert!(matches!(world.present(&key(), 0).await, Err(Refusal::Unknown)));
    assert_eq!(world.fetches(), 3);
    for (seconds, fetches) in [(0, 3), (9, 3), (10, 4), (19, 4), (20, 5)] {
        assert!(matches!(world.present(&key(), seconds).await, Err(Refusal::Unknown)));
        assert_eq!(world.fetches(), fetches, "after {seconds} s");
    }
    let minted = key();
    world.keep(&minted, OLD, |_| ()).await;
    assert!(matches!(world.present(&minted, 29).await, Err(Refusal::Unknown)));
    assert!(world.present(&minted, 30).await.is_ok());
}

#[tokio::test]
async fn a_pepper_that_a_key_names_and_that_is_not_known_is_looked_for_again_but_once_in_ten_seconds() {
    let world = World::new().await;
    let (old, new) = (key(), key());
    world.keep(&old, OLD, |_| ()).await;
    world.present(&old, 0).await.unwrap();
    world.keep(&new, NEW, |_| ()).await;
    // The key is found by a second look, its pepper is not yet there.
    assert!(matches!(world.present(&new, 1).await, Err(Refusal::Unknown)));
    assert_eq!(world.fetches(), 2);
    world.put("pepper", NEW).await;
    assert!(matches!(world.present(&new, 10).await, Err(Refusal::Unknown)));
    assert_eq!(world.fetches(), 0);
    assert!(world.present(&new, 11).await.is_ok());
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn nobody_is_recognised_while_nothing_is_known_and_nothing_can_be_asked() {
    let world = World::new().await;
    let key = key();
    world.keep(&key, OLD, |_| ()).await;
    let _fault = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::InternalError);
    assert!(matches!(world.present(&key, 0).await, Err(Refusal::Unavailable(_))));
}
