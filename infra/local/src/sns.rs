//! SNS, as far as publishing goes: topics, and what was published to them. Its calls are forms, its answers XML.
//!
//! Deliberately absent: subscriptions, and with them delivery; FIFO topics; messages to telephones.

use crate::error::CloudError;
use crate::random;
use crate::saved::{Saved, lock};
use crate::wire::{self, Refusal, Service, escaped};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// The service.
pub(crate) struct Sns {
    topics: Saved<BTreeSet<String>>,
    /// Not kept with the data: a real topic keeps nothing.
    published: Mutex<Vec<Published>>,
}

/// A message as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The ARN of the topic.
    pub topic: String,
    /// The id that SNS gave it.
    pub id: String,
    /// The subject line, for mails.
    pub subject: Option<String>,
    /// The message.
    pub message: String,
    /// Message attributes that are texts, by name.
    pub attributes: BTreeMap<String, String>,
}

/// The form of a call.
type Form = BTreeMap<String, String>;

/// The operation that a request asks for, if it is a form as SNS takes them.
pub(crate) fn operation(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let mut fields = form_urlencoded::parse(body);
    fields.find(|(name, _)| name == "Action").map(|(_, action)| action.into_owned())
}

/// The body of a refusal.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> String {
    let whose = if status.is_server_error() { "Receiver" } else { "Sender" };
    let (message, id) = (escaped(message), request_id());
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{whose}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
    )
}

impl Sns {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, CloudError> {
        Ok(Self { topics: Saved::open(folder, "sns.json")?, published: Mutex::default() })
    }

    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Response {
        let form: Form = form_urlencoded::parse(body).into_owned().collect();
        let result = match operation {
            "CreateTopic" => self.create_topic(&form),
            "Publish" => self.publish(&form),
            _ => Err(Refusal::new("InvalidAction", "the local cloud has no such operation")),
        };
        match result {
            Ok((member, value)) => {
                let (value, id) = (escaped(&value), request_id());
                let text = format!(
                    "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result><{member}>{value}</{member}>\
                     </{operation}Result><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>\
                     </{operation}Response>"
                );
                wire::answer(Service::Sns, StatusCode::OK, text)
            }
            Err(refusal) => refusal.into_response(Service::Sns),
        }
    }

    /// Makes a topic unless it is there, and returns its ARN.
    pub(crate) fn create(&self, name: &str) -> Result<String, Refusal> {
        let arn = wire::arn("sns", name);
        self.topics.change(|topics: &mut BTreeSet<String>| {
            topics.insert(arn.clone());
            Ok(arn)
        })
    }

    /// What was published to a topic since the start, oldest first; `None` without such a topic.
    pub(crate) fn published(&self, topic: &str) -> Option<Vec<Published>> {
        let is_there = self.topics.look(|topics| topics.contains(topic));
        let to_it = |message: &&Published| message.topic == topic;
        is_there.then(|| lock(&self.published).iter().filter(to_it).cloned().collect())
    }

    fn create_topic(&self, form: &Form) -> Result<(&'static str, String), Refusal> {
        let name = form.get("Name").ok_or_else(|| invalid("Topic Name"))?;
        Ok(("TopicArn", self.create(name)?))
    }

    fn publish(&self, form: &Form) -> Result<(&'static str, String), Refusal> {
        let field = |name: &str| form.get(name).cloned();
        let topic = field("TopicArn")
            .ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?;
        if !self.topics.look(|topics| topics.contains(&topic)) {
            return Err(Refusal::new("NotFound", "Topic does not exist").with_status(StatusCode::NOT_FOUND));
        }
        let message = field("Message").filter(|message| !message.is_empty()).ok_or_else(|| invalid("Empty message"))?;
        let id = random::uuid_text(&random::uuid()?);
        let published =
            Published { topic, id: id.clone(), subject: field("Subject"), message, attributes: attributes(form) };
        lock(&self.published).push(published);
        Ok(("MessageId", id))
    }
}

/// `MessageAttributes.entry.1.Name`, and so on.
fn attributes(form: &Form) -> BTreeMap<String, String> {
    let entries = (1..).map(|number| format!("MessageAttributes.entry.{number}"));
    let named = entries.map_while(|entry| Some((form.get(&format!("{entry}.Name"))?.clone(), entry)));
    named.filter_map(|(name, entry)| Some((name, form.get(&format!("{entry}.Value.StringValue"))?.clone()))).collect()
}

fn invalid(what: &str) -> Refusal {
    Refusal::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// Without randomness the id is all zeros, which is still an id.
fn request_id() -> String {
    random::uuid_text(&random::uuid().unwrap_or_default())
}
