//! The document as one page: no script, no network, nothing but what the document says.

mod errors;
mod operation;
mod schema;
mod text;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};

use crate::guide::{INTRODUCTION, SECTIONS};
use operation::Shown;
use text::{prose, string};

const STYLE: &str = include_str!("style.css");

/// The page of `document`.
#[must_use]
pub fn page(document: &Value) -> String {
    let operations = operation::all(document);
    let title = string(document, "/info/title");
    let version = string(document, "/info/version");
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="description" content=(string(document, "/info/summary"));
                title { (title) " API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (navigation(document, &operations))
                main id="main" {
                    header id="top" {
                        h1 { (title) " API" }
                        p.version { "Version " (version) " · OpenAPI 3.1 at " a href="openapi.json" { code { "/openapi.json" } } }
                        p.lead { (prose(INTRODUCTION)) }
                        (quick_start(document))
                    }
                    (guide())
                    (errors::section())
                    @for tag in elements(document, "/tags") {
                        section aria-labelledby=(anchor(tag)) {
                            h2 id=(anchor(tag)) { (string(tag, "/name")) }
                            p { (prose(string(tag, "/description"))) }
                            @for shown in operations.iter().filter(|shown| shown.tag() == string(tag, "/name")) {
                                (operation::section(document, shown))
                            }
                        }
                    }
                    (schema::section(document))
                }
            }
        }
    };
    broken_into_lines(&markup.into_string())
}

/// One line for each row and block, so that a changed page is a diff that can be read. Text inside
/// `pre` is escaped and has no such tag.
fn broken_into_lines(html: &str) -> String {
    let tags = [
        "</head>",
        "</tr>",
        "</li>",
        "</p>",
        "</h2>",
        "</h3>",
        "</h4>",
        "</pre>",
        "</table>",
        "</section>",
        "</details>",
    ];
    let mut html = html.to_owned();
    for tag in tags {
        html = html.replace(tag, &format!("{tag}\n"));
    }
    html.push('\n');
    html
}

fn anchor(tag: &Value) -> String {
    string(tag, "/name").to_ascii_lowercase()
}

/// The elements of the array at `pointer`.
fn elements<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The members of the object at `pointer`.
fn object<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn navigation(document: &Value, operations: &[Shown<'_>]) -> Markup {
    html! {
        nav aria-label="Contents" {
            a.brand href="#top" { (string(document, "/info/title")) " " span { "API" } }
            h2 { "Guide" }
            ul {
                @for section in SECTIONS { li { a href={"#" (section.id)} { (section.title) } } }
                li { a href="#errors" { "Errors" } }
            }
            @for tag in elements(document, "/tags") {
                h2 { a href={"#" (anchor(tag))} { (string(tag, "/name")) } }
                ul {
                    @for shown in operations.iter().filter(|shown| shown.tag() == string(tag, "/name")) {
                        li { a.route href={"#" (shown.id())} { (operation::badge(shown.method)) span { (shown.breakable_path()) } } }
                    }
                }
            }
            h2 { a href="#schemas" { "Schemas" } }
            ul.names {
                @for (name, _) in object(document, "/components/schemas") {
                    li { a href={"#schema-" (name)} { (name) } }
                }
            }
        }
    }
}

fn quick_start(document: &Value) -> Markup {
    html! {
        figure {
            figcaption { "The requests on this page use two variables: the base address, and a key with the scope of the route" }
            pre tabindex="0" {
                code {
                    "export PALISADE_BASE=http://127.0.0.1:9000\n"
                    "export PALISADE_KEY=pal_dev_..."
                }
            }
        }
        table {
            caption { "Base addresses" }
            thead { tr { th scope="col" { "Address" } th scope="col" { "What answers there" } } }
            tbody {
                @for server in elements(document, "/servers") {
                    tr { td { code { (string(server, "/url")) } } td { (prose(string(server, "/description"))) } }
                }
            }
        }
    }
}

fn guide() -> Markup {
    html! {
        @for section in SECTIONS {
            section aria-labelledby=(section.id) {
                h2 id=(section.id) { (section.title) }
                @for paragraph in section.paragraphs { p { (prose(paragraph)) } }
            }
        }
    }
}
