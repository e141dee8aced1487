//! What Secrets Manager means.

use crate::world::{World, code, fresh, worlds};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};

/// A client, and the name of a new secret holding `one` under its first version's id.
async fn secret(world: &World) -> (Client, String, String) {
    let secrets = world.secrets();
    let name = fresh("contract/secret");
    let created = secrets.create_secret().name(&name).secret_string("one").send().await.unwrap();
    (secrets, name, created.version_id.unwrap())
}

async fn put(secrets: &Client, name: &str, value: &str) -> String {
    let put = secrets.put_secret_value().secret_id(name).secret_string(value);
    put.send().await.unwrap().version_id.unwrap()
}

async fn put_pending(secrets: &Client, name: &str, value: &str) -> String {
    let put = secrets.put_secret_value().secret_id(name).secret_string(value).version_stages("AWSPENDING");
    put.send().await.unwrap().version_id.unwrap()
}

async fn at_stage(secrets: &Client, name: &str, stage: &str) -> String {
    let got = secrets.get_secret_value().secret_id(name).version_stage(stage);
    got.send().await.unwrap().secret_string.unwrap()
}

#[tokio::test]
async fn a_secret_is_found_by_its_name_and_by_its_arn() {
    for world in worlds().await {
        let (secrets, name, version) = secret(&world).await;
        let got = secrets.get_secret_value().secret_id(&name).send().await.unwrap();
        assert_eq!(got.secret_string(), Some("one"));
        assert_eq!(got.version_id(), Some(version.as_str()));
        assert_eq!(got.version_stages(), ["AWSCURRENT"]);

        let arn = got.arn().unwrap();
        let suffix = arn.strip_prefix("arn:aws:secretsmanager:us-east-1:").unwrap();
        let (_, suffix) = suffix.split_once(&format!(":secret:{name}-")).unwrap();
        assert_eq!(suffix.len(), 6);
        let by_arn = secrets.get_secret_value().secret_id(arn).send().await.unwrap();
        assert_eq!(by_arn.secret_string(), Some("one"));
    }
}

#[tokio::test]
async fn a_missing_secret_is_not_found_and_an_existing_name_is_taken() {
    for world in worlds().await {
        let (secrets, name, _) = secret(&world).await;
        let missing = fresh("missing");
        let got = secrets.get_secret_value().secret_id(&missing).send().await;
        assert_eq!(code(got), "ResourceNotFoundException");
        let described = secrets.describe_secret().secret_id(&missing).send().await;
        assert_eq!(code(described), "ResourceNotFoundException");
        let put = secrets.put_secret_value().secret_id(&missing).secret_string("x");
        assert_eq!(code(put.send().await), "ResourceNotFoundException");
        let created = secrets.create_secret().name(&name).secret_string("two");
        assert_eq!(code(created.send().await), "ResourceExistsException");
    }
}

#[tokio::test]
async fn a_new_value_is_current_and_the_one_before_is_previous() {
    for world in worlds().await {
        let (secrets, name, first) = secret(&world).await;
        let second = put(&secrets, &name, "two").await;
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "two");
        assert_eq!(at_stage(&secrets, &name, "AWSPREVIOUS").await, "one");

        let third = put(&secrets, &name, "three").await;
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "three");
        assert_eq!(at_stage(&secrets, &name, "AWSPREVIOUS").await, "two");
        let described = secrets.describe_secret().secret_id(&name).send().await.unwrap();
        let stages = described.version_ids_to_stages().unwrap();
        assert_eq!(stages[&third], ["AWSCURRENT"]);
        assert_eq!(stages[&second], ["AWSPREVIOUS"]);
        // moto shows a version that lost its labels without any. AWS does not show it.
        assert_eq!(stages.contains_key(&first), world.is_moto);

        let by_id = secrets.get_secret_value().secret_id(&name).version_id(&second);
        assert_eq!(by_id.send().await.unwrap().secret_string(), Some("two"));
        let unknown = secrets.get_secret_value().secret_id(&name).version_stage("NOBODY");
        assert_eq!(code(unknown.send().await), "ResourceNotFoundException");
        let disagreeing = secrets.get_secret_value().secret_id(&name).version_id(&second).version_stage("AWSCURRENT");
        assert_eq!(code(disagreeing.send().await), "InvalidRequestException");
    }
}

