//! A message is read, and stored unless the same one is stored already.

use books::{Books, Candidate, Filed, SealedAnswer};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Reply, Route};
use intake::Reader;
use kernel::{Code, Fault, Identifier, Scope, Violation};
use ledger::{Fact, Message, RawMessage, read};
use store::{Subject, UnitOfWork};

use crate::contract::{MOST_OCCURRENCES, RecordRequest, RecordedTransaction};

/// `POST /v1/transactions`.
pub struct RecordTransaction {
    /// What reads messages.
    pub reader: Reader,
    /// Where transactions are.
    pub books: Books,
}

/// A message of a person.
#[derive(Clone)]
pub struct NewMessage {
    user: Identifier,
    message: Message,
    occurrence: u32,
}

impl Endpoint for RecordTransaction {
    const ROUTE: Route = Route {
        name: "record-transaction",
        method: Method::Post,
        path: "/v1/transactions",
        siblings: &[Method::Get],
        demand: Demand::Scope(Scope::TransactionsWrite),
        body: Body::JSON,
        stores: true,
    };
    type Input = NewMessage;
    type Output = Json<SealedAnswer>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<NewMessage, Fault> {
        incoming.no_query()?;
        let RecordRequest { user_id, channel, message, sender, received_at, occurrence } = incoming.json()?;
        let accepted = RawMessage { channel, message, sender, received_at }.accept(call.now.wall);
        let user =
            Identifier::parse(&user_id).map_err(|error| vec![Violation::new("/user_id", "invalid", error.to_string())]);
        let occurrence = occurrence.unwrap_or(1);
        let times = if (1..=MOST_OCCURRENCES).contains(&occurrence) {
            Ok(occurrence)
        } else {
            Err(vec![Violation::new("/occurrence", "out_of_range", "must be from 1 to 1000")])
        };
        match (user, accepted, times) {
            (Ok(user), Ok(message), Ok(occurrence)) => Ok(NewMessage { user, message, occurrence }),
            (user, message, times) => {
                let broken = [user.err(), message.err(), times.err()];
                Err(Fault::validation(broken.into_iter().flatten().flatten().collect()))
            }
        }
    }

    /// The same message may be stored by two requests at once; the later one finds a duplicate.
    fn again(&self, new: &NewMessage) -> Option<NewMessage> {
        Some(new.clone())
    }

    async fn act(&self, call: &Call, new: NewMessage, work: &mut UnitOfWork) -> Result<Json<SealedAnswer>, Fault> {
        let NewMessage { user, message, occurrence } = new;
        let tenant = &call.principal.tenant;
        let zone = self.reader.zone(tenant, call.now).await?;
        let reading = read(&message, call.now.wall, &zone);
        let Some(parsed) = reading.parsed else {
            let taken_for = reading.outcome.as_str();
            return Err(Fault::new(
                Code::Unrecognised,
                format!("Nothing was stored. The message is taken for: {taken_for}."),
            ));
        };
        let book = self.books.open_or_begin(Subject { tenant: tenant.clone(), user }, call.now).await?;
        let candidate = Candidate { message, parsed, occurrence, origin: None };
        let filed = book.file(work, &[candidate], call.now.wall, |name| self.reader.guess(name)).await?;
        let duplicate = !matches!(filed.first(), Some(Filed::New(_)));
        let transaction = match filed.into_iter().next() {
            Some(Filed::New(transaction)) => *transaction,
            Some(Filed::Again(id) | Filed::Duplicate(id)) => {
                book.transaction(&id).await?.ok_or_else(|| Fault::unavailable("a message has no transaction"))?
            }
            None => return Err(Fault::internal("a candidate was not filed")),
        };
        let impacts = book.impacts(&[Fact::from(&transaction.facts)], &zone).await?.into_iter().flatten().collect();
        let answer = RecordedTransaction { duplicate, transaction: transaction.answer(impacts) };
        let sealed = SealedAnswer::new(&book, &answer)?;
        Ok(if duplicate {
            Json::ok(sealed).counting("duplicates", 1)
        } else {
            Json::created(sealed).counting("transactions", 1)
        })
    }

    async fn complete(&self, call: &Call, reply: Reply) -> Result<Reply, Fault> {
        let body = SealedAnswer::open(&reply.body, &self.books, &call.principal.tenant, call.now).await?;
        Ok(Reply { body, ..reply })
    }
}
