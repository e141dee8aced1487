//! Functions, resources and routes, as the repository has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use serde::Deserialize;
use serde_json::Value as Json;
use serde_yaml_ng::Value as Yaml;

use crate::Violation;

const TEMPLATE: &str = "template.yaml";
const CONTRACT: &str = "functions/describe-api/openapi.json";
const FUNCTIONS: &str = "functions";

/// What is deployed and what is promised.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// The folders of `functions/`.
    pub(crate) functions: BTreeSet<String>,
    /// Logical ids, each with the function whose binary it runs.
    pub(crate) resources: BTreeMap<String, Option<String>>,
    /// The routes of the contract, each with the function that the template gives it to.
    pub(crate) routes: BTreeMap<Route, Option<String>>,
}

/// Method, in capital letters, and path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route(String, String);

impl Route {
    fn new(method: &str, path: &str) -> Self {
        Self(method.to_uppercase(), path.to_owned())
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

impl Repository {
    pub(crate) fn read(root: &Path, violations: &mut Vec<Violation>) -> Self {
        let functions = folders(root, violations);
        let (resources, served) = template(root, violations).unwrap_or_default();
        let routes = contract(root, violations).into_iter().map(|route| {
            let function = served.get(&route).cloned();
            (route, function)
        });
        Self { functions, resources, routes: routes.collect() }
    }
}

fn folders(root: &Path, violations: &mut Vec<Violation>) -> BTreeSet<String> {
    let read = fs::read_dir(root.join(FUNCTIONS)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = read.map_err(|error| violations.push(Violation::unreadable(FUNCTIONS, &error))).unwrap_or_default();
    let folders = entries.into_iter().filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

type Resources = BTreeMap<String, Option<String>>;
type Served = BTreeMap<Route, String>;

/// The resources, and the routes of their events. Tags such as `!Ref` are read over.
fn template(root: &Path, violations: &mut Vec<Violation>) -> Option<(Resources, Served)> {
    let mut unread = |error: &dyn fmt::Display| violations.push(Violation::unreadable(TEMPLATE, &error));
    let text = fs::read_to_string(root.join(TEMPLATE)).map_err(|error| unread(&error)).ok()?;
    let mut yaml: Yaml = serde_yaml_ng::from_str(&text).map_err(|error| unread(&error)).ok()?;
    yaml.apply_merge().map_err(|error| unread(&error)).ok()?;
    let Some(written) = yaml.get("Resources").and_then(Yaml::as_mapping) else {
        unread(&"has no Resources");
        return None;
    };
    let (mut resources, mut served) = (Resources::new(), Served::new());
    for (id, resource) in written {
        let Some(id) = id.as_str() else { continue };
        let binary = resource.get("Metadata").and_then(|metadata| metadata.get("Binary")).and_then(Yaml::as_str);
        let events = resource.get("Properties").and_then(|properties| properties.get("Events"));
        for (_, event) in events.and_then(Yaml::as_mapping).into_iter().flatten() {
            let property = |name| event.get("Properties").and_then(|all| all.get(name)).and_then(Yaml::as_str);
            if let (Some(method), Some(path), Some(binary)) = (property("Method"), property("Path"), binary) {
                served.insert(Route::new(method, path), binary.to_owned());
            }
        }
        resources.insert(id.to_owned(), binary.map(str::to_owned));
    }
    Some((resources, served))
}

fn contract(root: &Path, violations: &mut Vec<Violation>) -> Vec<Route> {
    #[derive(Deserialize)]
    struct Contract {
        paths: BTreeMap<String, BTreeMap<String, Json>>,
    }

    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let mut unread = |error: &dyn fmt::Display| violations.push(Violation::unreadable(CONTRACT, &error));
    let text = fs::read_to_string(root.join(CONTRACT)).map_err(|error| unread(&error)).unwrap_or_default();
    if text.is_empty() {
        return Vec::new();
    }
    let Ok(Contract { paths }) = serde_json::from_str(&text).map_err(|error| unread(&error)) else {
        return Vec::new();
    };
    let mut routes = Vec::new();
    for (path, members) in &paths {
        let methods = members.keys().filter(|key| METHODS.contains(&key.as_str()));
        routes.extend(methods.map(|method| Route::new(method, path)));
    }
    routes
}
