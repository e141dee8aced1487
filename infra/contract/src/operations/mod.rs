//! Every route: what its endpoint declares, and what must be said in words.

mod ledger;
pub(crate) mod links;
mod maintenance;
mod platform;
mod predictions;
mod privacy;
mod reports;
mod work;

use gate::{Body, Demand, Endpoint, Method, Route};
use kernel::{Code, Identifier};
use serde_json::{Value, json};

use crate::{json::set, schemas::Schemas};

/// One route.
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// What the key must have; `None` when there need not be a key.
    pub(crate) demand: Option<Demand>,
    pub(crate) body: Body,
    pub(crate) stores: bool,
    /// Whether each key's requests are counted exactly.
    pub(crate) counted: bool,
    /// What it can be refused with beside what every such route can.
    pub(crate) further_refusals: &'static [Code],
    /// What the braces of the path stand for.
    pub(crate) path_parameters: Vec<PathParameter>,
    /// The object whose members are the query parameters.
    pub(crate) query: Option<Query>,
    pub(crate) request: Option<Content>,
    pub(crate) answers: Vec<Answer>,
}

/// A segment of the path that the client chooses.
pub(crate) struct PathParameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: Value,
    pub(crate) example: &'static str,
}

/// The query parameters, and an example of some.
pub(crate) struct Query {
    pub(crate) schema: Value,
    pub(crate) example: Value,
}

/// A body.
pub(crate) struct Content {
    pub(crate) media_type: &'static str,
    pub(crate) schema: Value,
    pub(crate) examples: Vec<Example>,
}

/// An answer that is no problem.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) content: Content,
}

/// A body as it may be.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) value: Value,
}

/// What the tags mean, in the order of the document.
pub(crate) const TAGS: [(&str, &str); 6] = [
    ("Platform", "Whether the service runs, and what it offers."),
    ("Maintenance", "Readings in, readings out, and the failures they announce."),
    ("Work", "From an alert to finished work: tasks, decisions, and what a tenant sets."),
    ("Reports", "Figures, tables and pages, made from what is stored."),
    ("Ledger", "Bank messages in; transactions, categories, goals and what recurs out."),
    ("Privacy", "What people may ask for: everything that is stored about them, and that it be erased."),
];

/// Every operation, in the order of the document.
pub(crate) fn all(schemas: &mut Schemas) -> Vec<Operation> {
    let mut operations = platform::operations(schemas);
    operations.extend(maintenance::operations(schemas));
    operations.extend(work::operations(schemas));
    operations.extend(reports::operations(schemas));
    operations.extend(ledger::operations(schemas));
    operations.extend(privacy::operations(schemas));
    operations
}

impl Operation {
    /// The route of an endpoint.
    fn of<E: Endpoint>(tag: &'static str, summary: &'static str, description: &'static str) -> Self {
        let Route { name, method, path, siblings: _, demand, body, stores } = E::ROUTE;
        Self {
            id: name,
            method,
            path,
            tag,
            summary,
            description,
            demand: Some(demand),
            body,
            // What only reads is audited at most, and knows no idempotency key.
            stores: stores && method != Method::Get,
            counted: false,
            further_refusals: &[],
            path_parameters: Vec::new(),
            query: None,
            request: None,
            answers: Vec::new(),
        }
    }

    /// A page anyone may read.
    fn page(
        id: &'static str,
        path: &'static str,
        summary: &'static str,
        description: &'static str,
        answer: &'static str,
        content: Content,
    ) -> Self {
        Self {
            id,
            method: Method::Get,
            path,
            tag: "Platform",
            summary,
            description,
            demand: None,
            body: Body::None,
            stores: false,
            counted: false,
            further_refusals: &[],
            path_parameters: Vec::new(),
            query: None,
            request: None,
            answers: vec![Answer { status: 200, description: answer, content }],
        }
    }
}

impl Content {
    fn json(schema: Value, examples: Vec<Example>) -> Self {
        Self { media_type: "application/json", schema, examples }
    }
}

const fn example(name: &'static str, summary: &'static str, value: Value) -> Example {
    Example { name, summary, value }
}

fn answer(status: u16, description: &'static str, schema: Value, value: Value) -> Vec<Answer> {
    let examples = vec![example("answer", "As it may be", value)];
    vec![Answer { status, description, content: Content::json(schema, examples) }]
}

fn named(schemas: &mut Schemas, name: &'static str, description: &'static str, value: &'static str) -> PathParameter {
    PathParameter { name, description, schema: schemas.request::<Identifier>(), example: value }
}

/// An answer to a POST carries the request's name.
fn by_request(mut value: Value) -> Value {
    set(&mut value, "request_id", json!("01JNB1Q2W3E4R5T6Y7U8I9O0PA"));
    value
}
