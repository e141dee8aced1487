//! DynamoDB: dynoxide on a listener of its own, which only this module calls.
//!
//! Its router cannot be called in process, and its wire behaviour (validation order, error texts, request
//! checks) is what clients need, so requests are forwarded over loopback. On the way this module asks for the
//! consumed capacity, counts it, and takes it out again if the caller did not ask. It also tells of every write, for
//! those who follow streams.

use crate::error::CloudError;
use crate::meter::Units;
use crate::wire::{Refusal, Service};
use axum::body::{Body, Bytes};
use axum::response::Response;
use dynoxide::Database;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The operations that can report consumed capacity; true: they write.
const METERED: [(&str, bool); 10] = [
    ("PutItem", true),
    ("UpdateItem", true),
    ("DeleteItem", true),
    ("BatchWriteItem", true),
    ("TransactWriteItems", true),
    ("GetItem", false),
    ("BatchGetItem", false),
    ("TransactGetItems", false),
    ("Query", false),
    ("Scan", false),
];
const ASKING: &str = "ReturnConsumedCapacity";
const TOLD: &str = "ConsumedCapacity";

/// The service.
pub(crate) struct Dynamo {
    /// For provisioning, which is no call of a function and therefore not counted.
    pub(crate) database: Database,
    pub(crate) writes: watch::Sender<Writes>,
    address: String,
    client: reqwest::Client,
}

/// How many writes have begun and how many have ended since the start, whatever became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writes {
    begun: u64,
    ended: u64,
}

impl Writes {
    pub(crate) fn are_over(&self) -> bool {
        self.begun == self.ended
    }
}

impl Dynamo {
    /// Opens the tables and serves them until the runtime ends.
    pub(crate) async fn start(folder: Option<&Path>) -> Result<Self, CloudError> {
        let database = match folder {
            Some(folder) => Database::new(&folder.join("dynamodb.sqlite").to_string_lossy()),
            None => Database::memory(),
        }
        .map_err(|error| CloudError::Data { file: "dynamodb.sqlite".to_owned(), problem: error.to_string() })?;
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| CloudError::io("opening a port for DynamoDB", error))?;
        let address = listener.local_addr().map_err(|error| CloudError::io("opening a port for DynamoDB", error))?;
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), std::future::pending()));
        let (writes, address) = (watch::Sender::default(), format!("http://{address}/"));
        Ok(Self { database, writes, address, client: reqwest::Client::new() })
    }

    /// Answers one call and says what it consumed.
    pub(crate) async fn call(&self, operation: &str, headers: &HeaderMap, body: Bytes) -> (Response, Units) {
        let metered = METERED.iter().find(|(name, _)| *name == operation);
        let (sent, asks) = match metered {
            Some(_) => asking(&body),
            None => (body, false),
        };
        let writes = metered.is_some_and(|(_, writes)| *writes);
        let Some((status, mut answer_headers, answer)) = self.forward(writes, headers, sent).await else {
            let refusal = Refusal::new("InternalServerError", "the embedded DynamoDB did not answer")
                .with_status(StatusCode::INTERNAL_SERVER_ERROR);
            return (refusal.into_response(Service::DynamoDb), Units::default());
        };
        let (answer, units) = match metered {
            Some((_, writes)) if status.is_success() => take_capacity(answer, *writes, asks),
            _ => (answer, Units::default()),
        };
        // The length and checksum are of the answer before the capacity was taken out.
        for stale in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            answer_headers.remove(stale);
        }
        answer_headers.remove("x-amz-crc32");
        let mut response = Response::new(Body::from(answer));
        *response.status_mut() = status;
        *response.headers_mut() = answer_headers;
        (response, units)
    }

    /// Does the first half of a `BatchWriteItem` or `BatchGetItem` and reports the rest as unprocessed.
    pub(crate) async fn half_batch(&self, operation: &str, headers: &HeaderMap, body: Bytes) -> (Response, Units) {
        let Some((first, rest)) = split_batch(&body) else {
            return (crate::refusals::throttled(Service::DynamoDb, operation), Units::default());
        };
        let (response, units) = self.call(operation, headers, first).await;
        if !response.status().is_success() {
            return (response, units);
        }
        let (parts, answered) = response.into_parts();
        let answered = axum::body::to_bytes(answered, usize::MAX).await.unwrap_or_default();
        let mut answer: Map<String, Json> = serde_json::from_slice(&answered).unwrap_or_default();
        let unprocessed = if operation == "BatchGetItem" { "UnprocessedKeys" } else { "UnprocessedItems" };
        answer.insert(unprocessed.to_owned(), rest);
        let answer = Json::Object(answer).to_string();
        (Response::from_parts(parts, Body::from(answer)), units)
    }

    /// Goes on to its end also when the caller hangs up, so that every write that happens is told of.
    async fn forward(
        &self,
        writes: bool,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Option<(StatusCode, HeaderMap<HeaderValue>, Bytes)> {
        let mut passed = headers.clone();
        for of_this_hop in
            [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT]
        {
            passed.remove(of_this_hop);
        }
        let request = self.client.post(&self.address).headers(passed).body(body);
        let tally = self.writes.clone();
        if writes {
            tally.send_modify(|writes| writes.begun += 1);
        }
        let exchange = async move {
            let answer = request.send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        };
        let exchange = tokio::spawn(async move {
            let answer = exchange.await;
            if writes {
                tally.send_modify(|writes| writes.ended += 1);
            }
            answer.ok()
        });
        exchange.await.ok().flatten()
    }
}

