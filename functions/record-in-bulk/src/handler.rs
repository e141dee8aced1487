//! Rows are read one by one and stored in pieces; when the time is up, the answer says where to go on.

use bytes::Bytes;
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route, json};
use kernel::{Fault, Identifier, Scope, Violation};
use store::UnitOfWork;

use crate::{
    contract::{BulkAnswer, BulkRequest, MOST_MESSAGES},
    rows::{Filing, RowText, Shelves},
};

/// `POST /v1/transactions/bulk`.
pub struct RecordInBulk {
    /// What is filed into.
    pub shelves: Shelves,
}

/// Rows, as they were sent.
pub struct Bulk {
    body: Bytes,
    lines: bool,
    defaults: intake::RowDefaults,
    /// What makes a request sent again the same: its idempotency key.
    whole: String,
}

impl Endpoint for RecordInBulk {
    const ROUTE: Route = Route {
        name: "record-in-bulk",
        method: Method::Post,
        path: "/v1/transactions/bulk",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsWrite),
        body: Body::JsonOrLines(1024 * 1024),
        stores: true,
    };
    type Input = Bulk;
    type Output = Json<BulkAnswer>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Bulk, Fault> {
        incoming.no_query()?;
        let lines = incoming.is_lines();
        let (count, defaults) = if lines {
            (lines_of(incoming.body().unwrap_or_default()).count(), intake::RowDefaults::default())
        } else {
            let BulkRequest { user_id, channel, messages } = incoming.json()?;
            let user = user_id
                .map(|user| Identifier::parse(&user))
                .transpose()
                .map_err(|error| Fault::validation(vec![Violation::new("/user_id", "invalid", error.to_string())]))?;
            (messages.len(), intake::RowDefaults { user, channel })
        };
        if !(1..=MOST_MESSAGES).contains(&count) {
            let pointer = if lines { "" } else { "/messages" };
            let rule = Violation::new(pointer, "invalid_length", "must have 1 to 1000 messages");
            return Err(Fault::validation(vec![rule]));
        }
        let whole = incoming.header("idempotency-key").map_or_else(|| call.write.to_string(), str::to_owned);
        Ok(Bulk { body: incoming.shared_body(), lines, defaults, whole })
    }

    async fn act(&self, call: &Call, bulk: Bulk, _: &mut UnitOfWork) -> Result<Json<BulkAnswer>, Fault> {
        let mut filing = Filing::begin(&self.shelves, &Self::ROUTE, call, &bulk.defaults, &bulk.whole).await?;
        if bulk.lines {
            for line in lines_of(&bulk.body) {
                if !filing.take(RowText::Line(line)).await? {
                    break;
                }
            }
        } else {
            let BulkRequest { messages, .. } = json::parse(&bulk.body, "")?;
            for text in messages {
                if !filing.take(RowText::Element(text.get())).await? {
                    break;
                }
            }
        }
        let answer: BulkAnswer = filing.finish().await?;
        let (stored, rejected) = (answer.stored, answer.rejected.len());
        let complete = answer.complete;
        let reply = Json::ok(answer).counting("transactions", stored).counting("rejected", rejected);
        Ok(if complete { reply } else { reply.partial() })
    }
}

/// The lines that hold anything.
fn lines_of(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}
