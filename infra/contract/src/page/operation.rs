//! One operation: what it takes, an example of it, and what comes back.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    elements, object, schema,
    text::{prose, string},
};
use crate::{
    json::pretty_example,
    schemas::{name_of, resolved},
};

/// An operation of the document, and where it is.
pub(super) struct Shown<'a> {
    pub(super) method: &'a str,
    path: &'a str,
    operation: &'a Value,
}

impl<'a> Shown<'a> {
    pub(super) fn id(&self) -> &'a str {
        string(self.operation, "/operationId")
    }

    pub(super) fn tag(&self) -> &'a str {
        string(self.operation, "/tags/0")
    }

    /// The path, which may be broken before a slash where it is too long.
    pub(super) fn breakable_path(&self) -> Markup {
        html! { @for segment in self.path.split('/').skip(1) { wbr; "/" (segment) } }
    }
}

/// Every operation. The document lists paths by name, and so does the page.
pub(super) fn all(document: &Value) -> Vec<Shown<'_>> {
    let paths = object(document, "/paths");
    paths
        .flat_map(|(path, methods)| {
            object(methods, "").map(move |(method, operation)| Shown { method, path, operation })
        })
        .collect()
}

pub(super) fn badge(method: &str) -> Markup {
    html! { span class={"method " (method)} { (method.to_ascii_uppercase()) } }
}

pub(super) fn section(document: &Value, shown: &Shown<'_>) -> Markup {
    let Shown { method, operation, .. } = shown;
    html! {
        section.operation aria-labelledby=(shown.id()) {
            h3 id=(shown.id()) { (string(operation, "/summary")) }
            p.endpoint { (badge(method)) code { (shown.breakable_path()) } }
            div.columns {
                div.words {
                    p { (prose(string(operation, "/description"))) }
                    (conditions(operation))
                    (parameters(document, operation))
                    (body(document, operation))
                    (answers(document, operation))
                    (refusals(document, operation))
                }
                div.samples {
                    (requests(document, shown))
                    (replies(document, operation))
                }
            }
        }
    }
}

fn conditions(operation: &Value) -> Markup {
    let is_public = elements(operation, "/security").next().is_none();
    let scope = string(operation, "/x-palisade-scope");
    html! {
        dl.conditions {
            div {
                dt { "Key" }
                dd {
                    @if is_public { "none" }
                    @else if scope.is_empty() { "any valid key" }
                    @else { "scope " code { (scope) } }
                }
            }
            @if operation.get("requestBody").is_some() {
                div { dt { "Body" } dd { code { "application/json" } ", " (string(operation, "/requestBody/description").trim_end_matches('.').replacen('A', "a", 1)) } }
            }
        }
    }
}

/// The parameters of this operation; those of all are in the guide.
fn parameters(document: &Value, operation: &Value) -> Markup {
    let own: Vec<&Value> = elements(operation, "/parameters")
        .map(|parameter| resolved(document, parameter))
        .filter(|parameter| !matches!(string(parameter, "/name"), "X-Request-ID" | "traceparent"))
        .collect();
    html! {
        @if !own.is_empty() {
            h4 { "Parameters" }
            div.scroll tabindex="0" role="region" aria-label={"Parameters of " (string(operation, "/operationId"))} {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                    tbody {
                        @for parameter in own {
                            (schema::row(
                                string(parameter, "/name"),
                                (parameter.get("required") == Some(&Value::Bool(true))).then_some("required"),
                                parameter.get("schema").unwrap_or(&Value::Null),
                                &format!("{} {}", string(parameter, "/description"), place(parameter)),
                            ))
                        }
                    }
                }
            }
        }
    }
}

fn place(parameter: &Value) -> &'static str {
    match string(parameter, "/in") {
        "path" => "In the path.",
        "query" => "In the query.",
        _ => "A header.",
    }
}

/// The schemas that `schema` stands for, with their names.
fn forms<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let shape = resolved(document, schema);
    let alternatives: Vec<&Value> = elements(shape, "/anyOf").collect();
    if alternatives.is_empty() {
        return vec![(name_of(schema).unwrap_or_default(), shape)];
    }
    alternatives.into_iter().flat_map(|form| forms(document, form)).collect()
}

fn body(document: &Value, operation: &Value) -> Markup {
    let content = operation.pointer("/requestBody/content/application~1json/schema");
    html! {
        @if let Some(content) = content {
            h4 { "Body" }
            @for (index, (name, form)) in forms(document, content).into_iter().enumerate() {
                p.form { @if index > 0 { "or " } a href={"#schema-" (name)} { (name) } }
                (schema::shape(name, form))
            }
        }
    }
}