/// The request to send on, and whether the caller itself asks for the capacity. A text search comes first, because
/// almost none does.
fn asking(body: &Bytes) -> (Bytes, bool) {
    let may_ask = std::str::from_utf8(body).is_ok_and(|text| text.contains(ASKING));
    if may_ask
        && let Ok(mut members) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(body)
        && let Some(asked) = members.remove(ASKING)
    {
        return match serde_json::to_vec(&members) {
            Ok(rest) if asked.get() == "\"NONE\"" => (asking_for_total(&rest.into()), false),
            _ => (body.clone(), true),
        };
    }
    (asking_for_total(body), false)
}

/// The same request, asking for the total. The caller's bytes stay as they are, so dynoxide judges what was sent.
fn asking_for_total(body: &Bytes) -> Bytes {
    let Some(rest) = body.trim_ascii_start().strip_prefix(b"{") else {
        return body.clone();
    };
    let is_empty = rest.trim_ascii_start().starts_with(b"}");
    let mut asking = format!("{{\"{ASKING}\":\"TOTAL\"").into_bytes();
    if !is_empty {
        asking.push(b',');
    }
    asking.extend_from_slice(rest);
    asking.into()
}

/// Reads the capacity in an answer and, unless the caller asked for it, removes it.
fn take_capacity(answer: Bytes, writes: bool, keep: bool) -> (Bytes, Units) {
    let Ok(mut members) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(&answer) else {
        return (answer, Units::default());
    };
    let Some(told) = members.remove(TOLD) else {
        return (answer, Units::default());
    };
    let told: Json = serde_json::from_str(told.get()).unwrap_or_default();
    let tables = match told {
        Json::Array(tables) => tables,
        one => vec![one],
    };
    let mut units = Units::default();
    for table in &tables {
        let figure = |name: &str| table.get(name).and_then(Json::as_f64);
        let total = figure("CapacityUnits").unwrap_or_default();
        // A repeated transaction only reads; it says so by naming read units.
        match (figure("WriteCapacityUnits"), figure("ReadCapacityUnits")) {
            (None, None) if writes => units.write += total,
            (None, None) => units.read += total,
            (write, read) => {
                units.write += write.unwrap_or_default();
                units.read += read.unwrap_or_default();
            }
        }
    }
    if keep {
        return (answer, units);
    }
    match serde_json::to_vec(&members) {
        Ok(stripped) => (stripped.into(), units),
        Err(_) => (answer, units),
    }
}

/// Splits a batch in two halves, the first rounded down; `None` if the first would be empty.
fn split_batch(body: &[u8]) -> Option<(Bytes, Json)> {
    let mut request: Map<String, Json> = serde_json::from_slice(body).ok()?;
    let tables = request.get("RequestItems")?.as_object()?.clone();
    let parts: Vec<(&String, &Json)> = tables
        .iter()
        .flat_map(|(table, asked)| {
            let parts = asked.get("Keys").unwrap_or(asked).as_array();
            parts.into_iter().flatten().map(move |part| (table, part))
        })
        .collect();
    let (first, rest) = parts.split_at(parts.len() / 2);
    if first.is_empty() {
        return None;
    }
    request.insert("RequestItems".to_owned(), by_table(first, &tables));
    Some((Json::Object(request).to_string().into(), by_table(rest, &tables)))
}

/// The parts under their tables. Writes are all that is said of a table; keys stand beside what holds for them all.
fn by_table(parts: &[(&String, &Json)], asked: &Map<String, Json>) -> Json {
    let mut tables: BTreeMap<&String, Vec<&Json>> = BTreeMap::new();
    for (table, part) in parts {
        tables.entry(table).or_default().push(part);
    }
    let tables = tables.into_iter().map(|(table, parts)| {
        let whole = match asked.get(table) {
            Some(Json::Object(settings)) => {
                let mut settings = settings.clone();
                settings.insert("Keys".to_owned(), serde_json::json!(parts));
                Json::Object(settings)
            }
            _ => serde_json::json!(parts),
        };
        (table.clone(), whole)
    });
    Json::Object(tables.collect())
}
