//! Wrapped keys: kept once, found as they stand, destroyed for good.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use futures_util::future::join_all;
use jiff::Timestamp;
use kernel::{Identifier, Tenant};
use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
use store::{Kept, SubjectKeys};
use tokio::time::timeout;
use vault::{DataKey, DataKeys, Moment, Place, SealError, WrappedKey};

const TABLE: &str = "subject-keys";
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

struct World {
    cloud: Cloud,
    dynamo: Client,
    keys: SubjectKeys,
}

impl World {
    async fn new() -> Self {
        let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
        let dynamo = Client::new(&cloud.sdk_config());
        let pk = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
        let hash = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash);
        let create = dynamo.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
        let create = create.attribute_definitions(pk.build().unwrap()).key_schema(hash.build().unwrap());
        create.send().await.unwrap();
        cloud.reset_counts();
        Self { keys: SubjectKeys::new(dynamo.clone(), TABLE), cloud, dynamo }
    }

    async fn keep(&self, key: &WrappedKey) -> Result<Kept, store::StoreError> {
        self.keys.keep(&tenant("acme"), &user("u-1"), key, NOW).await
    }

    async fn find(&self) -> Option<WrappedKey> {
        self.keys.find(&tenant("acme"), &user("u-1")).await.unwrap()
    }

    async fn destroy(&self, key: &WrappedKey) -> bool {
        self.keys.destroy(&tenant("acme"), &user("u-1"), &key.id).await.unwrap()
    }

    fn calls(&self, operation: &str) -> u64 {
        self.cloud.calls_of(Service::DynamoDb, operation)
    }
}

fn tenant(name: &str) -> Tenant {
    Tenant::parse(name).unwrap()
}

fn user(name: &str) -> Identifier {
    Identifier::parse(name).unwrap()
}

fn wrapped(name: &str) -> WrappedKey {
    WrappedKey { id: Identifier::parse(name).unwrap(), blob: name.repeat(20).into_bytes() }
}

