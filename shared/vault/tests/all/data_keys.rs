//! Keys of data subjects, against a local cloud's KMS.

use std::time::{Duration, Instant};

use aws_sdk_kms::{
    Client,
    config::{Builder, retry::RetryConfig},
    primitives::Blob,
};
use jiff::Timestamp;
use kernel::{Fault as Answer, Tenant};
use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
use vault::{DataKey, DataKeys, KeyUnavailable, Moment, Place, WrappedKey};

/// A cloud with one KMS key, and a client that does not retry, so that faults are met once.
struct World {
    cloud: Cloud,
    kms: Client,
    key: String,
    start: Moment,
}

impl World {
    async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let config = Builder::from(&cloud.sdk_config()).retry_config(RetryConfig::disabled()).build();
        let kms = Client::from_conf(config);
        let key = create_key(&kms).await;
        let start = Moment { monotonic: Instant::now(), wall: Timestamp::constant(1_800_000_000, 0) };
        Self { cloud, kms, key, start }
    }

    /// The cache of a fresh execution environment.
    fn keys(&self) -> DataKeys {
        self.keys_for("ledger")
    }

    fn keys_for(&self, purpose: &'static str) -> DataKeys {
        DataKeys::new(self.kms.clone(), self.key.clone(), purpose)
    }

    /// A key that the returned cache has forgotten, because another environment minted it.
    async fn minted_elsewhere(&self) -> (DataKeys, WrappedKey) {
        let (wrapped, _) = self.keys().mint(&tenant("acme"), self.start).await.unwrap();
        (self.keys(), wrapped)
    }

    fn after(&self, seconds: f64) -> Moment {
        Moment { monotonic: self.start.monotonic + Duration::from_secs_f64(seconds), ..self.start }
    }

    fn decrypts(&self) -> u64 {
        self.cloud.calls_of(Service::Kms, "Decrypt")
    }
}

async fn create_key(kms: &Client) -> String {
    kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id
}

fn tenant(name: &str) -> Tenant {
    Tenant::parse(name).unwrap()
}

fn place(tenant: &Tenant) -> Place<'_> {
    Place { tenant, table: "ledger", partition: "acme#u-1", sort: "txn#1", attribute: "message" }
}

fn use_up(key: &DataKey, uses: u32) {
    let acme = tenant("acme");
    (0..uses).for_each(|_| drop(key.seal(&place(&acme), b"x").unwrap()));
}

#[tokio::test]
async fn what_a_minted_key_sealed_opens_in_another_environment() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (wrapped, minted) = world.keys().mint(&acme, world.start).await.unwrap();
    let sealed = minted.seal(&place(&acme), b"250.00").unwrap();

    let unwrapped = world.keys().unwrap(&acme, &wrapped, world.start).await.unwrap();
    assert_eq!(unwrapped.open(&place(&acme), &sealed).unwrap().reveal(), b"250.00");
    assert_eq!((minted.id(), unwrapped.id()), (&wrapped.id, &wrapped.id));
    assert_eq!(minted.index("account", b"1").unwrap(), unwrapped.index("account", b"1").unwrap());
}

#[tokio::test]
async fn two_minted_keys_have_nothing_in_common() {
    let world = World::new().await;
    let (acme, keys) = (tenant("acme"), world.keys());
    let (one, one_key) = keys.mint(&acme, world.start).await.unwrap();
    let (two, two_key) = keys.mint(&acme, world.start).await.unwrap();
    assert!(one.id != two.id && one.blob != two.blob);
    assert_ne!(one_key.index("account", b"1").unwrap(), two_key.index("account", b"1").unwrap());
}

#[tokio::test]
async fn kms_binds_a_key_to_its_tenant_and_purpose_and_to_nothing_else() {
    let world = World::new().await;
    let (wrapped, _) = world.keys().mint(&tenant("acme"), world.start).await.unwrap();
    let call = world.kms.decrypt().ciphertext_blob(Blob::new(wrapped.blob));
    let call = call.encryption_context("tenant", "acme").encryption_context("purpose", "ledger");
    assert_eq!(call.send().await.unwrap().plaintext.unwrap().into_inner().len(), 32);
}

