//! The directions of dependence, read from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What each shared crate may use of ours.
const ARROWS: [(&str, &[&str]); 12] = [
    ("kernel", &[]),
    ("maintenance", &["kernel"]),
    ("ledger", &["kernel"]),
    ("manifest", &[]),
    ("inference", &["kernel", "ledger", "maintenance", "manifest"]),
    ("vault", &["kernel"]),
    ("store", &["kernel", "vault"]),
    ("history", &["kernel", "maintenance", "store"]),
    ("books", &["kernel", "ledger", "store", "vault"]),
    ("gate", &["kernel", "store", "vault"]),
    ("intake", &["books", "gate", "inference", "kernel", "ledger", "manifest", "vault"]),
    ("erasure", &["gate", "kernel", "ledger", "store", "vault"]),
];

/// Crates that know neither the network nor the cloud.
const PURE: [&str; 3] = ["kernel", "ledger", "maintenance"];
const WORLDLY: [&str; 8] = ["http", "hyper", "tokio", "reqwest", "axum", "lambda_http", "lambda_runtime", "aws-"];

/// The functions that link the model runtime, and no others: those that predict, and those that read messages.
const PREDICTING: [&str; 2] = ["predict", "predict-rul"];
const READING: [&str; 4] = ["classify-transactions", "process-import", "record-in-bulk", "record-transaction"];

/// The functions that link what opens sealed values, beside those that read messages, and no others.
const OPENING: [&str; 8] = [
    "categorise-transaction",
    "change-goal",
    "delete-goal",
    "export-person",
    "get-transaction",
    "list-goals",
    "list-recurring",
    "list-transactions",
];

struct House {
    /// Folder of each member, from the root.
    folders: BTreeMap<String, String>,
    /// Normal dependencies of each member, by name.
    uses: BTreeMap<String, BTreeSet<String>>,
}

fn house() -> House {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let base = metadata["workspace_root"].as_str().unwrap();
    let mut house = House { folders: BTreeMap::new(), uses: BTreeMap::new() };
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap().to_owned();
        let path = package["manifest_path"].as_str().unwrap();
        let folder = path.strip_prefix(base).unwrap().trim_matches('/').trim_end_matches("/Cargo.toml");
        let normal = |dependency: &&Value| dependency["kind"].is_null();
        let dependencies = package["dependencies"].as_array().unwrap().iter().filter(normal);
        let names = dependencies.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
        house.folders.insert(name.clone(), folder.to_owned());
        house.uses.insert(name, names);
    }
    house
}

impl House {
    fn in_folder(&self, folder: &str) -> BTreeSet<&String> {
        self.folders.iter().filter(|(_, path)| path.starts_with(folder)).map(|(name, _)| name).collect()
    }
}

#[test]
fn shared_crates_depend_on_each_other_only_along_the_documented_arrows() {
    let house = house();
    let shared = house.in_folder("shared/");
    let documented: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for name in &shared {
        let allowed = documented.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no documented arrows"));
        let ours = house.uses[*name].iter().filter(|used| house.folders.contains_key(*used));
        for used in ours {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn functions_depend_on_shared_crates_and_never_on_each_other() {
    let house = house();
    let shared = house.in_folder("shared/");
    for function in house.in_folder("functions/") {
        for used in house.uses[function].iter().filter(|used| house.folders.contains_key(*used)) {
            assert!(shared.contains(used), "{function} must not depend on {used}");
        }
    }
}

#[test]
fn nothing_that_is_deployed_depends_on_the_tools_around_it() {
    let house = house();
    let outside: BTreeSet<&String> = house.in_folder("infra/").union(&house.in_folder("tests")).copied().collect();
    for name in house.in_folder("shared/").union(&house.in_folder("functions/")) {
        for used in &house.uses[*name] {
            assert!(!outside.contains(used), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn the_pure_crates_know_no_network_and_no_cloud() {
    let house = house();
    for name in PURE {
        for used in &house.uses[name] {
            let worldly =
                WORLDLY.iter().any(|world| used == world || (world.ends_with('-') && used.starts_with(world)));
            assert!(!worldly, "{name} must not depend on {used}");
        }
    }
}

#[test]
fn only_functions_that_predict_link_the_model_runtime() {
    let house = house();
    for function in house.in_folder("functions/") {
        let links = house.uses[function].contains("inference");
        assert_eq!(links, PREDICTING.contains(&function.as_str()), "{function}");
        assert_eq!(house.uses[function].contains("intake"), READING.contains(&function.as_str()), "{function}");
    }
    let users: Vec<_> =
        house.uses.iter().filter(|(_, uses)| uses.contains("tract-onnx")).map(|(name, _)| name).collect();
    assert_eq!(users, ["inference"]);
}

#[test]
fn only_functions_that_show_or_store_what_is_personal_link_what_opens_it() {
    let house = house();
    for function in house.in_folder("functions/") {
        let name = function.as_str();
        let links = house.uses[function].contains("books");
        assert_eq!(links, OPENING.contains(&name) || READING.contains(&name), "{function}");
    }
}

/// Who may do cryptography: AWS-LC, and the digests the AWS SDK brings for checksums and signatures of requests. `ring`
/// and its like would be a second implementation beside it.
const FOREIGN_CRYPTOGRAPHY: [&str; 9] =
    ["ring", "openssl", "aes", "aes-gcm", "chacha20poly1305", "p256", "ed25519-dalek", "rsa", "blake3"];

#[test]
fn what_is_deployed_does_its_cryptography_with_one_library() {
    let house = house();
    let packages = house.in_folder("functions/").into_iter().flat_map(|function| ["--package", function]);
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(packages)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("aws-lc-rs") && names.contains("record-transaction"), "{names:?}");
    let foreign: Vec<_> = FOREIGN_CRYPTOGRAPHY.iter().filter(|name| names.contains(**name)).collect();
    assert!(foreign.is_empty(), "functions link {foreign:?}");
}
