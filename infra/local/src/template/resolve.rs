//! Intrinsic functions.

use super::{Resource, Template, scalar_text};
use crate::error::CloudError;
use crate::wire::{ACCOUNT, REGION};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// What a created resource is to the rest of the template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Physical {
    /// What `!Ref` gives.
    pub(crate) reference: String,
    /// What `!GetAtt` gives, by attribute.
    pub(crate) attributes: BTreeMap<String, String>,
}

/// A template together with what has been created so far.
pub(crate) struct Resolver<'a> {
    pub(crate) template: &'a Template,
    pub(crate) physical: &'a BTreeMap<String, Physical>,
    pub(crate) stack: &'a str,
}

type Resolved<T> = Result<T, CloudError>;

impl Resolver<'_> {
    /// Resolves a value; `None` is `AWS::NoValue`: the property is as good as absent.
    pub(crate) fn value(&self, place: &str, value: &Json) -> Resolved<Option<Json>> {
        match value {
            Json::Object(members) => match function(members) {
                Some((name, argument)) => self.call(place, name, argument),
                None => {
                    let mut object = Map::new();
                    for (name, member) in members {
                        if let Some(member) = self.value(&format!("{place}.{name}"), member)? {
                            object.insert(name.clone(), member);
                        }
                    }
                    Ok(Some(Json::Object(object)))
                }
            },
            Json::Array(items) => {
                let mut array = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    array.extend(self.value(&format!("{place}[{index}]"), item)?);
                }
                Ok(Some(Json::Array(array)))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    /// Resolves to text.
    pub(crate) fn text(&self, place: &str, value: &Json) -> Resolved<String> {
        self.value(place, value)?
            .as_ref()
            .and_then(scalar_text)
            .ok_or_else(|| CloudError::template(place, "is not a text, number or boolean"))
    }

    /// A property of a resource, resolved.
    pub(crate) fn property(&self, resource: &Resource<'_>, name: &str) -> Resolved<Option<Json>> {
        match resource.property(name) {
            (place, Some(value)) => self.value(&place, value),
            (_, None) => Ok(None),
        }
    }

    /// A property that must be there, as text.
    pub(crate) fn required_text(&self, resource: &Resource<'_>, name: &str) -> Resolved<String> {
        match resource.property(name) {
            (place, Some(value)) => self.text(&place, value),
            (place, None) => Err(CloudError::template(place, "is missing")),
        }
    }

    /// Whether the resource's own condition, if any, holds.
    pub(crate) fn exists(&self, resource: &Resource<'_>) -> Resolved<bool> {
        match resource.member("Condition") {
            Some(name) => self.condition(&format!("{}.Condition", resource.place()), name),
            None => Ok(true),
        }
    }

    fn call(&self, place: &str, name: &str, argument: &Json) -> Resolved<Option<Json>> {
        let malformed = || CloudError::template(place, format!("{name} has not the right arguments"));
        match name {
            "Ref" => self.reference(place, argument.as_str().ok_or_else(malformed)?),
            "Fn::GetAtt" => match argument.as_array().map(Vec::as_slice) {
                Some([id, attribute]) => {
                    let id = id.as_str().ok_or_else(malformed)?;
                    let attribute = self.text(place, attribute)?;
                    self.attribute(place, id, &attribute).map(|text| Some(json!(text)))
                }
                _ => Err(malformed()),
            },
            "Fn::Sub" => self.substitute(place, argument).map(|text| Some(json!(text))),
            "Fn::Join" => match argument.as_array().map(Vec::as_slice) {
                Some([Json::String(between), list]) => {
                    let texts = self.texts(place, list)?;
                    Ok(Some(json!(texts.join(between))))
                }
                _ => Err(malformed()),
            },
            "Fn::Select" => match argument.as_array().map(Vec::as_slice) {
                Some([index, list]) => {
                    let index: usize = self.text(place, index)?.parse().map_err(|_| malformed())?;
                    let texts = self.texts(place, list)?;
                    Ok(Some(json!(texts.get(index).ok_or_else(malformed)?)))
                }
                _ => Err(malformed()),
            },
            "Fn::Split" => match argument.as_array().map(Vec::as_slice) {
                Some([Json::String(between), text]) => {
                    let text = self.text(place, text)?;
                    Ok(Some(json!(text.split(between.as_str()).collect::<Vec<_>>())))
                }
                _ => Err(malformed()),
            },
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([condition, yes, no]) => {
                    let taken = if self.condition(place, condition)? { yes } else { no };
                    self.value(place, taken)
                }
                _ => Err(malformed()),
            },
            "Fn::FindInMap" => {
                let keys = self.texts(place, argument)?;
                let mut path = vec!["Mappings"];
                path.extend(keys.iter().map(String::as_str));
                let found = self.template.at(&path).ok_or_else(malformed)?;
                Ok(Some(found.clone()))
            }
            other => Err(CloudError::template(place, format!("{other} is not supported by the local cloud"))),
        }
    }

    fn texts(&self, place: &str, list: &Json) -> Resolved<Vec<String>> {
        let Some(Json::Array(items)) = self.value(place, list)? else {
            return Err(CloudError::template(place, "is not a list"));
        };
        items
            .iter()
            .map(|item| scalar_text(item).ok_or_else(|| CloudError::template(place, "is not a list of texts")))
            .collect()
    }

    fn reference(&self, place: &str, name: &str) -> Resolved<Option<Json>> {
        let pseudo = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => self.stack,
            _ => {
                return match (self.template.parameters.get(name), self.physical.get(name)) {
                    (Some(value), _) => Ok(Some(value.clone())),
                    (None, Some(physical)) => Ok(Some(json!(physical.reference))),
                    (None, None) => Err(CloudError::template(
                        place,
                        format!("{name} is neither a parameter nor a resource the local cloud creates"),
                    )),
                };
            }
        };
        Ok(Some(json!(pseudo)))
    }

    fn attribute(&self, place: &str, id: &str, attribute: &str) -> Resolved<String> {
        self.physical.get(id).and_then(|physical| physical.attributes.get(attribute)).cloned().ok_or_else(|| {
            CloudError::template(place, format!("{id}.{attribute} is not something the local cloud creates"))
        })
    }

    /// `${Name}`, `${Id.Attribute}`, `${Local}` from the map of the long form, and `${!Literal}`.
    fn substitute(&self, place: &str, argument: &Json) -> Resolved<String> {
        let (text, locals) = match argument {
            Json::String(text) => (text, None),
            Json::Array(items) => match items.as_slice() {
                [Json::String(text), Json::Object(locals)] => (text, Some(locals)),
                _ => return Err(CloudError::template(place, "Fn::Sub has not the right arguments")),
            },
            _ => return Err(CloudError::template(place, "Fn::Sub has not the right arguments")),
        };
        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) =
                after.split_once('}').ok_or_else(|| CloudError::template(place, "Fn::Sub has a ${ without }"))?;
            result.push_str(before);
            result.push_str(&self.variable(place, name, locals)?);
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn variable(&self, place: &str, name: &str, locals: Option<&Map<String, Json>>) -> Resolved<String> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(value) = locals.and_then(|locals| locals.get(name)) {
            return self.text(place, value);
        }
        if let Some((id, attribute)) = name.split_once('.') {
            return self.attribute(place, id, attribute);
        }
        self.text(place, &json!({ "Ref": name }))
    }

    /// Evaluates a condition function, or a condition by its name.
    fn condition(&self, place: &str, condition: &Json) -> Resolved<bool> {
        let malformed = || CloudError::template(place, "is not a condition");
        if let Some(name) = condition.as_str() {
            let defined = self
                .template
                .at(&["Conditions", name])
                .ok_or_else(|| CloudError::template(place, format!("there is no condition {name}")))?;
            return self.condition(&format!("Conditions.{name}"), defined);
        }
        let (name, argument) = condition.as_object().and_then(function).ok_or_else(malformed)?;
        if name == "Condition" {
            return self.condition(place, argument);
        }
        let arguments = argument.as_array().ok_or_else(malformed)?;
        let mut truths = arguments.iter().map(|one| self.condition(place, one));
        match (name, arguments.as_slice()) {
            ("Fn::Equals", [left, right]) => Ok(self.text(place, left)? == self.text(place, right)?),
            ("Fn::Not", [one]) => Ok(!self.condition(place, one)?),
            ("Fn::And", _) => truths.try_fold(true, |all, one| Ok(all && one?)),
            ("Fn::Or", _) => truths.try_fold(false, |any, one| Ok(any || one?)),
            _ => Err(malformed()),
        }
    }
}

/// The function an object calls, if it is a call.
fn function(members: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, argument)), None) if name.starts_with("Fn::") || name == "Ref" || name == "Condition" => {
            Some((name, argument))
        }
        _ => None,
    }
}