#[tokio::test]
async fn another_tenant_purpose_or_kms_key_and_a_changed_key_are_not_ours() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (keys, wrapped) = world.minted_elsewhere().await;
    let elsewhere = DataKeys::new(world.kms.clone(), create_key(&world.kms).await, "ledger");
    let mut changed = wrapped.clone();
    *changed.blob.last_mut().unwrap() ^= 1;
    let cut = WrappedKey { blob: wrapped.blob[..20].to_vec(), ..wrapped.clone() };

    let outcomes = [
        keys.unwrap(&tenant("other"), &wrapped, world.start).await,
        world.keys_for("goals").unwrap(&acme, &wrapped, world.start).await,
        elsewhere.unwrap(&acme, &wrapped, world.start).await,
        keys.unwrap(&acme, &changed, world.start).await,
        keys.unwrap(&acme, &cut, world.start).await,
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(KeyUnavailable::NotOurs(_))), "{outcome:?}");
    }
    assert!(keys.unwrap(&acme, &wrapped, world.start).await.is_ok());
}

#[tokio::test]
async fn a_kept_key_serves_only_its_own_tenant_and_the_very_bytes_that_were_unwrapped() {
    let world = World::new().await;
    let (acme, keys) = (tenant("acme"), world.keys());
    let (wrapped, _) = keys.mint(&acme, world.start).await.unwrap();
    let other = keys.unwrap(&tenant("other"), &wrapped, world.start).await;
    assert!(matches!(other, Err(KeyUnavailable::NotOurs(_))), "{other:?}");

    let mut changed = wrapped.clone();
    *changed.blob.last_mut().unwrap() ^= 1;
    let changed = keys.unwrap(&acme, &changed, world.start).await;
    assert!(matches!(changed, Err(KeyUnavailable::NotOurs(_))), "{changed:?}");
}

#[tokio::test]
async fn kms_is_asked_once_for_many_requests() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (keys, wrapped) = world.minted_elsewhere().await;
    for second in 0..100 {
        keys.unwrap(&acme, &wrapped, world.after(f64::from(second))).await.unwrap();
    }
    assert_eq!(world.decrypts(), 1);
}

#[tokio::test]
async fn the_environment_that_minted_a_key_need_not_unwrap_it() {
    let world = World::new().await;
    let (acme, keys) = (tenant("acme"), world.keys());
    let (wrapped, _) = keys.mint(&acme, world.start).await.unwrap();
    keys.unwrap(&acme, &wrapped, world.after(299.9)).await.unwrap();
    assert_eq!(world.decrypts(), 0);
    keys.unwrap(&acme, &wrapped, world.after(300.0)).await.unwrap();
    assert_eq!(world.decrypts(), 1);
}