#[tokio::test]
async fn a_pending_version_becomes_current_when_the_label_moves() {
    for world in worlds().await {
        let (secrets, name, first) = secret(&world).await;
        let second = put_pending(&secrets, &name, "two").await;
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "one");
        assert_eq!(at_stage(&secrets, &name, "AWSPENDING").await, "two");

        secrets
            .update_secret_version_stage()
            .secret_id(&name)
            .version_stage("AWSCURRENT")
            .remove_from_version_id(&first)
            .move_to_version_id(&second)
            .send()
            .await
            .unwrap();
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "two");
        assert_eq!(at_stage(&secrets, &name, "AWSPREVIOUS").await, "one");
        assert_eq!(at_stage(&secrets, &name, "AWSPENDING").await, "two");
    }
}

#[tokio::test]
async fn of_two_who_move_a_label_from_the_same_version_one_is_refused() {
    for world in worlds().await {
        let (secrets, name, first) = secret(&world).await;
        let second = put_pending(&secrets, &name, "two").await;
        let third = put_pending(&secrets, &name, "three").await;
        let promote = |to: &str| {
            secrets
                .update_secret_version_stage()
                .secret_id(&name)
                .version_stage("AWSCURRENT")
                .remove_from_version_id(&first)
                .move_to_version_id(to)
                .send()
        };
        promote(&second).await.unwrap();
        assert_eq!(code(promote(&third).await), "InvalidParameterException");
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "two");

        let blind = secrets
            .update_secret_version_stage()
            .secret_id(&name)
            .version_stage("AWSCURRENT")
            .move_to_version_id(&third);
        assert_eq!(code(blind.send().await), "InvalidParameterException");
        if !world.is_moto {
            // moto lets the current label be removed. AWS refuses: it can only move.
            let removed = secrets
                .update_secret_version_stage()
                .secret_id(&name)
                .version_stage("AWSCURRENT")
                .remove_from_version_id(&second);
            assert_eq!(code(removed.send().await), "InvalidParameterException");
        }
    }
}

#[tokio::test]
async fn a_token_stores_its_value_once() {
    for world in worlds().await {
        let (secrets, name, first) = secret(&world).await;
        let token = "0123456789abcdef0123456789abcdef";
        let put = |value: &str| {
            secrets.put_secret_value().secret_id(&name).client_request_token(token).secret_string(value).send()
        };
        assert_eq!(put("two").await.unwrap().version_id(), Some(token));
        assert_eq!(put("two").await.unwrap().version_id(), Some(token));
        assert_eq!(code(put("other").await), "ResourceExistsException");
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "two");
        assert_eq!(at_stage(&secrets, &name, "AWSPREVIOUS").await, "one");

        let create =
            |value: &str| secrets.create_secret().name(&name).client_request_token(&first).secret_string(value).send();
        let created = create("one").await.unwrap();
        if !world.is_moto {
            // moto answers with the current version. AWS answers with the one that was created.
            assert_eq!(created.version_id(), Some(first.as_str()));
        }
        assert_eq!(code(create("other").await), "ResourceExistsException");
        let short = secrets.put_secret_value().secret_id(&name).client_request_token("short").secret_string("x");
        assert_eq!(code(short.send().await), "InvalidParameterException");
    }
}

#[tokio::test]
async fn a_value_is_text_or_bytes_and_at_most_64_kib() {
    for world in worlds().await {
        let (secrets, name, _) = secret(&world).await;
        let put = |length: usize| secrets.put_secret_value().secret_id(&name).secret_string("x".repeat(length)).send();
        assert!(put(65_536).await.is_ok());
        if !world.is_moto {
            // moto has no limit. AWS's is 65,536 bytes.
            assert_eq!(code(put(65_537).await), "ValidationException");
        }

        let bytes = secrets.put_secret_value().secret_id(&name).secret_binary(Blob::new([0, 255, 7]));
        bytes.send().await.unwrap();
        let got = secrets.get_secret_value().secret_id(&name).send().await.unwrap();
        assert_eq!(got.secret_binary().unwrap().as_ref(), [0, 255, 7]);
        assert!(got.secret_string().is_none());

        let neither = secrets.put_secret_value().secret_id(&name).send().await;
        // moto says InvalidRequestException; AWS documents InvalidParameterException for a missing value.
        let expected = if world.is_moto { "InvalidRequestException" } else { "InvalidParameterException" };
        assert_eq!(code(neither), expected);
    }
}

