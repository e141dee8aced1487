//! The handlers' types as JSON Schema.

use std::{collections::BTreeSet, fmt};

use schemars::{
    JsonSchema, SchemaGenerator,
    generate::SchemaSettings,
    transform::{RecursiveTransform, transform_subschemas},
};
use serde_json::{Map, Value, json};

use crate::json::set;

/// Where schemas with a name are.
pub(crate) const COMPONENTS: &str = "#/components/schemas/";

/// Two different types have one name in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict(String);

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two different types are called {} in the document", self.0)
    }
}

impl std::error::Error for Conflict {}

/// Collects schemas. What is sent is described as it is read, what is answered as it is written.
pub(crate) struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
    /// Answers that the front door adds the request's name to.
    named: Vec<String>,
    /// Objects that are also answered under the request's name.
    copied: BTreeSet<String>,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            answers: settings.for_serialize().into_generator(),
            named: Vec::new(),
            copied: BTreeSet::new(),
        }
    }

    /// The schema of something sent, or a reference to it.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        tidied(self.requests.subschema_for::<T>().to_value())
    }

    /// The schema of a query, whose members are parameters and which has no name of its own.
    pub(crate) fn query<T: JsonSchema>(&mut self) -> Value {
        tidied(T::json_schema(&mut self.requests).to_value())
    }

    /// The schema of something answered, or a reference to it.
    pub(crate) fn answer<T: JsonSchema>(&mut self) -> Value {
        tidied(self.answers.subschema_for::<T>().to_value())
    }

    /// The same for the answer to a POST, which carries `request_id`.
    pub(crate) fn named_answer<T: JsonSchema>(&mut self) -> Value {
        let reference = self.answer::<T>();
        self.named.extend(name_of(&reference).map(str::to_owned));
        reference
    }

    /// The same for an object that other answers show without `request_id`: a schema of its own.
    pub(crate) fn named_copy<T: JsonSchema>(&mut self) -> Value {
        let reference = self.answer::<T>();
        let Some(name) = name_of(&reference).map(str::to_owned) else { return reference };
        self.copied.insert(name.clone());
        json!({"$ref": format!("{COMPONENTS}{name}Reply")})
    }

    /// Every schema with a name.
    pub(crate) fn into_components(mut self) -> Result<Map<String, Value>, Conflict> {
        let mut components: Map<String, Value> = self
            .answers
            .take_definitions(true)
            .into_iter()
            .map(|(name, schema)| (name, absent(tidied(schema))))
            .collect();
        for name in &self.copied {
            let copy = components.get(name).cloned().unwrap_or_default();
            components.insert(format!("{name}Reply"), copy);
        }
        for name in self.named.into_iter().chain(self.copied.iter().map(|name| format!("{name}Reply"))) {
            name_request(&mut components, &name);
        }
        for (name, schema) in self.requests.take_definitions(true) {
            let schema = tidied(schema);
            if components.get(&name).is_some_and(|known| *known != schema) {
                return Err(Conflict(name));
            }
            components.insert(name, schema);
        }
        Ok(components)
    }
}

/// The name a reference refers to.
pub(crate) fn name_of(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(COMPONENTS)
}

/// What a reference refers to; anything else as it is.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// Adds `request_id` to the object called `name`, or to each of the objects it stands for.
fn name_request(components: &mut Map<String, Value>, name: &str) {
    let Some(schema) = components.get_mut(name) else { return };
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    let forms: Vec<String> = alternatives.into_iter().flatten().filter_map(name_of).map(str::to_owned).collect();
    for form in &forms {
        name_request(components, form);
    }
    let Some(schema) = components.get_mut(name).filter(|_| forms.is_empty()) else { return };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(
            "request_id".to_owned(),
            json!({"type": "string", "description": "The request, as `X-Request-ID` names it."}),
        );
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.push(json!("request_id"));
    }
}

/// What an answer may leave out it leaves out, and does not say null instead.
fn absent(mut schema: Value) -> Value {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required =
        |name: &String| required.as_array().is_some_and(|names| names.iter().any(|listed| listed == name));
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten().filter(|(name, _)| !is_required(name)) {
        *property = present(property);
    }
    schema
}

/// The schema of what is there: without null.
pub(crate) fn present(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            set(&mut schema, "type", only);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|kind| kind != "null"));
        if let [only] = forms.as_slice() {
            let only = only.as_object().cloned().unwrap_or_default();
            if let Some(object) = schema.as_object_mut() {
                object.remove("anyOf");
                object.extend(only);
            }
        }
    }
    schema
}

/// Leaves out what says nothing to a client.
fn tidied(schema: Value) -> Value {
    let Ok(mut schema) = schemars::Schema::try_from(schema.clone()) else { return schema };
    let mut tidy = RecursiveTransform(|schema: &mut schemars::Schema| {
        // `usize` is no format of the registry, and a default of null is none.
        if schema.get("format").is_some_and(|format| format == "uint") {
            schema.remove("format");
        }
        // Nor is the end of a `u16` a limit of ours.
        if schema.get("maximum").is_some_and(|maximum| *maximum == u16::MAX) {
            schema.remove("maximum");
        }
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
        // Line ends of comments are not line ends of the text.
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
    });
    schemars::transform::Transform::transform(&mut tidy, &mut schema);
    transform_subschemas(&mut tidy, &mut schema);
    schema.to_value()
}
