//! The command, as a terminal or a script sees it.

use std::process::{Command, Output};

use jiff::{Timestamp, tz::Offset};
use serde_json::Value;
use vault::{ApiKey, looks_like_a_key};

use crate::world::{DAY, World};

struct Terminal<'a>(&'a World);

impl Terminal<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        run(self.0.cloud.endpoint(), arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn failure(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn run(endpoint: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade-keys"));
    command.env_clear().args(arguments);
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    command.output().unwrap()
}

const MINT: &[&str] = &["mint", "--tenant", "acme", "--name", "line 3", "--scope", "data:read", "data:ingest"];

#[tokio::test(flavor = "multi_thread")]
async fn scripts_get_json_from_every_command() {
    let world = World::new().await;
    let terminal = Terminal(&world);
    let minted = terminal.json(MINT);
    let members: Vec<&String> = minted.as_object().unwrap().keys().collect();
    assert_eq!(members, ["expires", "key", "kid", "name", "scopes", "tenant"]);
    assert_eq!(minted["scopes"], serde_json::json!(["data:ingest", "data:read"]));
    let kid = minted["kid"].as_str().unwrap();
    assert_eq!(&**ApiKey::parse(minted["key"].as_str().unwrap(), "dev").unwrap().kid(), kid);

    let rotated = terminal.json(&["rotate", kid]);
    assert_eq!(rotated["kid"], minted["kid"]);
    assert_ne!(rotated["key"], minted["key"]);
    assert!(rotated["previous_expires"].is_string());
    assert!(terminal.json(&["rotate", kid, "--overlap-hours", "0"])["previous_expires"].is_null());

    let listed = terminal.json(&["list"]);
    assert_eq!(listed, serde_json::json!([terminal.json(&["show", kid])]));
    assert_eq!(terminal.json(&["list", "--tenant", "globex"]), serde_json::json!([]));
    let end = Timestamp::from_second((Timestamp::now() + DAY).as_second()).unwrap();
    let eastward = end.display_with_offset(Offset::constant(5)).to_string();
    assert_eq!(terminal.json(&["expire", kid, "--at", &eastward])["expires"], end.to_string());
    assert_eq!(terminal.json(&["revoke", kid])["status"], "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_the_key_once_and_tables_afterwards() {
    let world = World::new().await;
    let terminal = Terminal(&world);
    let minted = terminal.text(&["mint", "--tenant", "acme", "--name", "everything", "--all-scopes"]);
    assert!(looks_like_a_key(minted.as_bytes()), "{minted}");
    let list = terminal.text(&["list"]);
    let kid = list.lines().nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(minted.contains(&kid));
    assert!(list.ends_with("  1        all     everything\n"), "{list}");
    let show = terminal.text(&["show", &kid]);
    assert!(show.contains("\nstatus   active\n") && show.contains("\nsecret   pepper 1\n"), "{show}");
    let rotated = terminal.text(&["rotate", &kid]);
    assert!(looks_like_a_key(rotated.as_bytes()) && rotated.contains("\nold secret  ends "), "{rotated}");
    assert!(terminal.text(&["show", &kid]).contains("\nsecret   pepper 1, ends "));
    for text in [list, show, terminal.text(&["revoke", &kid]), terminal.text(&["list"])] {
        assert!(!looks_like_a_key(text.as_bytes()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usage_plan_is_joined_and_left() {
    let world = World::new().await;
    let terminal = Terminal(&world);
    let plan = world.stack.reference("UsagePlan").unwrap();
    let minted = terminal.json(&[MINT, &["--usage-plan", plan]].concat());
    assert_eq!(world.cloud.usage_keys().len(), 1);
    terminal.json(&["revoke", "--usage-plan", minted["kid"].as_str().unwrap()]);
    assert!(world.cloud.usage_keys().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_exit_with_1_and_say_what_to_do() {
    let world = World::new().await;
    let terminal = Terminal(&world);
    assert!(terminal.failure(&["show", "0aaaaaaaaaaa"], 1).contains("there is no key 0aaaaaaaaaaa"));
    assert!(terminal.failure(&["list", "--stage", "prod"], 1).contains("is the stack of this stage deployed"));
    let endpoint = world.cloud.endpoint().to_owned();
    world.cloud.stop().await;
    let output = run(&endpoint, &["list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is the network up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_exits_with_2() {
    let world = World::new().await;
    let terminal = Terminal(&world);
    let mint = ["mint", "--tenant", "acme", "--name", "x"];
    for wrong in [
        &mint[..],
        &[&mint[..], &["--scope", "data:Read"]].concat(),
        &[&mint[..], &["--scope", "data:read", "--all-scopes"]].concat(),
        &[&mint[..], &["--all-scopes", "--expires-in-days", "0"]].concat(),
        &[&mint[..], &["--all-scopes", "--expires-in-days", "1831"]].concat(),
        &["mint", "--tenant", "a#b", "--name", "x", "--all-scopes"],
        &["expire", "0aaaaaaaaaaa", "--at", "tomorrow"],
        &["show"],
        &[],
    ] {
        terminal.failure(wrong, 2);
    }
    assert!(terminal.json(&[&mint[..], &["--all-scopes", "--expires-in-days", "1830"]].concat())["key"].is_string());
}

#[test]
fn missing_credentials_are_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade-keys")).env_clear().arg("list").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("AWS_ACCESS_KEY_ID is not set"));
}
