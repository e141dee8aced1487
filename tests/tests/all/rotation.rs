//! The pepper is rotated, and nobody who holds a key notices.

use crate::world::{STAGE, World, text};
use kernel::Scope;
use palisade_keys::SHARDS;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const TOKEN: &str = "0b9f3a52-7d1c-4e8e-9a60-5f2f6a1d3c74";

fn secrets(world: &World) -> aws_sdk_secretsmanager::Client {
    aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config())
}

async fn pepper(world: &World) -> (String, BTreeMap<u32, String>) {
    let answer = secrets(world).get_secret_value().secret_id(format!("palisade/{STAGE}/pepper")).send().await.unwrap();
    (answer.arn().unwrap().to_owned(), serde_json::from_str(answer.secret_string().unwrap()).unwrap())
}

/// Whether the function did the step.
async fn step(world: &World, secret: &str, step: &str, token: &str) -> bool {
    let event = json!({"Step": step, "SecretId": secret, "ClientRequestToken": token});
    world.function("rotate-pepper").invoke(event.to_string()).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_refused_while_the_pepper_goes_through_all_four_steps() {
    let world = World::start().await;
    let (secret, before) = pepper(&world).await;
    // One key in every shard, so that a process has read all of them before there is a new version.
    let mut keys = vec![world.keys.all.clone()];
    for _ in 0..SHARDS {
        keys.push(text(&world.mint("demo", &[Scope::DataRead]).await));
    }
    let (over, refused, answered) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let traffic = async {
        while !over.load(Ordering::Relaxed) {
            let turn = answered.fetch_add(1, Ordering::Relaxed);
            let answer = world.get("/v1/sensors").key(&keys[turn % keys.len()]).send().await;
            if answer.status != 200 {
                refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let rotation = async {
        for name in STEPS {
            let until = answered.load(Ordering::Relaxed) + keys.len() + 1;
            assert!(step(&world, &secret, name, TOKEN).await, "{name}");
            while answered.load(Ordering::Relaxed) < until {
                tokio::task::yield_now().await;
            }
        }
        over.store(true, Ordering::Relaxed);
    };
    futures_util::future::join(traffic, rotation).await;
    assert_eq!(refused.into_inner(), 0, "of {}", answered.into_inner());

    let (_, after) = pepper(&world).await;
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|(version, key)| after.get(version) == Some(key)), "what exists stays good");
    // A key of the new version, for processes that have the old set and the old keyring, and for new ones.
    let key = text(&world.mint("demo", &[Scope::DataRead]).await);
    world.get("/v1/sensors").key(&key).send().await.expect(200);
    world.function("list-sensors").restart();
    world.get("/v1/sensors").key(&key).send().await.expect(200);
    world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
}

#[tokio::test]
async fn each_step_may_be_done_again_and_after_any_failure() {
    let world = World::start().await;
    let (secret, before) = pepper(&world).await;
    let calls = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
    for name in STEPS {
        for operation in calls {
            for fault in [Fault::Throttle, Fault::InternalError, Fault::Reset, Fault::ResetAfter] {
                let rule = world.cloud.faults().inject(When::call(Service::SecretsManager, operation), fault);
                step(&world, &secret, name, TOKEN).await;
                rule.stop();
            }
        }
        assert!(step(&world, &secret, name, TOKEN).await, "{name}");
        assert!(step(&world, &secret, name, TOKEN).await, "{name} again");
    }
    let (_, after) = pepper(&world).await;
    assert_eq!(after.len(), before.len() + 1, "one rotation adds one version");
    assert!(step(&world, &secret, "createSecret", TOKEN).await, "a rotation that is over changes nothing");
    assert_eq!(pepper(&world).await.1, after);
}

#[tokio::test]
async fn a_pending_set_that_would_refuse_somebody_never_becomes_current() {
    let world = World::start().await;
    let (secret, before) = pepper(&world).await;
    let put = |value: Value, token: &'static str| {
        let put = secrets(&world).put_secret_value().secret_id(&secret).client_request_token(token);
        put.secret_string(value.to_string()).version_stages("AWSPENDING").send()
    };
    let fresh = "n".repeat(64);
    let cases = [
        ("00000000-0000-4000-8000-000000000001", json!({"2": fresh})),
        ("00000000-0000-4000-8000-000000000002", json!({"1": "m".repeat(64), "2": fresh})),
        ("00000000-0000-4000-8000-000000000003", json!({"1": before[&1], "2": "short"})),
        ("00000000-0000-4000-8000-000000000004", json!("no set")),
    ];
    for (token, value) in cases {
        put(value, token).await.unwrap();
        assert!(!step(&world, &secret, "testSecret", token).await, "{token}");
        assert!(!step(&world, &secret, "finishSecret", token).await, "{token}");
    }
    // With the set as it is, Secrets Manager tries the function; and a version that nobody would mint with is no new one.
    let cases = [
        ("00000000-0000-4000-8000-000000000005", json!({"1": before[&1]})),
        ("00000000-0000-4000-8000-000000000006", json!({"0": fresh, "1": before[&1]})),
    ];
    for (token, value) in cases {
        put(value, token).await.unwrap();
        assert!(step(&world, &secret, "testSecret", token).await, "{token}");
        assert!(!step(&world, &secret, "finishSecret", token).await, "{token}");
    }
    assert_eq!(pepper(&world).await.1, before);
}

#[tokio::test]
async fn no_other_secret_and_no_version_out_of_turn_is_rotated() {
    let world = World::start().await;
    let (secret, before) = pepper(&world).await;
    let other = secrets(&world).describe_secret().secret_id(format!("palisade/{STAGE}/audit")).send().await.unwrap();
    for name in STEPS {
        assert!(!step(&world, other.arn().unwrap(), name, TOKEN).await, "{name}");
    }
    for name in &STEPS[1..] {
        assert!(!step(&world, &secret, name, TOKEN).await, "{name} before there is anything pending");
    }
    assert_eq!(pepper(&world).await.1, before);
    let logs = world.function("rotate-pepper").logs().join("\n");
    assert!(before.values().all(|key| !logs.contains(key)));
}
