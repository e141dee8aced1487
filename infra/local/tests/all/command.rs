//! The `palisade-local` command.

use palisade_local::sdk_config;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

fn palisade_local(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade-local"));
    command.arg("cloud").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn the_cloud_says_when_it_is_ready_and_ends_when_told() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/template.yaml");
    for signal in ["-TERM", "-INT"] {
        let mut child = palisade_local(&["--port", "0", "--template", template, "--stage", "test"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().unwrap();
        let url = ready.strip_prefix("local cloud ready: AWS_ENDPOINT_URL=").unwrap();
        let secrets = aws_sdk_secretsmanager::Client::new(&sdk_config(url));
        secrets.get_secret_value().secret_id("app/test/pepper").send().await.unwrap();

        let pid = child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
        assert!(child.wait().await.unwrap().success());
        assert_eq!(lines.next_line().await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_one_line() {
    let output = palisade_local(&["--port", "0", "--template", "/nowhere/template.yaml"]).output().await.unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("palisade-local: reading /nowhere/template.yaml: "), "{said}");
}
