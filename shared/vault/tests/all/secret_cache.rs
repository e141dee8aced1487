//! How long a secret is kept. Time is the tests' own.

use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::{
    Client,
    config::{Builder, retry::RetryConfig},
};
use palisade_local::{Cloud, CloudOptions, Fault, Injected, Service, When};
use vault::SecretCache;

struct World {
    cloud: Cloud,
    secrets: Client,
    cache: SecretCache<String>,
    start: Instant,
}

impl World {
    async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let config = Builder::from(&cloud.sdk_config()).retry_config(RetryConfig::disabled()).build();
        let secrets = Client::from_conf(config);
        secrets.create_secret().name("it").secret_string("one").send().await.unwrap();
        let cache = SecretCache::new(secrets.clone(), "it", |text| Ok(text.to_owned()));
        cloud.reset_counts();
        Self { cloud, secrets, cache, start: Instant::now() }
    }

    async fn put(&self, text: &str) {
        self.secrets.put_secret_value().secret_id("it").secret_string(text).send().await.unwrap();
    }

    /// The value after so many seconds, and how often it was fetched by then.
    async fn at(&self, seconds: u64) -> (Option<String>, u64) {
        let value = self.cache.get(self.start + Duration::from_secs(seconds)).await.ok();
        (value.map(|value| value.to_string()), self.cloud.calls_of(Service::SecretsManager, "GetSecretValue"))
    }

    fn fail(&self) -> Injected {
        self.cloud.faults().inject(When::call(Service::SecretsManager, "GetSecretValue"), Fault::InternalError)
    }
}

fn found(text: &str, fetches: u64) -> (Option<String>, u64) {
    (Some(text.to_owned()), fetches)
}

#[tokio::test]
async fn a_value_is_kept_for_thirty_seconds_and_then_fetched_anew() {
    let world = World::new().await;
    assert_eq!(world.at(0).await, found("one", 1));
    world.put("two").await;
    assert_eq!(world.at(29).await, found("one", 1));
    assert_eq!(world.at(30).await, found("two", 2));
}

#[tokio::test]
async fn an_old_value_serves_for_fifteen_minutes_while_nothing_answers_and_not_longer() {
    let world = World::new().await;
    assert_eq!(world.at(0).await, found("one", 1));
    let _fault = world.fail();
    assert_eq!(world.at(899).await, found("one", 2));
    assert_eq!(world.at(900).await, (None, 2));
    assert_eq!(world.at(910).await, (None, 3));
}

#[tokio::test]
async fn after_a_failure_nothing_is_asked_for_five_seconds() {
    let world = World::new().await;
    let fault = world.fail();
    assert_eq!(world.at(0).await, (None, 1));
    fault.stop();
    assert_eq!(world.at(1).await, (None, 1));
    assert_eq!(world.at(4).await, (None, 1));
    assert_eq!(world.at(5).await, found("one", 2));
}

#[tokio::test]
async fn a_value_may_be_asked_for_that_is_younger_than_usual() {
    let world = World::new().await;
    world.at(0).await;
    world.put("two").await;
    let value = world.cache.get_within(Duration::ZERO, world.start).await.unwrap();
    assert_eq!(*value, "two");
}
