//! Schemas as tables.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    elements, object,
    text::{prose, string},
};
use crate::{json::properties, schemas::name_of};

/// Every schema with a name.
pub(super) fn section(document: &Value) -> Markup {
    html! {
        section aria-labelledby="schemas" {
            h2 id="schemas" { "Schemas" }
            @for (name, schema) in object(document, "/components/schemas") {
                section.schema aria-labelledby={"schema-" (name)} {
                    h3 id={"schema-" (name)} { (name) }
                    (shape(name, schema))
                }
            }
        }
    }
}

/// What a schema says: its description, and its members, forms or values. `label` names the table
/// for those who hear it.
pub(super) fn shape(label: &str, schema: &Value) -> Markup {
    html! {
        @if let Some(description) = schema.get("description").and_then(Value::as_str) { p { (prose(description)) } }
        @if schema.get("properties").is_some() {
            (table(label, schema))
            @if is_sent(schema) { p.note { "Other members are refused." } }
        } @else if let Some(values) = described_values(schema) {
            dl.values {
                @for (value, description) in values { div { dt { code { (value) } } dd { (prose(description)) } } }
            }
        } @else {
            p { (kind(schema)) @for rule in rules(schema) { ", " (prose(&rule)) } }
        }
    }
}

/// Whether the schema is that of something sent: only there other members are refused.
fn is_sent(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(false))
}

fn table(label: &str, schema: &Value) -> Markup {
    let is_required = |name: &str| elements(schema, "/required").any(|listed| listed == name);
    let remark = |name: &str| match (is_sent(schema), is_required(name)) {
        (true, true) => Some("required"),
        (false, false) => Some("may be absent"),
        _ => None,
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label={"Members of " (label)} {
            table {
                thead { tr { th scope="col" { "Member" } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                tbody {
                    @for (name, property) in properties(schema) {
                        (row(name, remark(name), property, string(property, "/description")))
                    }
                }
            }
        }
    }
}

/// A member or a parameter.
pub(super) fn row(name: &str, remark: Option<&str>, schema: &Value, description: &str) -> Markup {
    html! {
        tr {
            th scope="row" {
                code { (name) }
                @if let Some(remark) = remark { span.remark { (remark) } }
            }
            td.kind { (kind(schema)) }
            td {
                (prose(description))
                @for rule in rules(schema) { span.rule { (prose(&rule)) } }
            }
        }
    }
}

/// The type in a few words; a schema with a name is a link.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = name_of(schema) {
        return html! { a href={"#schema-" (name)} { (name) } };
    }
    let alternatives = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(*key)?.as_array());
    if let Some(alternatives) = alternatives {
        return html! {
            @for (index, alternative) in alternatives.iter().enumerate() {
                @if index > 0 { " or " }
                (kind(alternative))
            }
        };
    }
    if let Some(items) = schema.get("items") {
        return html! { "array of " (kind(items)) };
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any value"],
    };
    let format = schema.get("format").and_then(Value::as_str).filter(|format| *format == "date-time");
    html! { (types.join(" or ")) @if format.is_some() { " (date-time)" } }
}

/// The constraints in words.
fn rules(schema: &Value) -> Vec<String> {
    let number = |key: &str| schema.get(key).map(|number| number.to_string().trim_end_matches(".0").to_owned());
    let mut said: Vec<String> = [
        // That a count is not negative goes without saying.
        range(number("minimum").filter(|least| least != "0" || schema.get("maximum").is_some()), number("maximum"), ""),
        range(number("minLength"), number("maxLength"), " characters"),
        range(number("minItems"), number("maxItems"), " elements"),
        range(number("minProperties"), number("maxProperties"), " members"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let values: Vec<String> = elements(schema, "/enum").filter(|value| !value.is_null()).map(code).collect();
    if !values.is_empty() {
        said.push(format!("one of {}", values.join(", ")));
    }
    said.extend(schema.get("const").map(|value| format!("always {}", code(value))));
    said.extend(schema.get("pattern").and_then(Value::as_str).map(|pattern| format!("matches `{pattern}`")));
    said.extend(schema.get("default").map(|value| format!("default {}", code(value))));
    for (key, whose) in [("propertyNames", "each name"), ("additionalProperties", "each value")] {
        let inner = schema.get(key).map(rules).unwrap_or_default();
        said.extend((!inner.is_empty()).then(|| format!("{whose} {}", inner.join(", "))));
    }
    said
}

fn code(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn range(least: Option<String>, most: Option<String>, of: &str) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) if least == most => Some(format!("{least}{of}")),
        (Some(least), Some(most)) => Some(format!("{least} to {most}{of}")),
        (Some(least), None) => Some(format!("at least {least}{of}")),
        (None, Some(most)) => Some(format!("at most {most}{of}")),
        (None, None) => None,
    }
}

/// The values of an enumeration whose values are described one by one.
fn described_values(schema: &Value) -> Option<Vec<(&str, &str)>> {
    let forms = schema.get("oneOf")?.as_array()?;
    forms.iter().map(|form| Some((form.get("const")?.as_str()?, string(form, "/description")))).collect()
}
