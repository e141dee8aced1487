//! The usage identifier of a key at API Gateway.

use palisade_keys::{Error, Order};
use palisade_local::{Fault, Service, When};
use vault::usage_identifier;

use crate::world::{NOW, World, order, text};

async fn mint(world: &World) -> Result<palisade_keys::Issued, Error> {
    let usage_plan = world.stack.reference("UsagePlan").map(str::to_owned);
    assert!(usage_plan.is_some());
    world.keyring.mint(&Order { usage_plan, ..order() }, NOW).await
}

#[tokio::test]
async fn a_key_joins_its_usage_plan_by_an_identifier_that_is_no_secret() {
    let world = World::new().await;
    let issued = mint(&world).await.unwrap();
    let [registered] = world.cloud.usage_keys().try_into().unwrap();
    assert_eq!(registered.value, usage_identifier(&issued.entry.kid));
    assert_eq!(registered.name, format!("palisade-dev-{}", issued.entry.kid));
    assert!(registered.enabled);
    assert_eq!(
        registered.plans.iter().map(String::as_str).collect::<Vec<_>>(),
        [world.stack.reference("UsagePlan").unwrap()]
    );
    assert!(!text(&issued).contains(&registered.value));
}

#[tokio::test]
async fn an_unregistered_key_is_in_no_plan() {
    let world = World::new().await;
    let (gone, stays) = (mint(&world).await.unwrap(), mint(&world).await.unwrap());
    assert!(world.keyring.unregister(&gone.entry.kid).await.unwrap());
    assert!(!world.keyring.unregister(&gone.entry.kid).await.unwrap());
    let [registered] = world.cloud.usage_keys().try_into().unwrap();
    assert_eq!(registered.value, usage_identifier(&stays.entry.kid));
}

#[tokio::test]
async fn no_key_is_minted_for_a_plan_that_does_not_exist() {
    let world = World::new().await;
    let order = Order { usage_plan: Some("missing".to_owned()), ..order() };
    let error = world.keyring.mint(&order, NOW).await.err().unwrap();
    assert!(matches!(&error, Error::UnknownPlan(plan) if plan == "missing"), "{error}");
    assert!(world.cloud.usage_keys().is_empty());
    assert_eq!(world.cloud.calls_of(Service::SecretsManager, "PutSecretValue"), 0);
}

#[tokio::test]
async fn a_key_that_could_not_be_stored_stays_in_no_plan() {
    let world = World::new().await;
    world.cloud.faults().inject(When::call(Service::SecretsManager, "PutSecretValue"), Fault::InternalError);
    assert!(mint(&world).await.is_err());
    assert!(world.cloud.usage_keys().is_empty());
}

#[tokio::test]
async fn registering_survives_lost_answers() {
    let world = World::new().await;
    for operation in ["CreateApiKey", "CreateUsagePlanKey"] {
        world.cloud.faults().inject(When::call(Service::ApiGateway, operation).times(1), Fault::ResetAfter);
    }
    let issued = mint(&world).await.unwrap();
    let [registered] = world.cloud.usage_keys().try_into().unwrap();
    assert_eq!((registered.value, registered.plans.len()), (usage_identifier(&issued.entry.kid), 1));

    world.cloud.faults().inject(When::call(Service::ApiGateway, "DeleteApiKey").times(1), Fault::ResetAfter);
    assert!(world.keyring.unregister(&issued.entry.kid).await.unwrap());
    assert!(world.cloud.usage_keys().is_empty());
}