fn answers(document: &Value, operation: &Value) -> Markup {
    html! {
        h4 { "Answers" }
        @for (status, response) in object(operation, "/responses").filter(|(_, response)| answer_of(response).is_some()) {
            p { strong { (status) } " " (prose(string(response, "/description"))) }
            @if let Some((_, media)) = answer_of(response) {
                @for (name, form) in forms(document, media.get("schema").unwrap_or(&Value::Null)) {
                    @if !name.is_empty() { p.form { a href={"#schema-" (name)} { (name) } } }
                    @if form.get("properties").is_some() { (schema::shape(name, form)) }
                }
            }
        }
    }
}

/// The body of a response that is not only a problem.
fn answer_of(response: &Value) -> Option<(&String, &Value)> {
    object(response, "/content").find(|(media_type, _)| *media_type != "application/problem+json")
}

fn refusals(document: &Value, operation: &Value) -> Markup {
    html! {
        h4 { "Problems" }
        ul.problems {
            @for (status, response) in object(operation, "/responses") {
                @for (code, _) in object(resolved(document, response), "/content/application~1problem+json/examples") {
                    li { a href={"#" (code)} { (status) " " code { (code) } } }
                }
            }
        }
    }
}

fn requests(document: &Value, shown: &Shown<'_>) -> Markup {
    let media = shown.operation.pointer("/requestBody/content/application~1json");
    let bodies: Vec<(&str, String)> = examples(document, media)
        .map(|(name, summary, text)| (summary, curl(document, shown, Some((name, &text)))))
        .collect();
    html! {
        @if bodies.is_empty() { (sample("Request", &curl(document, shown, None))) }
        @for (summary, text) in bodies { (sample(&format!("Request: {summary}"), &text)) }
    }
}

fn replies(document: &Value, operation: &Value) -> Markup {
    html! {
        @for (status, response) in object(operation, "/responses") {
            @for (_, summary, text) in examples(document, answer_of(resolved(document, response)).map(|(_, media)| media)) {
                (sample(&format!("Answer {status}: {summary}"), &text))
            }
        }
    }
}

/// The examples of a body: name, summary, text.
fn examples<'a>(document: &'a Value, media: Option<&'a Value>) -> impl Iterator<Item = (&'a str, &'a str, String)> {
    let media = media.unwrap_or(&Value::Null);
    let schema = media.get("schema").unwrap_or(&Value::Null);
    object(media, "/examples").map(move |(name, example)| {
        let value = example.get("value").unwrap_or(&Value::Null);
        (name.as_str(), string(example, "/summary"), pretty_example(value, document, schema))
    })
}

fn sample(caption: &str, text: &str) -> Markup {
    html! { figure { figcaption { (prose(caption)) } pre tabindex="0" { code { (text) } } } }
}

/// The request as a command that works when pasted. Each example has an idempotency key of its own.
fn curl(document: &Value, shown: &Shown<'_>, body: Option<(&str, &str)>) -> String {
    let mut path = shown.path.to_owned();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    if elements(shown.operation, "/security").next().is_some() {
        headers.push("  -H \"X-API-Key: $PALISADE_KEY\"".to_owned());
    }
    for parameter in elements(shown.operation, "/parameters").map(|parameter| resolved(document, parameter)) {
        let (name, example) = (string(parameter, "/name"), parameter.get("example"));
        let example = example.map(|example| example.as_str().map_or_else(|| example.to_string(), str::to_owned));
        match (string(parameter, "/in"), example) {
            ("path", Some(example)) => path = path.replace(&format!("{{{name}}}"), &example),
            ("query", Some(example)) => {
                query.push(format!("  --data-urlencode {}", quoted(&format!("{name}={example}"))));
            }
            ("header", Some(example)) if name == "Idempotency-Key" => {
                let of = body.map_or_else(|| string(shown.operation, "/operationId"), |(of, _)| of);
                headers.push(format!("  -H {}", quoted(&format!("{name}: {example}/{of}"))));
            }
            _ => {}
        }
    }
    let get = if query.is_empty() { "" } else { "-G " };
    let mut lines = vec![format!("curl {get}\"$PALISADE_BASE{path}\"")];
    lines.extend(headers);
    lines.extend(query);
    if let Some((_, body)) = body {
        lines.push("  -H 'Content-Type: application/json'".to_owned());
        lines.push(format!("  -d {}", quoted(body)));
    }
    lines.join(" \\\n")
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
