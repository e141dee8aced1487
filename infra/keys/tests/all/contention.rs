//! Operators at the same time, and answers that get lost.

use palisade_local::{Fault, Service, When};

use crate::world::{DAY, NOW, World, order};

const MOVE: &str = "UpdateSecretVersionStage";

fn moves() -> When {
    When::call(Service::SecretsManager, MOVE)
}

#[tokio::test]
async fn two_keys_minted_at_the_same_time_are_both_kept() {
    let world = World::new().await;
    let other = world.another_operator();
    let gate = world.cloud.faults().hold(moves().times(2));
    // Both have read the same shard and stored a successor before either becomes current.
    let both_wrote = async {
        gate.arrived(2).await;
        gate.release();
    };
    let order = order();
    let (one, two, ()) = tokio::join!(world.keyring.mint(&order, NOW), other.mint(&order, NOW), both_wrote);
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(world.shard(0).await.keys.len(), 2);
    assert!(world.accepts(&one, DAY).await && world.accepts(&two, DAY).await);
    assert_eq!(world.cloud.calls_of(Service::SecretsManager, MOVE), 3);
}

#[tokio::test]
async fn a_revocation_that_meets_a_rotation_is_not_undone() {
    let world = World::new().await;
    let issued = world.mint().await;
    let kid = &issued.entry.kid;
    let gate = world.cloud.faults().hold(moves().times(1));
    let other = world.another_operator();
    let revoke_meanwhile = async {
        gate.arrived(1).await;
        let revoked = other.revoke(kid, NOW).await;
        gate.release();
        revoked
    };
    let (rotated, revoked) = tokio::join!(world.keyring.rotate(kid, DAY, NOW), revoke_meanwhile);
    assert!(revoked.is_ok());
    assert!(rotated.is_err());
    assert!(!world.accepts(&issued, DAY).await);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_once() {
    let world = World::new().await;
    world.cloud.faults().inject(moves().times(1), Fault::ResetAfter);
    let issued = world.mint().await;
    assert!(world.accepts(&issued, DAY).await);
    assert_eq!(world.keyring.list(None, NOW).await.unwrap().len(), 1);

    world.cloud.faults().inject(moves().times(1), Fault::ResetAfter);
    let rotated = world.keyring.rotate(&issued.entry.kid, DAY, NOW).await.unwrap();
    assert_eq!(rotated.entry.secrets.len(), 2);
    assert!(world.accepts(&issued, DAY / 2).await && world.accepts(&rotated, DAY / 2).await);
}

#[tokio::test]
async fn a_change_that_was_lost_altogether_is_reported_and_leaves_the_keyring_as_it_was() {
    let world = World::new().await;
    let rule = world.cloud.faults().inject(moves(), Fault::InternalError);
    assert!(world.keyring.mint(&order(), NOW).await.is_err());
    rule.stop();
    assert_eq!(world.keyring.list(None, NOW).await.unwrap(), []);
    world.mint().await;
    assert_eq!(world.keyring.list(None, NOW).await.unwrap().len(), 1);
}
