//! A secret holds 64 KiB.

use jiff::SignedDuration;
use palisade_keys::{Error, SHARDS};
use vault::keyring::LARGEST_SHARD;

use crate::world::{DAY, NOW, World, order, shard_name};

#[tokio::test]
async fn a_full_shard_takes_no_key_and_another_does() {
    let world = World::new().await;
    for index in 0..SHARDS - 1 {
        world.fill(index, LARGEST_SHARD - 100).await;
    }
    let issued = world.mint().await;
    assert_eq!(issued.key.shard(), SHARDS - 1);
}

#[tokio::test]
async fn a_full_keyring_takes_no_key() {
    let world = World::new().await;
    for index in 0..SHARDS {
        world.fill(index, LARGEST_SHARD - 100).await;
    }
    assert!(matches!(world.keyring.mint(&order(), NOW).await.err(), Some(Error::KeyringFull)));
    for index in 0..SHARDS {
        assert_eq!(world.shard(index).await.keys.len(), 1);
    }
}

#[tokio::test]
async fn every_key_of_a_full_shard_can_still_be_revoked() {
    let world = World::new().await;
    let revocation = r#","revoked":"2026-01-01T00:00:00Z""#.len();
    let key = world.fill(0, LARGEST_SHARD - revocation).await;
    let rotated = world.keyring.rotate(key.kid(), DAY, NOW).await.err();
    assert!(matches!(rotated, Some(Error::ShardFull(id)) if id == shard_name(0)));
    // Nothing may take the room that a revocation needs: what is replaced in place still fits.
    world.keyring.rotate(key.kid(), SignedDuration::ZERO, NOW).await.unwrap();
    world.keyring.revoke(key.kid(), NOW).await.unwrap();
    assert_eq!(world.value(&shard_name(0)).await.len(), LARGEST_SHARD);
}
