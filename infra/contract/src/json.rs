//! JSON as text, in an order people can read and review.

use serde_json::{Map, Value};

/// What comes first, where it occurs; the rest follows by name.
const FIRST: &[&str] = &[
    "openapi",
    "info",
    "servers",
    "tags",
    "paths",
    "components",
    "operationId",
    "name",
    "in",
    "required",
    "title",
    "version",
    "summary",
    "$ref",
    "type",
    "description",
    "x-palisade-scope",
    "security",
    "parameters",
    "requestBody",
    "responses",
    "headers",
    "content",
    "schema",
    "properties",
];

/// `value` indented by two spaces, with a line end at the end. Equal values are equal texts.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, None, &mut out);
    out.push('\n');
    out
}

/// The members of an object in the order they are written: `required` ones first where those of a
/// schema are listed, since that is the order of the type's fields.
pub(crate) fn members<'a>(object: &'a Map<String, Value>, required: Option<&Value>) -> Vec<(&'a String, &'a Value)> {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(name, _)| match required {
        Some(required) => place(required.as_array().into_iter().flatten().map(Value::as_str), name),
        None => place(FIRST.iter().copied().map(Some), name),
    });
    members
}

fn place<'a>(mut order: impl Iterator<Item = Option<&'a str>>, name: &str) -> usize {
    order.position(|listed| listed == Some(name)).unwrap_or(usize::MAX)
}

/// `required` is that of the schema whose properties `value` is.
fn write(value: &Value, depth: usize, required: Option<&Value>, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            out.push('{');
            for (index, (name, member)) in members(object, required).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push_str(": ");
                let none = Value::Array(Vec::new());
                let properties = name == "properties" && member.is_object();
                write(member, depth + 1, properties.then(|| object.get("required").unwrap_or(&none)), out);
            }
            line(depth, out);
            out.push('}');
        }
        // Lists of plain values, such as enumerations, stand on one line.
        Value::Array(elements) if elements.iter().any(|element| element.is_object() || element.is_array()) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write(element, depth + 1, None, out);
            }
            line(depth, out);
            out.push(']');
        }
        Value::Array(elements) => {
            let texts: Vec<String> = elements.iter().map(ToString::to_string).collect();
            out.push('[');
            out.push_str(&texts.join(", "));
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}
