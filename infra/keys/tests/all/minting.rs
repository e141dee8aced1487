//! What a minted key is, and what is kept of it.

use kernel::{Scope, Tenant};
use palisade_keys::{Error, LONGEST_LIFE, Name, Order, SHARDS, Status};
use vault::{ApiKey, Refusal};

use crate::world::{DAY, NOW, World, order, shard_name, text};

#[tokio::test]
async fn a_minted_key_is_its_tenants_with_its_scopes() {
    let world = World::new().await;
    let issued = world.mint().await;
    let principal = world.authenticate(text(&issued), DAY).await.unwrap();
    assert_eq!(principal.kid, issued.entry.kid);
    assert_eq!(&*principal.tenant, "acme");
    assert_eq!(principal.scopes, [Scope::DataIngest, Scope::DataRead]);
}

#[tokio::test]
async fn another_secret_for_the_same_kid_is_refused() {
    let world = World::new().await;
    let issued = world.mint().await;
    let forged = ApiKey::renew("dev", &issued.entry.kid).unwrap();
    let refusal = world.authenticate(forged.text().reveal(), DAY).await;
    assert!(matches!(refusal, Err(Refusal::Unknown)), "{refusal:?}");
}

#[tokio::test]
async fn no_version_of_any_secret_holds_the_keys_secret() {
    let world = World::new().await;
    let minted = world.mint().await;
    let rotated = world.keyring.rotate(&minted.entry.kid, DAY, NOW).await.unwrap();
    let mut seen = 0;
    for name in (0..SHARDS).map(shard_name) {
        let versions = world.secrets.list_secret_version_ids().secret_id(&name).include_deprecated(true).send().await;
        for version in versions.unwrap().versions() {
            let id = version.version_id().unwrap();
            let value = world.secrets.get_secret_value().secret_id(&name).version_id(id).send().await.unwrap();
            seen += 1;
            for issued in [&minted, &rotated] {
                let secret = &text(issued)["pal_dev_kkkkkkkkkkkk_".len()..][..43];
                assert!(!value.secret_string().unwrap().contains(secret));
            }
        }
    }
    assert_eq!(seen, SHARDS + 2);
}

#[tokio::test]
async fn what_is_shown_of_a_key_holds_neither_its_secret_nor_a_hash() {
    let world = World::new().await;
    let issued = world.mint().await;
    let entry = world.keyring.show(&issued.entry.kid, NOW).await.unwrap();
    assert_eq!(entry, issued.entry);
    let shown = serde_json::to_string(&entry).unwrap() + &format!("{entry:?}");
    let mac = &world.shard(0).await.keys[&entry.kid].hashes[0].mac;
    assert!(!shown.contains(mac.as_str()));
    assert!(!shown.contains(&text(&issued)["pal_dev_kkkkkkkkkkkk_".len()..]));
}

#[tokio::test]
async fn the_list_names_every_key_or_those_of_one_tenant() {
    let world = World::new().await;
    let first = world.mint().await;
    let other = Order { tenant: Tenant::parse("globex").unwrap(), ..order() };
    let second = world.keyring.mint(&other, NOW + DAY).await.unwrap();
    let all = world.keyring.list(None, NOW).await.unwrap();
    assert_eq!(all, [first.entry, second.entry.clone()]);
    assert!(all.iter().all(|entry| entry.status == Status::Active));
    assert_eq!(world.keyring.list(Some(&other.tenant), NOW).await.unwrap(), [second.entry]);
}

#[tokio::test]
async fn keys_spread_over_the_shards() {
    let world = World::new().await;
    for _ in 0..SHARDS {
        world.mint().await;
    }
    for index in 0..SHARDS {
        assert_eq!(world.shard(index).await.keys.len(), 1);
    }
}

#[tokio::test]
async fn a_key_must_expire_in_the_future_and_within_five_years() {
    let world = World::new().await;
    for (expires, fits) in [(NOW, false), (NOW + LONGEST_LIFE, true), (NOW + LONGEST_LIFE + DAY, false)] {
        let minted = world.keyring.mint(&Order { expires, ..order() }, NOW).await;
        assert_eq!(minted.is_ok(), fits, "{expires}");
    }
}

#[test]
fn a_name_cannot_forge_a_line() {
    for bad in ["", " ", "a\nb", "a\u{1b}[2J", &"x".repeat(65)] {
        assert!(bad.parse::<Name>().is_err(), "{bad:?}");
    }
    assert_eq!("Fabrik Süd, Linie 3".parse::<Name>().unwrap().to_string(), "Fabrik Süd, Linie 3");
}

#[tokio::test]
async fn a_stage_that_is_not_deployed_is_named() {
    let world = World::new().await;
    let keyring = palisade_keys::Keyring::new(&world.cloud.sdk_config(), "prod");
    let error = keyring.mint(&order(), NOW).await.err().unwrap();
    assert!(matches!(&error, Error::MissingSecret(id) if id == "palisade/prod/pepper"), "{error}");
}

#[tokio::test]
async fn a_secret_that_holds_something_else_is_not_overwritten() {
    let world = World::new().await;
    let put = world.secrets.put_secret_value().secret_id(shard_name(2));
    put.secret_string(r#"{"keys":{},"more":1}"#).send().await.unwrap();
    let error = world.keyring.mint(&order(), NOW).await.err().unwrap();
    assert!(matches!(&error, Error::MalformedSecret(id) if *id == shard_name(2)), "{error}");
}
