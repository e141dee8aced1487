//! The same routes everywhere: in the document, in the template, in development.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::{document, file, operations};

type Routes = BTreeSet<(String, String)>;

fn documented() -> Routes {
    operations(&document()).iter().map(|(path, method, _)| (method.to_uppercase(), (*path).to_owned())).collect()
}

/// The API events of every function; `OPTIONS` is the preflight of another route.
fn deployed() -> Vec<(String, String, bool)> {
    let template: Yaml = serde_yaml_ng::from_str(&file("template.yaml")).unwrap();
    let mut routes = Vec::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        for (_, event) in resource["Properties"]["Events"].as_mapping().into_iter().flatten() {
            let properties = &event["Properties"];
            if event["Type"] != "Api" || properties["Method"] == "OPTIONS" {
                continue;
            }
            let text = |name: &str| properties[name].as_str().unwrap().to_owned();
            routes.push((text("Method"), text("Path"), properties["Auth"]["Authorizer"] == "NONE"));
        }
    }
    routes
}

#[test]
fn every_documented_route_is_deployed_and_every_deployed_one_documented() {
    let deployed: Routes = deployed().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(documented(), deployed);
}

#[test]
fn the_routes_documented_as_public_are_those_deployed_without_an_authorizer() {
    let document = document();
    let documented: BTreeSet<&str> = operations(&document)
        .into_iter()
        .filter(|(_, _, operation)| operation["security"].as_array().unwrap().is_empty())
        .map(|(path, _, _)| path)
        .collect();
    let deployed = deployed();
    let public = deployed.iter().filter(|(_, _, public)| *public).map(|(_, path, _)| path.as_str());
    assert_eq!(documented, public.collect());
}

/// The router of `cargo lambda watch`: `"path" = "function"`, which takes every method, or
/// `"path" = [{ method, function }]`.
#[test]
fn every_documented_route_is_served_in_development_by_its_function() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().expect("the workspace has a router");
    let document = document();
    for (path, method, operation) in operations(&document) {
        let served = router.get(path).unwrap_or_else(|| panic!("{path} is in the router"));
        let id = operation["operationId"].as_str().unwrap();
        let function = if matches!(id, "openapi" | "docs") { "describe-api" } else { id };
        let by = match served {
            Value::Array(methods) => methods
                .iter()
                .find(|entry| entry["method"].as_str().is_some_and(|served| served.eq_ignore_ascii_case(method)))
                .map(|entry| &entry["function"]),
            all => Some(all),
        };
        assert_eq!(by.and_then(Value::as_str), Some(function), "{method} {path}");
    }
    let documented: BTreeSet<&str> = operations(&document).into_iter().map(|(path, _, _)| path).collect();
    let unknown: Vec<_> = router.keys().filter(|path| path.starts_with("/v1/") && !path.contains('*')).collect();
    for path in unknown {
        assert!(documented.contains(path.as_str()), "{path} is served in development and not documented");
    }
}