#[tokio::test]
async fn a_key_is_kept_for_300_seconds_however_often_it_is_used() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (keys, wrapped) = world.minted_elsewhere().await;
    for (seconds, decrypts) in [(0.0, 1), (150.0, 1), (299.9, 1), (300.0, 2), (599.9, 2), (600.0, 3)] {
        keys.unwrap(&acme, &wrapped, world.after(seconds)).await.unwrap();
        assert_eq!(world.decrypts(), decrypts, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_key_that_is_nearly_used_up_is_fetched_anew() {
    let world = World::new().await;
    let (acme, keys) = (tenant("acme"), world.keys());
    let (wrapped, key) = keys.mint(&acme, world.start).await.unwrap();
    use_up(&key, 50_000);
    let kept = keys.unwrap(&acme, &wrapped, world.start).await.unwrap();
    assert_eq!(world.decrypts(), 0);
    // What the request that holds it now may still do.
    use_up(&kept, 50_000);

    let fresh = keys.unwrap(&acme, &wrapped, world.start).await.unwrap();
    assert_eq!(world.decrypts(), 1);
    use_up(&fresh, 1);
    keys.unwrap(&acme, &wrapped, world.start).await.unwrap();
    assert_eq!(world.decrypts(), 1);
}

#[tokio::test]
async fn the_oldest_of_more_than_a_thousand_keys_is_dropped() {
    let world = World::new().await;
    let (acme, keys) = (tenant("acme"), world.keys());
    let mut minted = Vec::new();
    for _ in 0..1_001 {
        minted.push(keys.mint(&acme, world.start).await.unwrap().0);
    }
    for kept in &minted[1..] {
        keys.unwrap(&acme, kept, world.start).await.unwrap();
    }
    assert_eq!(world.decrypts(), 0);
    keys.unwrap(&acme, &minted[0], world.start).await.unwrap();
    assert_eq!(world.decrypts(), 1);
}

#[tokio::test]
async fn while_kms_fails_a_retry_is_worth_it() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (keys, wrapped) = world.minted_elsewhere().await;
    for fault in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
        let failing = world.cloud.faults().inject(When::any(Service::Kms), fault);
        let unwrapped = keys.unwrap(&acme, &wrapped, world.start).await;
        assert!(matches!(unwrapped, Err(KeyUnavailable::NotNow(_))), "{unwrapped:?}");
        let minted = keys.mint(&acme, world.start).await;
        assert!(matches!(minted, Err(KeyUnavailable::NotNow(_))), "{minted:?}");
        failing.stop();
    }
    keys.unwrap(&acme, &wrapped, world.start).await.unwrap();

    // What is kept serves through an outage, and no longer than at other times.
    world.cloud.faults().inject(When::any(Service::Kms), Fault::InternalError);
    assert!(keys.unwrap(&acme, &wrapped, world.after(299.9)).await.is_ok());
    assert!(keys.unwrap(&acme, &wrapped, world.after(300.0)).await.is_err());
}

#[tokio::test]
async fn while_the_kms_key_is_disabled_nothing_is_unwrapped_and_afterwards_all_is() {
    let world = World::new().await;
    let acme = tenant("acme");
    let (keys, wrapped) = world.minted_elsewhere().await;
    world.kms.disable_key().key_id(&world.key).send().await.unwrap();
    let refused = keys.unwrap(&acme, &wrapped, world.start).await;
    assert!(matches!(refused, Err(KeyUnavailable::NotNow(_))), "{refused:?}");
    assert!(matches!(keys.mint(&acme, world.start).await, Err(KeyUnavailable::NotNow(_))));
    world.kms.enable_key().key_id(&world.key).send().await.unwrap();
    assert!(keys.unwrap(&acme, &wrapped, world.start).await.is_ok());
}

#[tokio::test]
async fn a_client_learns_whether_to_retry_and_the_log_learns_why() {
    let world = World::new().await;
    let (keys, wrapped) = world.minted_elsewhere().await;
    let not_ours = keys.unwrap(&tenant("other"), &wrapped, world.start).await.unwrap_err();
    world.kms.disable_key().key_id(&world.key).send().await.unwrap();
    let not_now = keys.unwrap(&tenant("acme"), &wrapped, world.start).await.unwrap_err();
    assert!(not_ours.to_string().contains("InvalidCiphertext"), "{not_ours}");
    assert!(not_now.to_string().contains("is disabled"), "{not_now}");
    assert_eq!([not_ours, not_now].map(|error| Answer::from(error).code.status()), [500, 503]);
}

#[tokio::test]
async fn debug_output_of_a_wrapped_key_says_nothing() {
    let (_, wrapped) = World::new().await.minted_elsewhere().await;
    assert_eq!(format!("{wrapped:?}"), "WrappedKey(***)");
}
