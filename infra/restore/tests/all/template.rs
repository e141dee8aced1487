//! The tables that the template declares, as far as a restore must bring them back.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, PointInTimeRecoverySpecification,
    Projection, SseSpecification, SseType, StreamSpecification, TimeToLiveSpecification,
};
use serde_yaml_ng::Value;

/// Creates a table of the template under this name, encrypted under this key.
pub(crate) async fn create(dynamo: &Client, resource: &str, name: &str, key: &str) {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
    let template: Value = serde_yaml_ng::from_str(&text).unwrap();
    let table = &template["Resources"][resource]["Properties"];
    let encryption = SseSpecification::builder().enabled(true).sse_type(SseType::Kms).kms_master_key_id(key).build();
    let stream = table["StreamSpecification"]["StreamViewType"].as_str();
    let stream = stream.map(|view| {
        let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(view.into());
        stream.build().unwrap()
    });
    let attributes = list(&table["AttributeDefinitions"]).iter().map(|attribute| {
        let kind = word(attribute, "AttributeType").into();
        let attribute = AttributeDefinition::builder().attribute_name(word(attribute, "AttributeName"));
        attribute.attribute_type(kind).build().unwrap()
    });
    let indexes: Vec<GlobalSecondaryIndex> = list(&table["GlobalSecondaryIndexes"]).iter().map(index).collect();
    dynamo
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::from(word(table, "BillingMode")))
        .set_attribute_definitions(Some(attributes.collect()))
        .set_key_schema(Some(keys(&table["KeySchema"])))
        .set_global_secondary_indexes(Some(indexes).filter(|indexes| !indexes.is_empty()))
        .set_stream_specification(stream)
        .sse_specification(encryption)
        .deletion_protection_enabled(table["DeletionProtectionEnabled"].as_bool().unwrap())
        .send()
        .await
        .unwrap();
    if let Some(attribute) = table["TimeToLiveSpecification"]["AttributeName"].as_str() {
        let live = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build().unwrap();
        dynamo.update_time_to_live().table_name(name).time_to_live_specification(live).send().await.unwrap();
    }
    let on = table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"].as_bool().unwrap();
    let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(on).build().unwrap();
    let update = dynamo.update_continuous_backups().table_name(name).point_in_time_recovery_specification(on);
    update.send().await.unwrap();
}

fn index(index: &Value) -> GlobalSecondaryIndex {
    let kept = Projection::builder().projection_type(word(&index["Projection"], "ProjectionType").into()).build();
    let index_of = GlobalSecondaryIndex::builder().index_name(word(index, "IndexName")).projection(kept);
    index_of.set_key_schema(Some(keys(&index["KeySchema"]))).build().unwrap()
}

fn keys(schema: &Value) -> Vec<KeySchemaElement> {
    let key = |key: &Value| {
        let element = KeySchemaElement::builder().attribute_name(word(key, "AttributeName"));
        element.key_type(word(key, "KeyType").into()).build().unwrap()
    };
    list(schema).iter().map(key).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_sequence().map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}
