//! JSON as text, in an order people can read and review.

use serde_json::{Map, Value};

use crate::schemas::resolved;

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
    write(value, 0, Order::Document, &mut out);
    out.push('\n');
    out
}

/// An example, its members in the order of its schema, without a line end at the end.
pub(crate) fn pretty_example(example: &Value, document: &Value, schema: &Value) -> String {
    let mut out = String::new();
    write(example, 0, Order::Schema { document, schema }, &mut out);
    out
}

/// The members of a schema's `properties`: those that must be there first, since they are listed in
/// the order of the type's fields.
pub(crate) fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let required = schema.get("required").and_then(Value::as_array);
    let mut members: Vec<_> = schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
    members.sort_by_key(|(name, _)| {
        required.and_then(|names| names.iter().position(|listed| listed == *name)).unwrap_or(usize::MAX)
    });
    members
}

/// Gives `object` the member `name`, instead of one it has.
pub(crate) fn set(object: &mut Value, name: &str, member: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}

/// What the order of an object's members follows.
#[derive(Clone, Copy)]
enum Order<'a> {
    Document,
    /// The object is the `properties` of this schema.
    Properties(&'a Value),
    /// The object is described by this schema.
    Schema {
        document: &'a Value,
        schema: &'a Value,
    },
}

impl<'a> Order<'a> {
    /// The members of `object` and what the order within each follows.
    fn members(self, value: &'a Value, object: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value, Self)> {
        let mut members: Vec<_> = object.iter().collect();
        match self {
            Self::Document => {
                members.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(usize::MAX));
                let below = |name: &str| if name == "properties" { Order::Properties(value) } else { Order::Document };
                members.into_iter().map(|(name, member)| (name, member, below(name))).collect()
            }
            Self::Properties(schema) => {
                properties(schema).into_iter().map(|(name, member)| (name, member, Order::Document)).collect()
            }
            Self::Schema { document, schema } => {
                let known = properties(form(document, schema, value));
                let place = |name: &str| known.iter().position(|(known, _)| *known == name);
                members.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
                let below = |name: &str| match place(name).and_then(|place| known.get(place)) {
                    Some((_, schema)) => Order::Schema { document, schema },
                    None => Order::Document,
                };
                members.into_iter().map(|(name, member)| (name, member, below(name))).collect()
            }
        }
    }

    fn elements(self, value: &Value) -> Self {
        match self {
            Self::Schema { document, schema } => match form(document, schema, value).get("items") {
                Some(schema) => Order::Schema { document, schema },
                None => Order::Document,
            },
            Self::Document | Self::Properties(_) => Order::Document,
        }
    }
}

/// The schema itself, or which of those it stands for describes `value`.
fn form<'a>(document: &'a Value, schema: &'a Value, value: &Value) -> &'a Value {
    let schema = resolved(document, schema);
    let mut forms = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    forms.find(|form| fits(document, form, value)).map_or(schema, |found| form(document, found, value))
}

/// Whether every member of `value` is known to the schema.
fn fits(document: &Value, schema: &Value, value: &Value) -> bool {
    let schema = form(document, schema, value);
    match (value, schema.get("properties"), schema.get("items")) {
        (Value::Object(members), Some(known), _) => {
            members.iter().all(|(name, value)| known.get(name).is_some_and(|schema| fits(document, schema, value)))
        }
        (Value::Array(elements), _, Some(items)) => elements.iter().all(|element| fits(document, items, element)),
        (Value::Object(_), None, _) | (Value::Array(_), _, None) => schema.get("additionalProperties").is_some(),
        _ => true,
    }
}

fn write<'a>(value: &'a Value, depth: usize, order: Order<'a>, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            out.push('{');
            for (index, (name, member, below)) in order.members(value, object).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push_str(": ");
                write(member, depth + 1, below, out);
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
                write(element, depth + 1, order.elements(value), out);
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
