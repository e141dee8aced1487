//! The keyring's cache: how soon a change is noticed, and how long an outage is survived. Time is passed in, so
//! nothing here waits.

use crate::world::{STAGE, World, text};
use jiff::SignedDuration;
use kernel::{Scope, Secret};
use palisade_local::{Fault, Service, When};
use std::time::Duration;
use vault::{Authenticator, Moment, Principal, Refusal};

const MINUTE: u64 = 60;

fn authenticator(world: &World) -> Authenticator {
    let secrets = aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config());
    let shards = [0, 1, 2, 3].map(|shard| format!("palisade/{STAGE}/keyring/{shard}"));
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    Authenticator::new(&secrets, STAGE, &format!("palisade/{STAGE}/pepper"), &shards)
}

fn after(start: Moment, seconds: u64) -> Moment {
    Moment {
        monotonic: start.monotonic + Duration::from_secs(seconds),
        wall: start.wall + SignedDuration::from_secs(seconds.try_into().unwrap()),
    }
}

async fn present(authenticator: &Authenticator, key: &str, now: Moment) -> Result<Principal, Refusal> {
    authenticator.authenticate(&Secret::new(key.to_owned()), now).await
}

fn fetches(world: &World) -> u64 {
    world.cloud.calls_of(Service::SecretsManager, "GetSecretValue")
}

#[tokio::test]
async fn an_outage_of_secrets_manager_is_survived_for_fifteen_minutes_and_no_longer() {
    let world = World::start().await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    present(&authenticator, &world.keys.all, start).await.unwrap();
    let outage = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::Reset);
    for seconds in [29, 31, 5 * MINUTE, 15 * MINUTE - 1] {
        present(&authenticator, &world.keys.all, after(start, seconds)).await.unwrap();
    }
    for seconds in [15 * MINUTE, 60 * MINUTE] {
        let refused = present(&authenticator, &world.keys.all, after(start, seconds)).await;
        assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    }
    outage.stop();
    present(&authenticator, &world.keys.all, after(start, 61 * MINUTE)).await.unwrap();
}

#[tokio::test]
async fn an_outage_adds_one_attempt_in_five_seconds_and_not_one_to_every_request() {
    let world = World::start().await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    present(&authenticator, &world.keys.all, start).await.unwrap();
    let outage = world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::Reset);
    present(&authenticator, &world.keys.all, after(start, 31)).await.unwrap();
    let attempts = outage.fired();
    for _ in 0..100 {
        present(&authenticator, &world.keys.all, after(start, 35)).await.unwrap();
    }
    assert_eq!(outage.fired(), attempts);
    present(&authenticator, &world.keys.all, after(start, 37)).await.unwrap();
    assert!(outage.fired() > attempts);
}

#[tokio::test]
async fn without_a_copy_of_the_keyring_an_outage_lets_nobody_in() {
    let world = World::start().await;
    world.cloud.faults().inject(When::any(Service::SecretsManager), Fault::Throttle);
    let refused = present(&authenticator(&world), &world.keys.all, Moment::now()).await;
    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_within_thirty_seconds() {
    let world = World::start().await;
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    present(&authenticator, &text(&issued), start).await.unwrap();
    world.keyring.revoke(issued.key.kid(), jiff::Timestamp::now()).await.unwrap();
    let refused = present(&authenticator, &text(&issued), after(start, 30)).await;
    assert!(matches!(refused, Err(Refusal::Ended(_))), "{refused:?}");
}

#[tokio::test]
async fn an_expired_key_is_refused_at_its_second() {
    let world = World::start().await;
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    let day = 24 * 60 * MINUTE;
    present(&authenticator, &text(&issued), after(start, day - 60)).await.unwrap();
    let refused = present(&authenticator, &text(&issued), after(start, day + 1)).await;
    assert!(matches!(refused, Err(Refusal::Ended(_))), "{refused:?}");
}

#[tokio::test]
async fn a_key_minted_a_moment_ago_is_accepted_at_once() {
    let world = World::start().await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    present(&authenticator, &world.keys.all, start).await.unwrap();
    let issued = world.mint("demo", &[Scope::DataRead]).await;
    present(&authenticator, &text(&issued), after(start, 1)).await.unwrap();
}

#[tokio::test]
async fn a_flood_of_invented_keys_causes_one_fetch_in_ten_seconds() {
    let world = World::start().await;
    let (authenticator, start) = (authenticator(&world), Moment::now());
    for shard in 0..4 {
        let key = vault::ApiKey::mint(STAGE, shard).unwrap().text().reveal().to_string();
        let refused = present(&authenticator, &key, start).await;
        assert!(matches!(refused, Err(Refusal::Unknown)), "{refused:?}");
    }
    let before = fetches(&world);
    for round in 0..200 {
        let key = vault::ApiKey::mint(STAGE, round % 4).unwrap().text().reveal().to_string();
        let refused = present(&authenticator, &key, after(start, 11)).await;
        assert!(matches!(refused, Err(Refusal::Unknown)), "{refused:?}");
    }
    assert_eq!(fetches(&world) - before, 1);
    for text in ["", "nonsense", "pal_test_", "pal_prod_000000000000_x"] {
        assert!(matches!(present(&authenticator, text, after(start, 12)).await, Err(Refusal::Unknown)));
    }
    assert_eq!(fetches(&world) - before, 1, "what is no key at all costs nothing");
}

#[tokio::test]
async fn concurrent_requests_share_one_fetch() {
    let world = World::start().await;
    let (authenticator, start) = (std::sync::Arc::new(authenticator(&world)), Moment::now());
    let requests = (0..50).map(|_| {
        let (authenticator, key) = (authenticator.clone(), world.keys.all.clone());
        tokio::spawn(async move { present(&authenticator, &key, start).await.unwrap() })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    assert_eq!(fetches(&world), 2, "the pepper and one shard");
}

#[tokio::test]
async fn a_wrong_secret_under_a_known_name_is_refused() {
    let world = World::start().await;
    let other = vault::ApiKey::mint(STAGE, 0).unwrap().text().reveal().to_string();
    let (mine, theirs): (Vec<&str>, Vec<&str>) = (world.keys.all.split('_').collect(), other.split('_').collect());
    let signed = format!("pal_{STAGE}_{}_{}", mine[2], &theirs[3][..43]);
    // A right checksum over the wrong secret: only the HMAC can tell.
    let forged = format!("{signed}{}", checksum(&signed));
    let refused = present(&authenticator(&world), &forged, Moment::now()).await;
    assert!(matches!(refused, Err(Refusal::Unknown)), "{refused:?}");
    assert!(vault::ApiKey::parse(&forged, STAGE).is_some(), "the forgery is well formed");
}

/// CRC-32 in six base62 digits, as the format documents it.
fn checksum(signed: &str) -> String {
    let mut crc = u32::MAX;
    for byte in signed.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = !crc as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[rest % 62];
        rest /= 62;
    }
    String::from_utf8(digits.to_vec()).unwrap()
}