#[tokio::test]
async fn a_key_is_found_as_it_was_kept_and_by_its_own_tenant_and_user_only() {
    let world = World::new().await;
    assert_eq!(world.find().await, None);
    assert_eq!(world.keep(&wrapped("one")).await.unwrap(), Kept::Ours);
    assert_eq!(world.find().await, Some(wrapped("one")));
    for (name, other) in [("other", "u-1"), ("acme", "u-2")] {
        assert_eq!(world.keys.find(&tenant(name), &user(other)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_row_is_what_the_design_says() {
    let world = World::new().await;
    world.keep(&wrapped("one")).await.unwrap();
    let row = world.dynamo.get_item().table_name(TABLE).key("pk", AttributeValue::S("acme#u-1".to_owned()));
    let row = row.send().await.unwrap().item.unwrap();
    assert_eq!(row.len(), 4);
    assert_eq!(row["id"], AttributeValue::S("one".to_owned()));
    assert_eq!(row["blob"], AttributeValue::B(Blob::new("one".repeat(20))));
    assert_eq!(row["created"], AttributeValue::S("2027-01-15T08:00:00Z".to_owned()));
}

#[tokio::test]
async fn the_first_key_stands_and_a_later_one_learns_it() {
    let world = World::new().await;
    world.keep(&wrapped("one")).await.unwrap();
    assert_eq!(world.keep(&wrapped("two")).await.unwrap(), Kept::Theirs(wrapped("one")));
    assert_eq!(world.keep(&wrapped("one")).await.unwrap(), Kept::Ours);
    assert_eq!(world.calls("GetItem"), 0, "the refusal brings the key that stands");
    assert_eq!(world.find().await, Some(wrapped("one")));
}

#[tokio::test]
async fn of_keys_that_are_kept_at_once_one_stands_and_all_learn_which() {
    let world = World::new().await;
    let keys: Vec<_> = (0..16).map(|index| wrapped(&format!("key-{index}"))).collect();
    let kept: Vec<_> = join_all(keys.iter().map(|key| world.keep(key))).await;
    let standing = world.find().await.unwrap();
    for (key, kept) in keys.iter().zip(kept) {
        let expected = if *key == standing { Kept::Ours } else { Kept::Theirs(standing.clone()) };
        assert_eq!(kept.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_key_whose_put_lost_its_answer_is_found_to_stand() {
    let world = World::new().await;
    world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem").times(1), Fault::ResetAfter);
    assert_eq!(world.keep(&wrapped("one")).await.unwrap(), Kept::Ours);
    world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem").times(1), Fault::ResetAfter);
    assert_eq!(world.keep(&wrapped("two")).await.unwrap(), Kept::Theirs(wrapped("one")));
}

#[tokio::test]
async fn a_key_whose_put_failed_does_not_stand() {
    let world = World::new().await;
    for fault in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
        world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem").times(1), fault);
        assert!(world.keep(&wrapped("one")).await.is_err(), "{fault:?}");
        assert_eq!(world.find().await, None);
    }
    assert_eq!(world.keep(&wrapped("two")).await.unwrap(), Kept::Ours);
}

#[tokio::test]
async fn a_key_destroyed_before_its_keeper_heard_of_it_does_not_come_back() {
    let world = World::new().await;
    world.cloud.faults().inject(When::call(Service::DynamoDb, "PutItem").times(1), Fault::ResetAfter);
    let reads = world.cloud.faults().hold(When::call(Service::DynamoDb, "GetItem").times(1));
    let one = wrapped("one");
    let (kept, ()) = tokio::join!(world.keep(&one), async {
        timeout(Duration::from_secs(10), reads.arrived(1)).await.expect("the put is settled by a read");
        assert!(world.destroy(&one).await);
        reads.release();
    });
    assert!(kept.is_err());
    assert_eq!(world.find().await, None);
    assert_eq!(world.calls("PutItem"), 1);
}

#[tokio::test]
async fn a_destroyed_key_is_gone_at_once_and_for_good() {
    let world = World::new().await;
    world.keep(&wrapped("one")).await.unwrap();
    assert!(world.destroy(&wrapped("one")).await);
    assert_eq!(world.find().await, None);
    assert!(!world.destroy(&wrapped("one")).await);
}

#[tokio::test]
async fn a_key_is_read_as_it_stands_now_and_not_as_it_stood_a_moment_ago() {
    let world = World::new().await;
    let consistent = When::call(Service::DynamoDb, "GetItem").containing("\"ConsistentRead\":true");
    let caught = world.cloud.faults().inject(consistent.times(1), Fault::InternalError);
    world.find().await;
    assert_eq!(caught.fired(), 1);
}

#[tokio::test]
async fn destroying_an_older_key_leaves_the_one_that_stands() {
    let world = World::new().await;
    world.keep(&wrapped("two")).await.unwrap();
    assert!(!world.destroy(&wrapped("one")).await);
    assert_eq!(world.find().await, Some(wrapped("two")));
}

#[tokio::test]
async fn a_key_is_destroyed_even_when_the_answer_is_lost() {
    let world = World::new().await;
    world.keep(&wrapped("one")).await.unwrap();
    world.cloud.faults().inject(When::call(Service::DynamoDb, "DeleteItem").times(1), Fault::ResetAfter);
    // The attempt that answers finds it gone.
    assert!(!world.destroy(&wrapped("one")).await);
    assert_eq!(world.find().await, None);
}

#[tokio::test]
async fn a_row_that_is_no_key_is_an_error_and_not_an_absent_key() {
    let world = World::new().await;
    let put = world.dynamo.put_item().table_name(TABLE).item("pk", AttributeValue::S("acme#u-1".to_owned()));
    put.item("id", AttributeValue::S("one".to_owned())).send().await.unwrap();
    assert!(world.keys.find(&tenant("acme"), &user("u-1")).await.is_err());
    assert!(world.keep(&wrapped("two")).await.is_err());
}

#[tokio::test]
async fn what_was_sealed_for_an_erased_subject_opens_under_no_key_that_can_still_be_had() {
    let world = World::new().await;
    let (acme, now) = (tenant("acme"), Moment::now());
    let kms = aws_sdk_kms::Client::new(&world.cloud.sdk_config());
    let kms_key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let data_keys = DataKeys::new(kms, kms_key, "ledger");
    let place = Place { tenant: &acme, table: "ledger", partition: "acme#u-1", sort: "txn#1", attribute: "message" };

    let (first, key) = data_keys.mint(&acme, now).await.unwrap();
    assert_eq!(world.keep(&first).await.unwrap(), Kept::Ours);
    let (sealed, index) = (key.seal(&place, b"250.00").unwrap(), key.index("account", b"1234").unwrap());
    let opened = |key: &DataKey| key.open(&place, &sealed).map(|text| text.reveal().clone());
    let found = world.find().await.unwrap();
    assert_eq!(opened(&data_keys.unwrap(&acme, &found, now).await.unwrap()).unwrap(), b"250.00");

    assert!(world.destroy(&first).await);
    assert_eq!(world.find().await, None);
    // The subject comes back, and so do its old items, from a backup.
    let (second, key) = data_keys.mint(&acme, now).await.unwrap();
    assert_eq!(world.keep(&second).await.unwrap(), Kept::Ours);
    assert_eq!(opened(&key), Err(SealError::Mismatch));
    assert_ne!(key.index("account", b"1234").unwrap(), index);
}