#[tokio::test]
async fn a_secret_without_a_value_gets_one_later() {
    for world in worlds().await {
        let secrets = world.secrets();
        let name = fresh("contract/empty");
        secrets.create_secret().name(&name).send().await.unwrap();
        let got = secrets.get_secret_value().secret_id(&name).send().await;
        assert_eq!(code(got), "ResourceNotFoundException");
        put(&secrets, &name, "first").await;
        assert_eq!(at_stage(&secrets, &name, "AWSCURRENT").await, "first");
    }
}

#[tokio::test]
async fn a_deleted_secret_is_described_but_not_read_until_it_is_gone() {
    for world in worlds().await {
        let (secrets, name, _) = secret(&world).await;
        let too_soon = secrets.delete_secret().secret_id(&name).recovery_window_in_days(6);
        assert_eq!(code(too_soon.send().await), "InvalidParameterException");
        secrets.delete_secret().secret_id(&name).recovery_window_in_days(7).send().await.unwrap();
        let got = secrets.get_secret_value().secret_id(&name).send().await;
        assert_eq!(code(got), "InvalidRequestException");
        let described = secrets.describe_secret().secret_id(&name).send().await.unwrap();
        assert!(described.deleted_date().is_some());
        let again = secrets.create_secret().name(&name).secret_string("x").send().await;
        // moto says ResourceExistsException; AWS answers InvalidRequestException while a deletion is scheduled.
        let expected = if world.is_moto { "ResourceExistsException" } else { "InvalidRequestException" };
        assert_eq!(code(again), expected);

        let (_, name, _) = secret(&world).await;
        let force = || secrets.delete_secret().secret_id(&name).force_delete_without_recovery(true).send();
        force().await.unwrap();
        let described = secrets.describe_secret().secret_id(&name).send().await;
        assert_eq!(code(described), "ResourceNotFoundException");
        force().await.expect("forcing away what is not there succeeds");
    }
}

#[tokio::test]
async fn secrets_are_listed_by_the_beginning_of_their_names() {
    for world in worlds().await {
        let secrets = world.secrets();
        let start = fresh("contract/list");
        for letter in ["a", "b", "c"] {
            let create = secrets.create_secret().name(format!("{start}/{letter}"));
            create.secret_string("x").send().await.unwrap();
        }
        let filter = Filter::builder().key(FilterNameStringType::Name).values(&start).build();
        let mut names = Vec::new();
        let mut pages = secrets.list_secrets().filters(filter).max_results(2).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += 1;
            let page = page.unwrap();
            names.extend(page.secret_list().iter().filter_map(|one| one.name().map(str::to_owned)));
        }
        names.sort();
        assert_eq!(names, ["a", "b", "c"].map(|letter| format!("{start}/{letter}")));
        assert_eq!(count, 2);
    }
}

#[tokio::test]
async fn versions_without_a_label_are_listed_only_on_request() {
    for world in worlds().await {
        let (secrets, name, first) = secret(&world).await;
        let second = put(&secrets, &name, "two").await;
        let third = put(&secrets, &name, "three").await;
        let list =
            |deprecated: bool| secrets.list_secret_version_ids().secret_id(&name).include_deprecated(deprecated).send();
        let ids = |versions: &[aws_sdk_secretsmanager::types::SecretVersionsListEntry]| {
            let mut ids: Vec<_> = versions.iter().filter_map(|one| one.version_id().map(str::to_owned)).collect();
            ids.sort();
            ids
        };
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let all = list(true).await.unwrap();
        assert_eq!(ids(all.versions()), sorted(vec![first, second.clone(), third.clone()]));
        if !world.is_moto {
            // moto lists the deprecated ones always.
            let live = list(false).await.unwrap();
            assert_eq!(ids(live.versions()), sorted(vec![second, third]));
        }
    }
}
