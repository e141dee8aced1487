//! What API Gateway's control plane means, as far as registering usage identifiers goes.

use crate::world::{code, fresh, worlds};

#[tokio::test]
async fn a_usage_identifier_joins_a_plan_once() {
    for world in worlds().await {
        let gateway = world.gateway();
        let plan = gateway.create_usage_plan().name(fresh("plan")).send().await.unwrap().id.unwrap();
        let (name, value) = (fresh("key"), fresh("value-of-twenty-chars"));
        let create = || gateway.create_api_key().name(&name).value(&value).enabled(true).send();
        let created = create().await.unwrap();
        assert_eq!(created.value(), Some(value.as_str()));
        assert_eq!(code(create().await), "ConflictException");

        let id = created.id.unwrap();
        let joined =
            gateway.create_usage_plan_key().usage_plan_id(&plan).key_id(&id).key_type("API_KEY").send().await.unwrap();
        assert_eq!(joined.value(), Some(value.as_str()));

        let listed = gateway.get_api_keys().name_query(&name).include_values(true).send().await.unwrap();
        let values: Vec<_> = listed.items().iter().filter_map(|key| key.value()).collect();
        assert_eq!(values, [value.as_str()]);

        gateway.delete_api_key().api_key(&id).send().await.unwrap();
        let again = gateway.delete_api_key().api_key(&id).send().await;
        assert_eq!(code(again), "NotFoundException");
    }
}

#[tokio::test]
async fn a_usage_identifier_has_at_least_twenty_characters() {
    for world in worlds().await {
        let created = world.gateway().create_api_key().name(fresh("key")).value("short").send().await;
        assert_eq!(code(created), "BadRequestException");
    }
}

#[tokio::test]
async fn a_plan_that_does_not_exist_takes_no_keys() {
    for world in worlds().await {
        if world.is_moto {
            // moto does not look. AWS answers NotFoundException.
            continue;
        }
        let gateway = world.gateway();
        let created = gateway.create_api_key().name(fresh("key")).send().await.unwrap();
        let joined = gateway
            .create_usage_plan_key()
            .usage_plan_id("missing")
            .key_id(created.id.unwrap())
            .key_type("API_KEY")
            .send()
            .await;
        assert_eq!(code(joined), "NotFoundException");
    }
}
