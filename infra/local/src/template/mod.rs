//! The SAM template: read once into plain JSON, then resolved where a value is needed.
//!
//! Only what is asked for is resolved, so the template may say anything about roles, logs and alarms; but a value
//! that is needed and cannot be resolved is an error that names its place. Macros and imports are not supported.

mod generate;
mod resolve;

pub(crate) use generate::secret_string;
pub(crate) use resolve::{Physical, Resolver};

use crate::error::CloudError;
use serde_json::{Map, Value as Json, json};
use serde_yaml_ng::Value as Yaml;
use std::collections::BTreeMap;
use std::path::Path;

/// A template with the values of its parameters.
pub(crate) struct Template {
    root: Map<String, Json>,
    parameters: BTreeMap<String, Json>,
}

/// One resource as the template has it: nothing is resolved yet.
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    body: &'a Map<String, Json>,
}

impl Template {
    /// Reads a template; every override must name a parameter, and every parameter needs a value.
    pub(crate) fn read(path: &Path, overrides: &[(&str, &str)]) -> Result<Self, CloudError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CloudError::io(format!("reading {}", path.display()), error))?;
        let not_yaml = |error| CloudError::template(path.display().to_string(), format!("{error}"));
        let mut yaml: Yaml = serde_yaml_ng::from_str(&text).map_err(not_yaml)?;
        yaml.apply_merge().map_err(not_yaml)?;
        let Json::Object(root) = plain("the document", yaml)? else {
            return Err(CloudError::template("the document", "is not a mapping"));
        };
        let mut template = Self { root, parameters: BTreeMap::new() };
        template.parameters = template.parameter_values(overrides)?;
        Ok(template)
    }

    /// A parameter's value as text.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).and_then(scalar_text)
    }

    /// A section such as `Resources`; empty if absent.
    pub(crate) fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Json)> {
        self.root.get(name).and_then(Json::as_object).into_iter().flatten()
    }

    /// A value by its path from the root.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Json> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.root.get(*first)?, |value, name| value.get(*name))
    }

    /// All resources of these types, in order of their logical ids.
    pub(crate) fn resources(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.section("Resources").filter_map(move |(id, body)| {
            let body = body.as_object()?;
            let resource = Resource { id, body };
            (body.get("Type")?.as_str()? == kind).then_some(resource)
        })
    }

    fn parameter_values(&self, overrides: &[(&str, &str)]) -> Result<BTreeMap<String, Json>, CloudError> {
        if let Some((name, _)) = overrides.iter().find(|(name, _)| self.at(&["Parameters", name]).is_none()) {
            return Err(CloudError::template("Parameters", format!("has no parameter {name}")));
        }
        let given = |name: &str| overrides.iter().find(|(other, _)| *other == name);
        self.section("Parameters")
            .map(|(name, declared)| {
                let place = format!("Parameters.{name}");
                let value = match (given(name), declared.get("Default").and_then(scalar_text)) {
                    (Some((_, value)), _) => (*value).to_owned(),
                    (None, Some(value)) => value,
                    (None, None) => return Err(CloudError::template(place, "has no default and was given no value")),
                };
                let allowed = declared.get("AllowedValues").and_then(Json::as_array);
                if allowed.is_some_and(|all| !all.iter().any(|one| scalar_text(one).as_ref() == Some(&value))) {
                    return Err(CloudError::template(place, format!("does not allow {value}")));
                }
                let is_list = declared.get("Type").and_then(Json::as_str) == Some("CommaDelimitedList");
                let value = match is_list {
                    true => json!(value.split(',').map(str::trim).collect::<Vec<_>>()),
                    false => json!(value),
                };
                Ok((name.clone(), value))
            })
            .collect()
    }
}

impl<'a> Resource<'a> {
    /// Where the resource stands, for error messages.
    pub(crate) fn place(&self) -> String {
        format!("Resources.{}", self.id)
    }

    /// A member beside the properties: `Condition`, `Metadata`.
    pub(crate) fn member(&self, name: &str) -> Option<&'a Json> {
        self.body.get(name)
    }

    /// One property, unresolved, and its place.
    pub(crate) fn property(&self, name: &str) -> (String, Option<&'a Json>) {
        let value = self.body.get("Properties").and_then(|all| all.get(name));
        (format!("{}.Properties.{name}", self.place()), value)
    }
}

/// A string, number or boolean as the text CloudFormation makes of it.
pub(crate) fn scalar_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// YAML to JSON, with the short tags written out: `!Ref X` becomes `{"Ref": "X"}`.
fn plain(place: &str, yaml: Yaml) -> Result<Json, CloudError> {
    let json = match yaml {
        Yaml::Null => Json::Null,
        Yaml::Bool(truth) => json!(truth),
        Yaml::String(text) => json!(text),
        Yaml::Number(number) => {
            serde_json::to_value(number).map_err(|error| CloudError::template(place, error.to_string()))?
        }
        Yaml::Sequence(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| plain(&format!("{place}[{index}]"), item))
            .collect::<Result<_, _>>()?,
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (key, value) in members {
                let key = serde_json::to_value(&key)
                    .ok()
                    .as_ref()
                    .and_then(scalar_text)
                    .ok_or_else(|| CloudError::template(place, "has a key that is not a scalar"))?;
                let value = plain(&format!("{place}.{key}"), value)?;
                object.insert(key, value);
            }
            Json::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                plain @ ("Ref" | "Condition") => plain.to_owned(),
                function => format!("Fn::{function}"),
            };
            let argument = plain(place, tagged.value)?;
            // `!GetAtt A.B.C` is `[A, B.C]`.
            let argument = match (name.as_str(), argument.as_str().and_then(|text| text.split_once('.'))) {
                ("Fn::GetAtt", Some((id, attribute))) => json!([id, attribute]),
                _ => argument,
            };
            json!({ name: argument })
        }
    };
    Ok(json)
}
