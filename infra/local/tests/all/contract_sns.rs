//! What SNS means, as far as publishing goes.

use crate::world::{code, fresh, worlds};
use aws_sdk_sns::types::MessageAttributeValue;
use palisade_local::{Cloud, CloudOptions, Published, Service};
use std::collections::BTreeMap;

#[tokio::test]
async fn a_topic_takes_messages_and_a_missing_one_does_not() {
    for world in worlds().await {
        let client = world.sns();
        let name = fresh("contract");
        let topic = client.create_topic().name(&name).send().await.unwrap().topic_arn.unwrap();
        assert_eq!(client.create_topic().name(&name).send().await.unwrap().topic_arn(), Some(topic.as_str()));
        let publish = |topic: &str, message: &str| client.publish().topic_arn(topic).message(message).send();
        let id = publish(&topic, "hello").await.unwrap().message_id.unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(code(publish(&format!("{topic}-missing"), "hello").await), "NotFound");
        // Moto takes it.
        if !world.is_moto {
            assert_eq!(code(publish(&topic, "").await), "InvalidParameter");
        }
    }
}

#[tokio::test]
async fn what_was_published_can_be_read_back() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let client = aws_sdk_sns::Client::new(&cloud.sdk_config());
    let topic = client.create_topic().name("alerts").send().await.unwrap().topic_arn.unwrap();
    let attribute =
        |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
    let publish = client
        .publish()
        .topic_arn(&topic)
        .subject("Pump & motor")
        .message("<hot> 100% = zu heiß +")
        .message_attributes("severity", attribute("high"))
        .message_attributes("tenant", attribute("demo"));
    let id = publish.send().await.unwrap().message_id.unwrap();
    let published = Published {
        topic: topic.clone(),
        id,
        subject: Some("Pump & motor".to_owned()),
        message: "<hot> 100% = zu heiß +".to_owned(),
        attributes: BTreeMap::from(
            [("severity", "high"), ("tenant", "demo")].map(|(n, v)| (n.to_owned(), v.to_owned())),
        ),
    };
    assert_eq!(cloud.published(&topic).unwrap(), [published]);
    assert_eq!(cloud.calls_of(Service::Sns, "Publish"), 1);
    assert!(cloud.published("nothing").is_err());
}
