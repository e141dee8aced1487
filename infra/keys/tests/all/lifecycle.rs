//! Rotation, expiry and revocation, as the functions see them.

use jiff::SignedDuration;
use kernel::KeyId;
use palisade_keys::{Error, Status};
use vault::Refusal;

use crate::world::{DAY, HOUR, NOW, World, text};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test]
async fn after_a_rotation_both_secrets_are_accepted_until_the_overlap_is_over() {
    let world = World::new().await;
    let old = world.mint().await;
    let new = world.keyring.rotate(&old.entry.kid, DAY, NOW).await.unwrap();
    assert_eq!(new.entry.kid, old.entry.kid);
    assert_ne!(text(&new), text(&old));
    assert_eq!(new.entry.secrets.len(), 2);
    assert!(world.accepts(&old, DAY - SECOND).await && world.accepts(&new, DAY - SECOND).await);
    assert!(!world.accepts(&old, DAY).await);
    assert!(world.accepts(&new, DAY).await);
    assert_eq!(world.keyring.show(&old.entry.kid, NOW + DAY).await.unwrap().secrets.len(), 1);
}

#[tokio::test]
async fn a_rotation_without_overlap_ends_the_old_secret_at_once() {
    let world = World::new().await;
    let old = world.mint().await;
    let new = world.keyring.rotate(&old.entry.kid, SignedDuration::ZERO, NOW).await.unwrap();
    assert!(matches!(world.authenticate(text(&old), SignedDuration::ZERO).await, Err(Refusal::Unknown)));
    assert!(world.accepts(&new, SignedDuration::ZERO).await);
}

#[tokio::test]
async fn a_second_rotation_during_the_overlap_leaves_two_secrets() {
    let world = World::new().await;
    let first = world.mint().await;
    let kid = &first.entry.kid;
    let second = world.keyring.rotate(kid, DAY, NOW).await.unwrap();
    let third = world.keyring.rotate(kid, DAY, NOW + HOUR).await.unwrap();
    assert_eq!(third.entry.secrets.len(), 2);
    assert!(matches!(world.authenticate(text(&first), 2 * HOUR).await, Err(Refusal::Unknown)));
    assert!(world.accepts(&second, 2 * HOUR).await && world.accepts(&third, 2 * HOUR).await);
}

#[tokio::test]
async fn a_key_is_refused_once_it_has_expired() {
    let world = World::new().await;
    let issued = world.mint().await;
    assert!(world.accepts(&issued, 30 * DAY - SECOND).await);
    assert!(!world.accepts(&issued, 30 * DAY).await);
    let entry = world.keyring.show(&issued.entry.kid, NOW + 30 * DAY).await.unwrap();
    assert_eq!(entry.status, Status::Expired);
}

#[tokio::test]
async fn a_keys_end_can_be_moved_both_ways() {
    let world = World::new().await;
    let issued = world.mint().await;
    let kid = &issued.entry.kid;
    assert_eq!(world.keyring.expire(kid, NOW + HOUR, NOW).await.unwrap().expires, NOW + HOUR);
    assert!(!world.accepts(&issued, HOUR).await);
    world.keyring.expire(kid, NOW + 60 * DAY, NOW).await.unwrap();
    assert!(world.accepts(&issued, 59 * DAY).await);
    let past = world.keyring.expire(kid, NOW - SECOND, NOW).await;
    assert!(matches!(past, Err(Error::Expiry)));
}

#[tokio::test]
async fn an_expired_key_is_not_rotated() {
    let world = World::new().await;
    let issued = world.mint().await;
    let rotated = world.keyring.rotate(&issued.entry.kid, HOUR, NOW + 30 * DAY).await;
    assert!(matches!(rotated.err(), Some(Error::Expired { .. })));
}

#[tokio::test]
async fn an_old_secret_never_outlives_its_key() {
    let world = World::new().await;
    let issued = world.mint().await;
    let rotated = world.keyring.rotate(&issued.entry.kid, 90 * DAY, NOW).await.unwrap();
    assert_eq!(rotated.entry.secrets[1].expires, Some(NOW + 30 * DAY));
}

#[tokio::test]
async fn a_revoked_key_is_refused_with_both_its_secrets() {
    let world = World::new().await;
    let old = world.mint().await;
    let new = world.keyring.rotate(&old.entry.kid, DAY, NOW).await.unwrap();
    let entry = world.keyring.revoke(&old.entry.kid, NOW).await.unwrap();
    assert_eq!((entry.status, entry.revoked), (Status::Revoked, Some(NOW)));
    for issued in [&old, &new] {
        assert!(!world.accepts(issued, SECOND).await);
    }
}

#[tokio::test]
async fn a_revocation_is_final() {
    let world = World::new().await;
    let kid = world.mint().await.entry.kid;
    world.keyring.revoke(&kid, NOW).await.unwrap();
    assert!(matches!(world.keyring.rotate(&kid, DAY, NOW).await.err(), Some(Error::Revoked { .. })));
    assert!(matches!(world.keyring.expire(&kid, NOW + DAY, NOW).await, Err(Error::Revoked { .. })));
    let again = world.keyring.revoke(&kid, NOW + DAY).await.unwrap();
    assert_eq!(again.revoked, Some(NOW));
}

#[tokio::test]
async fn a_kid_nobody_has_is_unknown_to_every_operation() {
    let world = World::new().await;
    for kid in ["0aaaaaaaaaaa", "zaaaaaaaaaaa", "no-kid"].map(|text| KeyId::parse(text).unwrap()) {
        let failures = [
            world.keyring.show(&kid, NOW).await.err(),
            world.keyring.revoke(&kid, NOW).await.err(),
            world.keyring.expire(&kid, NOW + DAY, NOW).await.err(),
            world.keyring.rotate(&kid, DAY, NOW).await.err(),
        ];
        for failure in failures {
            assert!(matches!(&failure, Some(Error::UnknownKey(unknown)) if *unknown == kid), "{failure:?}");
        }
    }
}
