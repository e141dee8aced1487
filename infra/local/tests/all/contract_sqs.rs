//! What SQS means, as far as dead letters and event sources rely on it.

use crate::world::{World, code, fresh, worlds};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};

async fn queue(world: &World) -> (Client, String) {
    let client = world.sqs();
    let created = client.create_queue().queue_name(fresh("contract")).send().await.unwrap();
    (client, created.queue_url.unwrap())
}

async fn counts(client: &Client, queue: &str) -> [String; 2] {
    let names =
        [QueueAttributeName::ApproximateNumberOfMessages, QueueAttributeName::ApproximateNumberOfMessagesNotVisible];
    let asked = client.get_queue_attributes().queue_url(queue).set_attribute_names(Some(names.to_vec()));
    let attributes = asked.send().await.unwrap().attributes.unwrap();
    names.map(|name| attributes[&name].clone())
}

#[tokio::test]
async fn a_message_is_there_until_it_is_deleted() {
    for world in worlds().await {
        let (client, queue) = queue(&world).await;
        let attribute = MessageAttributeValue::builder().data_type("String").string_value("x").build().unwrap();
        let sent = client.send_message().queue_url(&queue).message_body("one").message_attributes("kind", attribute);
        let sent = sent.send().await.unwrap();
        assert_eq!(counts(&client, &queue).await, ["1", "0"]);
        for attempt in ["1", "2"] {
            let received = client
                .receive_message()
                .queue_url(&queue)
                .visibility_timeout(0)
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All);
            let received = received.send().await.unwrap().messages.unwrap();
            let message = &received[0];
            assert_eq!((message.message_id(), message.body()), (sent.message_id(), Some("one")));
            assert_eq!(message.message_attributes().unwrap()["kind"].string_value(), Some("x"));
            let count = &message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
            assert_eq!(count, attempt);
        }
        let received = client.receive_message().queue_url(&queue).send().await.unwrap().messages.unwrap();
        assert_eq!(counts(&client, &queue).await, ["0", "1"]);
        assert_eq!(client.receive_message().queue_url(&queue).send().await.unwrap().messages(), []);
        let receipt = received[0].receipt_handle().unwrap();
        client.delete_message().queue_url(&queue).receipt_handle(receipt).send().await.unwrap();
        assert_eq!(counts(&client, &queue).await, ["0", "0"]);
    }
}

#[tokio::test]
async fn a_message_that_was_received_too_often_moves_to_the_dead_letter_queue() {
    for world in worlds().await {
        let (client, dead) = queue(&world).await;
        let asked = client.get_queue_attributes().queue_url(&dead).attribute_names(QueueAttributeName::QueueArn);
        let arn = asked.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
        let policy = |arn: &str| format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}"#);
        let create = |policy| {
            let named = client.create_queue().queue_name(fresh("contract"));
            named.attributes(QueueAttributeName::RedrivePolicy, policy).send()
        };
        let queue = create(policy(&arn)).await.unwrap().queue_url.unwrap();
        for body in ["one", "two"] {
            client.send_message().queue_url(&queue).message_body(body).send().await.unwrap();
        }
        let receive = |queue: &str, timeout| {
            let all = client.receive_message().queue_url(queue).max_number_of_messages(10).visibility_timeout(timeout);
            all.message_system_attribute_names(MessageSystemAttributeName::All).send()
        };
        let first = receive(&queue, 0).await.unwrap().messages.unwrap();
        assert_eq!(receive(&queue, 0).await.unwrap().messages().len(), 2);
        assert_eq!(counts(&client, &dead).await, ["0", "0"]);
        assert_eq!(receive(&queue, 0).await.unwrap().messages(), []);
        assert_eq!(counts(&client, &queue).await, ["0", "0"]);
        let moved = receive(&dead, 30).await.unwrap().messages.unwrap();
        let bodies: Vec<_> = moved.iter().map(|message| message.body().unwrap()).collect();
        assert_eq!(bodies, ["one", "two"]);
        assert_eq!(moved[0].message_id(), first[0].message_id());
        let count = &moved[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
        assert_eq!(count, "3");

        let refused = create(policy(&format!("{arn}-missing"))).await;
        assert!(refused.is_err());
    }
}

#[tokio::test]
async fn whoever_waits_gets_what_comes() {
    for world in worlds().await {
        let (client, queue) = queue(&world).await;
        let waiting =
            client.receive_message().queue_url(&queue).wait_time_seconds(20).max_number_of_messages(10).send();
        let sending = client.send_message().queue_url(&queue).message_body("late").send();
        let (received, sent) = tokio::join!(waiting, sending);
        sent.unwrap();
        assert_eq!(received.unwrap().messages()[0].body(), Some("late"));
    }
}

#[tokio::test]
async fn a_queue_is_found_by_its_name_and_missed_when_it_is_not_there() {
    for world in worlds().await {
        let (client, queue) = queue(&world).await;
        let name = queue.rsplit('/').next().unwrap();
        assert_eq!(client.get_queue_url().queue_name(name).send().await.unwrap().queue_url(), Some(queue.as_str()));
        let missing = format!("{queue}-missing");
        let sent = client.send_message().queue_url(&missing).message_body("x").send().await;
        assert_eq!(code(sent), "AWS.SimpleQueueService.NonExistentQueue");
        let deleted = client.delete_message().queue_url(&queue).receipt_handle("nonsense").send().await;
        assert_eq!(code(deleted), "ReceiptHandleIsInvalid");
    }
}
