//! Chains of entries, and what reads them.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp, civil::date};
use kernel::{RequestId, Tenant};
use palisade_local::{Cloud, CloudOptions};
use store::{AuditEntry, AuditLog, AuditTrail, Decision};
use vault::{KeySet, Moment, SecretCache};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
const NOON: Timestamp = Timestamp::constant(1_800_014_400, 0);

struct World {
    _cloud: Cloud,
    trail: AuditTrail,
    log: AuditLog,
    keys: KeySet,
}

async fn world() -> World {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    cloud.provision(TEMPLATE, "dev").unwrap();
    let config = cloud.sdk_config();
    let (dynamo, secrets) = (aws_sdk_dynamodb::Client::new(&config), aws_sdk_secretsmanager::Client::new(&config));
    let text = secrets.get_secret_value().secret_id("palisade/dev/audit").send().await.unwrap();
    let keys = KeySet::parse(text.secret_string().unwrap()).unwrap();
    let cache = SecretCache::key_set(secrets, "palisade/dev/audit");
    let trail = AuditTrail::new(dynamo.clone(), "palisade-dev-audit", cache);
    World { _cloud: cloud, trail, log: AuditLog::new(dynamo, "palisade-dev-audit"), keys }
}

impl World {
    async fn write(&self, after: SignedDuration) {
        self.write_about(after, Vec::new()).await;
    }

    async fn write_about(&self, after: SignedDuration, objects: Vec<String>) {
        let wall = NOON + after;
        let entry = AuditEntry {
            time: wall,
            tenant: Tenant::parse("acme").unwrap(),
            kid: None,
            scope: None,
            route: "test",
            decision: Decision::Stored,
            objects,
            fingerprint: None,
            request_id: RequestId::mint(),
        };
        self.trail.record(&entry, Moment { monotonic: Instant::now(), wall }).await.unwrap();
    }
}

#[tokio::test]
async fn a_chain_that_is_twelve_hours_old_is_followed_by_one_that_says_how_long_it_was() {
    let world = world().await;
    let minute = SignedDuration::from_mins(1);
    for after in [SignedDuration::ZERO, minute, SignedDuration::from_hours(12) - minute, SignedDuration::from_hours(12)]
    {
        world.write(after).await;
    }
    let first = world.log.chains(date(2027, 1, 15)).await.unwrap();
    let second = world.log.chains(date(2027, 1, 16)).await.unwrap();
    let ([first], [second]) = (first.as_slice(), second.as_slice()) else { panic!("{first:?} {second:?}") };
    let (end, next) = (world.log.head(first).await.unwrap().unwrap(), world.log.head(second).await.unwrap().unwrap());
    assert_eq!((end.seq, end.follows()), (2, None));
    assert_eq!((next.seq, next.follows()), (0, Some((first.clone(), 3))));
    assert!(end.is_authentic(&world.keys) && next.is_authentic(&world.keys));
}

#[tokio::test]
async fn a_page_holds_its_span_with_both_ends_and_goes_on_after_its_last_entry() {
    let world = world().await;
    for minute in 0..5 {
        world.write(SignedDuration::from_mins(minute)).await;
    }
    let tenant = Tenant::parse("acme").unwrap();
    let span = (NOON + SignedDuration::from_mins(1), NOON + SignedDuration::from_mins(4));
    let mut after: Option<String> = None;
    let mut found = Vec::new();
    loop {
        let page = world.log.page(&tenant, span, after.as_deref(), 3).await.unwrap();
        found.push(page.rows.iter().map(|row| row.seq).collect::<Vec<_>>());
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(found, [vec![4, 3, 2], vec![1]]);
    let other = Tenant::parse("acm").unwrap();
    assert!(world.log.page(&other, span, None, 3).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_list_goes_on_although_its_entries_are_larger_than_what_dynamodb_reads_at_once() {
    let world = world().await;
    let objects: Vec<String> = (0..600).map(|number| format!("sensor/{number:0>64}")).collect();
    for minute in 0..40 {
        world.write_about(SignedDuration::from_mins(minute), objects.clone()).await;
    }
    let tenant = Tenant::parse("acme").unwrap();
    let page = world.log.page(&tenant, (NOON, Timestamp::MAX), None, 50).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (40, None));
    let page = world.log.page(&tenant, (NOON, Timestamp::MAX), None, 39).await.unwrap();
    assert_eq!((page.rows.len(), page.next.is_some()), (39, true));
}

#[tokio::test]
async fn an_entry_is_not_authentic_in_another_place_or_with_another_text() {
    let world = world().await;
    world.write(SignedDuration::ZERO).await;
    world.write(SignedDuration::ZERO).await;
    let [chain] = world.log.chains(date(2027, 1, 15)).await.unwrap().try_into().unwrap();
    let row = world.log.head(&chain).await.unwrap().unwrap();
    assert!(row.is_authentic(&world.keys));
    let changes: [fn(&mut store::AuditRow); 6] = [
        |row| row.seq += 1,
        |row| row.chain = row.chain.replace("acme", "other"),
        |row| row.entry = row.entry.replace("stored", "denied"),
        |row| row.previous[0] ^= 1,
        |row| row.key += 1,
        |row| row.mac.truncate(31),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = row.clone();
        change(&mut changed);
        assert!(!changed.is_authentic(&world.keys), "change {number}");
    }
}
